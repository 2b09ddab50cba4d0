"""What is left out on another runtime is named where it is left out."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.selection import OUR_SIDE


def test_files_that_are_not_of_the_core_are_there() -> None:
    assert all(Path(__file__).with_name(name).is_file() for name in OUR_SIDE)
