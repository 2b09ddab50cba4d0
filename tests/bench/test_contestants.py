"""How benchmarks take their measurements."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.cases.imports import PROBE
from tests.bench.contestants import Subject, measure_in_turns

# Appends its name to a log and measures how long the log has become.
LOGGER = """
import sys
with open(sys.argv[1], "a") as log:
    log.write(sys.argv[2])
print('{"size": %d}' % len(open(sys.argv[1]).read()))
"""


def logging_subject(log: Path, name: str) -> Subject:
    """Make a subject that leaves its name in a log."""
    return Subject(name, Path(sys.executable), ("-W", "ignore", "-c", LOGGER, str(log), name))


def test_subjects_are_measured_in_turns_after_a_round_that_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    medians = measure_in_turns([logging_subject(log, "a"), logging_subject(log, "b")], 3)
    assert log.read_text(encoding="utf-8") == "abababab"
    assert medians == [{"size": 5}, {"size": 6}]


def test_the_import_probe_measures_time_and_memory() -> None:
    measured = Subject("probe", Path(sys.executable), (str(PROBE), "import json")).measure()
    assert measured["milliseconds"] > 0
    assert measured["megabytes"] > 1


def test_a_statement_that_fails_is_no_measurement() -> None:
    subject = Subject("probe", Path(sys.executable), (str(PROBE), "import no_such_module"))
    with pytest.raises(subprocess.CalledProcessError):
        subject.measure()
