"""What is left out on another runtime is what it lacks, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.selection import OUR_SIDE, has


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.131.0", False), ("0.142.0", True), ("0.163.0", True), ("0.171.0", False)],
)
def test_a_part_of_the_protocol_is_there_from_its_first_runtime_to_its_last(
    version: str, expected: bool
) -> None:
    assert has(version, "currentTime/read") == expected


def test_what_never_was_in_the_protocol_is_a_mistake_of_the_test() -> None:
    with pytest.raises(KeyError):
        has("0.163.0", "no/such/method")


def test_files_that_are_not_of_the_core_are_there() -> None:
    assert all(Path(__file__).with_name(name).is_file() for name in OUR_SIDE)
