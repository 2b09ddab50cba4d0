"""How benchmarks take their measurements."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.contestants import Contestants, Measured, Sides, Subject, measure_in_turns
from tests.bench.report import STALLS, Row

PYTHON = Path(sys.executable)

# Appends its name to a log and measures how long the log has become.
LOGGER = """
import sys
with open(sys.argv[1], "a") as log:
    log.write(sys.argv[2])
print('{"size": %d}' % len(open(sys.argv[1]).read()))
"""


class Stalling(Subject):
    """A subject that leaves its name in a log and stalls."""

    def measure(self) -> Measured:
        logging_subject(Path(self.command[0]), "s").measure()
        return None


def logging_subject(log: Path, name: str) -> Subject:
    """Make a subject that leaves its name in a log."""
    return Subject(PYTHON, ("-W", "ignore", "-c", LOGGER, str(log), name))


def sizes(subjects: list[Subject], repetitions: int) -> list[float | None]:
    """Measure and return the medians of the size of the log."""
    medians = measure_in_turns(subjects, repetitions)
    return [None if median is None else median["size"] for median in medians]


def test_subjects_are_measured_in_turns_after_a_round_that_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert sizes([logging_subject(log, "a"), logging_subject(log, "b")], 3) == [5, 6]
    assert log.read_text(encoding="utf-8") == "abababab"


def test_a_subject_that_stalls_is_measured_once_and_the_others_go_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert sizes([Stalling(PYTHON, (str(log),)), logging_subject(log, "a")], 2) == [None, 3.5]
    assert log.read_text(encoding="utf-8") == "saaa"


def test_a_process_that_is_not_done_in_time_stalls() -> None:
    script = "import threading; threading.Event().wait()"
    assert Subject(PYTHON, ("-c", script), deadline=0.1).measure() is None


def test_the_wall_time_of_the_whole_process_is_measured_too() -> None:
    measured = Subject(PYTHON, ("-c", "print('{}')")).measure()
    assert measured is not None
    assert measured["process"] > 0


def test_a_subject_gets_the_environment_it_was_given() -> None:
    script = "import os; print('{\"value\": %s}' % os.environ['VALUE'])"
    measured = Subject(PYTHON, ("-c", script), environment={"VALUE": "7"}).measure()
    assert measured is not None
    assert measured["value"] == 7


def test_a_script_that_fails_is_no_measurement() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        Subject(PYTHON, ("-c", "raise SystemExit(3)")).measure()


def test_both_sides_and_the_floor_are_compared(tmp_path: Path) -> None:
    log = tmp_path / "log"
    contestants = Contestants(ours=PYTHON, peer=PYTHON, repetitions=1)
    sides = contestants.compare(("-c", LOGGER, log, "x"), floor=("-c", LOGGER, log, "."))
    assert log.read_text(encoding="utf-8") == "xx.xx."
    assert sides.row("log", "", "size").ours == 4.0
    assert sides.row("log", "", "size").floor == 6.0


def test_the_peer_can_be_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    contestants = Contestants(ours=PYTHON, peer=tmp_path / "no python", repetitions=1)
    sides = contestants.compare(("-c", LOGGER, log, "x"), ours_alone=True)
    assert sides.row("log", "", "size") == Row("log", "", peer=None, ours=2.0)


def test_a_row_says_which_side_stalled() -> None:
    sides = Sides(peer=None, ours={"wall": 2}, floor={"cpu": 1})
    assert sides.row("trip", "µs", "wall") == Row("trip", "µs", peer=STALLS, ours=2.0)
