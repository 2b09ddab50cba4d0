"""The scenes of all examples, by subject, and the programs that are to play them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from openai_codex.testing import IsolatedHome

from tests.docs.examples import conversations, decisions, first_steps, surroundings, turns
from tests.docs.examples.scene import EXAMPLES, Scene

SCENES: dict[str, tuple[Scene, ...]] = {
    **first_steps.SCENES,
    **conversations.SCENES,
    **turns.SCENES,
    **decisions.SCENES,
    **surroundings.SCENES,
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


def own_tests(*, is_async: bool) -> list[object]:
    """Find the tests of one half that are examples themselves, as parameters of a test."""
    found = sorted(EXAMPLES.glob("test_*.py"))
    return [
        pytest.param(path, id=path.stem) for path in found if path.stem.endswith(ASYNC) == is_async
    ]


def play(program: Path, scene: Scene | None) -> None:
    """Run an example, and see whether it does what its scene says."""
    assert scene is not None, f"nothing says what {program.name} has to print: give it a scene"
    scene.play(program)


def run_tests(program: Path) -> None:
    """Run tests as their user would, and see that there are some and that they pass."""
    with IsolatedHome() as home:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", program],
            cwd=home.workspace,
            env=home.process_env,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"=== 3 passed in ", ended.stdout)
