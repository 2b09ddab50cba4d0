"""One finished release, staged from stand-ins once for all tests of a process.

It takes some 20 s on two free processors, and each of xdist's workers makes its own: tests that
use it are in few files, and have `pytest.mark.timeout(300)`.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from codex_generator.release.pipeline import Release, stage_release
from codex_generator.release.platforms import PLATFORMS
from codex_generator.release.progress import Board
from rich.console import Console

from tests.release.stand_ins import RELEASE, packages

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def board() -> Board:
    """Give a board that shows nothing."""
    return Board(Console(file=io.StringIO()))


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Give a release for all platforms, whose packages have been fetched."""
    package_of = packages(tmp_path_factory.mktemp("packages"))
    return Release(REPOSITORY, RELEASE, PLATFORMS, package_of)


@pytest.fixture(scope="session")
def dist(release: Release, board: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of its finished files: copy what is to be changed, and change nothing."""
    folder = tmp_path_factory.mktemp("finished") / "dist"
    stage_release(release, folder, board)
    return folder
