"""The scenes of the examples about turns: what is said, how, and how many at once."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from openai_codex.testing import Reply

from tests.docs.examples.scene import Run, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openai_codex.testing import ModelRequest

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)

REVIEW = {
    "issues": [
        {"file": "a.py", "line": 3, "severity": 4, "summary": "It crashes."},
        {"file": "b.py", "line": None, "severity": 1, "summary": "It is long."},
    ],
    "verdict": "Not yet.",
}

STRUCTURED = """\
a.py:3 [4] It crashes.
b.py:? [1] It is long.
Not yet.
2 files, 40 lines
- small
- young
- bold
"""

SELECTION = """\
...GPT-5.5, efforts: low, medium, high, xhigh
low: 391.
xhigh: Yes.
"""

TRANSLATIONS = """\
Danish: in Danish
Estonian: in Estonian
Finnish: (turn ... failed: ...no Finnish...)
Greek: in Greek
Hungarian: in Hungarian
Icelandic: in Icelandic
"""


def shown(asked: Sequence[ModelRequest], folder: Path) -> None:
    [url] = re.findall(r"data:image/png;base64,[\w+/=]+", str(asked[0].input))
    assert base64.b64decode(url.partition(",")[2]).startswith(b"\x89PNG")


def told_everything(asked: Sequence[ModelRequest], folder: Path) -> None:
    first, second = (request.body for request in asked)
    assert first["reasoning"].items() >= {"effort": "low", "summary": "concise"}.items()
    assert list(first["text"]["format"]["schema"]["properties"]) == ["files"]
    assert first["model"] == second["model"]
    assert list(second["text"]["format"]["schema"]["properties"]) == ["value"]


def thought_more(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert [request.body["model"] for request in asked] == ["gpt-5.5"] * 2
    assert [request.body["reasoning"]["effort"] for request in asked] == ["low", "xhigh"]


def translate(request: ModelRequest) -> Reply | str:
    """Translate into all languages but one."""
    if "Finnish" in request.prompt:
        return Reply.failure(400, "I know no Finnish.")
    return "in " + request.prompt.removeprefix("Translate into ").partition(":")[0]


def on_threads_of_their_own(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert len({request.thread_id for request in asked}) == len(asked) == 6


def steered(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert asked[1].prompt == "Make that two lines, about mountains."
    assert asked[2].prompt == "Now count from 1 to 1000, in words."


SCENES: Mapping[str, tuple[Scene, ...]] = {
    "image_input": (Scene((Run("Teal.\n"),), script=["Teal."], check=shown),),
    "local_image": (
        Scene(
            (Run("A dot.\n", arguments=("dot.png",)),),
            files={"dot.png": PIXEL},
            script=["A dot."],
            check=shown,
        ),
        Scene(
            (
                Run("", exit_code=1, complains="usage: python ...local_image....py IMAGE\n"),
                Run("", ("none.png",), exit_code=1, complains="...none.png is no file\n"),
            ),
            with_account=False,
        ),
    ),
    "turn_options": (
        Scene(
            (Run("3\nFalse\n"),),
            script=['{"files": 3}', '{"value": false}'],
            check=told_everything,
        ),
    ),
    "model_selection": (
        Scene(
            (Run(SELECTION, arguments=("gpt-5.5",)),),
            script=["391.", "Yes."],
            check=thought_more,
            with_account=False,
        ),
        Scene((Run("..., efforts: low...\nlow: 391.\n...: Yes.\n"),), script=["391.", "Yes."]),
        Scene(
            (
                Run(
                    "",
                    arguments=("gpt-0",),
                    exit_code=1,
                    complains="There is no gpt-0; there are ...gpt-5.5....\n",
                ),
            ),
            with_account=False,
        ),
    ),
    "structured_output": (
        Scene(
            (Run(STRUCTURED),),
            script=[
                '{"issues": "many"}',  # which it is asked for again
                json.dumps(REVIEW),
                '{"files": 2, "lines": 40}',
                '{"value": ["small", "young", "bold"]}',
            ],
        ),
    ),
    "steer": (
        Scene(
            (Run("completed: Peaks.\ninterrupted: one two three...\n"),),
            script=[
                Reply.text("The sea is wide. " * 40, delay=0.05),
                "Peaks.",
                Reply.text("one two three four five six seven eight nine ten " * 40, delay=0.05),
            ],
            check=steered,
        ),
    ),
    "many_turns": (Scene((Run(TRANSLATIONS),), script=translate, check=on_threads_of_their_own),),
}
