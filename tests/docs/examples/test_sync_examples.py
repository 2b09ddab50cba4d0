"""The sync examples do what they promise, on the real runtime."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.examples.scene import Scene
from tests.docs.examples.scenes import own_tests, play, plays, run_tests


@pytest.mark.parametrize(("program", "scene"), plays(is_async=False))
def test_sync_example(program: Path, scene: Scene | None) -> None:
    play(program, scene)


@pytest.mark.parametrize("program", own_tests(is_async=False))
def test_sync_tests_of_an_example(program: Path) -> None:
    run_tests(program)
