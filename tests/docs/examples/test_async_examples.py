"""The async examples do what they promise, on the real runtime."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.examples.scene import Scene
from tests.docs.examples.scenes import play, plays, run_tests, tests


@pytest.mark.parametrize(("program", "scene"), plays(is_async=True))
def test_async_example(program: Path, scene: Scene | None) -> None:
    play(program, scene)


@pytest.mark.parametrize("program", tests(is_async=True))
def test_async_tests_of_an_example(program: Path) -> None:
    run_tests(program)
