"""The scenes of all examples, by subject, and the programs that are to play them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.examples import conversations, decisions, first_steps, turns
from tests.docs.examples.scene import EXAMPLES, Scene

SCENES: dict[str, tuple[Scene, ...]] = {
    **first_steps.SCENES,
    **conversations.SCENES,
    **turns.SCENES,
    **decisions.SCENES,
}

ASYNC = "_async"
"""What the name of an async example has after that of its subject."""


def plays(*, is_async: bool) -> list[object]:
    """Pair each example of one half with each scene of its subject, as parameters of a test.

    An example without scenes is paired with none, for the test to complain of.
    """
    found: list[object] = []
    for program in sorted(EXAMPLES.glob("[!_]*.py")):
        if program.stem.startswith("test_") or program.stem.endswith(ASYNC) != is_async:
            continue
        scenes = SCENES.get(program.stem.removesuffix(ASYNC), (None,))
        for number, scene in enumerate(scenes, start=1):
            name = program.stem if len(scenes) == 1 else f"{program.stem}-{number}"
            found.append(pytest.param(program, scene, id=name))
    return found


def play(program: Path, scene: Scene | None) -> None:
    """Run an example, and see whether it does what its scene says."""
    assert scene is not None, f"nothing says what {program.name} has to print: give it a scene"
    scene.play(program)
