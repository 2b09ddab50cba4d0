"""The scenes of the first examples that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_codex.testing import Reply

from tests.docs.examples.scene import Run, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openai_codex.testing import ModelRequest

RUN = """\
status: completed
- userMessage
- said meanwhile: I will look.
- ran ...cat notes.txt...: exit code 0
- agentMessage
answer: A shopping list.
time: ... ms
tokens: 50 in, 12 out
"""

STREAM = """\
[thinking]
[running] ...echo 0...
[exit code 0]
[changed] ...count.txt
There are none.
[completed after ... ms]
"""

MODELS = """\
Codex app-server 0... on ...
configuration, logins and threads: ...codex
* gpt-...: ... Efforts: ...low, medium, high....
...
  gpt-5.5: ... Efforts: ...low, medium, high....
"""


def changed(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert (folder / "count.txt").read_text(encoding="utf-8") == "0\n"


def remembered(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert [request.prompt for request in asked] == ["Hello.", "And now?"]
    assert "Hello to you." in str(asked[1].input)


SCENES: Mapping[str, tuple[Scene, ...]] = {
    "quickstart": (Scene((Run("It is empty.\n"),), script=["It is empty."]),),
    "run": (
        Scene(
            (Run(RUN),),
            files={"notes.txt": b"Buy milk."},
            script=[
                Reply.text("I will look.", phase="commentary") + Reply.command("cat notes.txt"),
                Reply.text("A shopping list.", phase="final_answer").with_usage(
                    input_tokens=40, output_tokens=7
                ),
            ],
        ),
    ),
    "stream": (
        Scene(
            (Run(STREAM),),
            script=[
                Reply.reasoning("Counting.") + Reply.command("echo 0"),
                Reply.patch("*** Begin Patch\n*** Add File: count.txt\n+0\n*** End Patch"),
                "There are none.",
            ],
            check=changed,
        ),
    ),
    "models": (Scene((Run(MODELS),)),),
    "chat": (
        Scene(
            (Run("> Hello to you.\n> Still here.\n> \n", types=("Hello.", "And now?")),),
            script=["Hello to you.", "Still here."],
            check=remembered,
        ),
        Scene(
            (Run("> \n(turn ... failed: ...too much...)\n> Better.\n> ", types=("A.", "B.", "")),),
            script=[Reply.failure(400, "too much"), "Better."],
            with_account=False,
        ),
    ),
}
