"""What each code cell of the walkthrough has to print, by the cell's id."""

from __future__ import annotations

from typing import Final

EXPECTED: Final = {
    "account": "",
    "setup": "",
    "metadata": "runtime: 0...\nmodel: ... (default)\nmodel: ...\nmodel: ...\n",
    "turn": "I am Codex, played by a script.\n",
    "items-of-a-turn": """\
item: userMessage
message: I will look.
command: ...cat hello.py... -> 0
hello.py
print(42)
...
message: There is hello.py, and it prints 42.
""",
    "usage": "status: completed\ntokens in: 20 out: 10\n",
    "text-stream": "A python who lived in a shell\nWrote programs remarkably well.",
    "event-stream": """\
item/started
item/completed
item/started
item/completed
item/started
item/completed
turn/completed
It printed 42.
""",
    "image": "It is teal.\n",
    "tool": "Yes: it rains in Lyon.\n",
    "output": "Lyon (France)\nTurin (Italy)\nGraz (Austria)\n",
    "approval": """\
Done.
asked for: the command ...date > today.txt... (because: I must write a file.)
written: True
""",
    "timeout": "too slow: 2 s, and now it is interrupted\n",
    "wrong-call": "InvalidArgumentError - the input is empty: ...\n",
    "gather": "['You said: Say 1.', 'You said: Say 2.', 'You said: Say 3.']\n",
    "resumed": "It is 17.\n",
    "forked": "turns in the original: 2\nturns in the copy: 3\n",
    "close": "cleaned up: True\n",
}
"""``...`` stands for any text."""
