"""The scenes of the first examples that people read."""

from __future__ import annotations

from collections.abc import Mapping

from openai_codex.testing import Reply

from tests.docs.examples.scene import Scene

SCENES: Mapping[str, tuple[Scene, ...]] = {
    "quickstart": (
        Scene(
            script=("It is empty.",),
            prints="It is empty.\n",
        ),
    ),
    "run": (
        Scene(
            files={"notes.txt": b"Buy milk."},
            script=(
                Reply.text("I will look.", phase="commentary") + Reply.command("cat notes.txt"),
                Reply.text("A shopping list.", phase="final_answer").with_usage(
                    input_tokens=40, output_tokens=7
                ),
            ),
            prints="""\
status: completed
- userMessage
- said meanwhile: I will look.
- ran ...cat notes.txt...: exit code 0
- agentMessage
answer: A shopping list.
time: ... ms
tokens: 50 in, 12 out
""",
        ),
    ),
    "stream": (
        Scene(
            script=(
                Reply.reasoning("Counting.") + Reply.command("echo 0"),
                Reply.patch("*** Begin Patch\n*** Add File: count.txt\n+0\n*** End Patch"),
                "There are none.",
            ),
            prints="""\
[thinking]
[running] ...echo 0...
[exit code 0]
[changed] ...count.txt
There are none.
[completed after ... ms]
""",
        ),
    ),
}
