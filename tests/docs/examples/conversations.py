"""The scenes of the examples about threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.docs.examples.scene import Run, Scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openai_codex.testing import ModelRequest

LIFECYCLE = """\
newest: Names for a cat
copy: Kit.
turns in the copy: 2
compacted: completed
both archived: True
back: Mia.
"""

HISTORY = """\
newest thread here: Say the number 1, and nothing else.
turn: completed, 2 items
turn: completed, 2 items
turn: completed, 2 items
item: agentMessage
item: userMessage
whole: 3 turns
"""

GOALS = """\
paused: Every function here has a docstring. (0 of 50000 tokens)
Nothing.
complete: Every function here has a docstring. (0 of 50000 tokens)
given up: True
goal now: None
"""


def the_id(printed: str) -> tuple[str, ...]:
    """Find the id in what the example printed, where it says how to go on."""
    return (printed.split()[-1],)


def resumed(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert "My favourite colour is teal." in str(asked[1].input)
    assert asked[0].thread_id == asked[1].thread_id


def forked(asked: Sequence[ModelRequest], folder: Path) -> None:
    original, copy, _, brought_back = asked
    assert original.thread_id == brought_back.thread_id != copy.thread_id
    assert "Tom." in str(copy.input)
    assert "Kit." not in str(brought_back.input)


SCENES: Mapping[str, tuple[Scene, ...]] = {
    "resume": (
        Scene(
            (
                Run("OK.\nTo go on: python ...resume....py ...-...\n"),
                Run("Teal.\nTo go on: python ...resume....py ...-...\n", arguments=the_id),
            ),
            script=["OK.", "Teal."],
            check=resumed,
        ),
        Scene(
            (
                Run(
                    "",
                    arguments=("01a1f998-0000-7000-8000-000000000000",),
                    exit_code=1,
                    complains="thread/resume: ...\n",
                ),
            ),
            with_account=False,
        ),
    ),
    "lifecycle": (
        Scene(
            (Run(LIFECYCLE),), script=["Tom.", "Kit.", "All that was said.", "Mia."], check=forked
        ),
    ),
    "history": (Scene((Run(HISTORY),), script=["1", "2", "3"]),),
    "goals": (Scene((Run(GOALS),), script=["Nothing."]),),
}
