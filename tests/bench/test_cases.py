"""What the cases report, with the measurements made up: above all, what limits they hold us to."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bench.__main__ import CASES, conclude, parse
from tests.bench.contestants import Contestants, Sides
from tests.bench.report import Report, Row

SHARES = {
    "`import openai_codex`, time": 0.30,
    "the same, memory": 0.70,
    "`from openai_codex import Codex, AsyncCodex`, time": 0.30,
    "cold process, sync, wall": 0.6,
    "cold process, async, wall": 0.6,
    "round trip, `models()`, sync, p50 wall": 1.2,
    "round trip, `models()`, async, p50 wall": 0.6,
    "typed stream, sync, CPU an event": 0.45,
    "typed stream, async, CPU an event": 0.08,
    "`run()`, sync, CPU an event": 0.30,
    "`run()`, async, CPU an event": 0.05,
}
AIMS = {"round trip, `models()`, sync, p50 wall": 0.8}
LIMITS = {
    "request beside 10,000 idle async streams, p99 wall": 10,
    "request beside 10,000 idle sync streams, p99 wall": 10,
    "growth, deltas of an open turn, sync": 10,
    "growth, deltas of an open turn, async": 10,
    "growth, of no turn, sync": 10,
    "growth, of no turn, async": 10,
}


class Imagined(Contestants):
    """Measures nothing: every figure is 2 at ours and 1 at the peer's."""

    def compare(self, command: Sequence[object], **options: Any) -> Sides:
        return Sides(peer=defaultdict(lambda: 1.0), ours=defaultdict(lambda: 2.0), floor={})


IMAGINED = Imagined(ours=Path(sys.executable), peer=Path(sys.executable), repetitions=1)


def test_every_row_has_its_limit_and_no_other() -> None:
    rows = [row for case in CASES.values() for row in case.compare(IMAGINED).rows]
    assert {row.name: row.share for row in rows if row.share is not None} == SHARES
    assert {row.name: row.limit for row in rows if row.limit is not None} == LIMITS
    assert {row.name: row.aim for row in rows if row.aim is not None} == AIMS


def test_every_report_says_under_which_conditions() -> None:
    assert all(case.compare(IMAGINED).note.endswith(".") for case in CASES.values())


def test_an_exceeded_limit_is_printed_and_is_the_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [Row("good", "ms", 1.0, 0.1, share=0.5), Row("bad", "ms", 1.0, 0.9, share=0.5)]
    assert conclude([Report("Case", "a note.", rows)]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "LIMIT EXCEEDED: bad: 0.90 of the peer's, allowed is 0.50"


def test_the_exit_code_is_0_when_all_limits_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert conclude([Report("Case", "a note.", [Row("good", "ms", 1.0, 0.1, share=0.5)])]) == 0
    assert "LIMIT EXCEEDED" not in capsys.readouterr().out


def test_the_findings_are_written_as_json(tmp_path: Path) -> None:
    conclude(
        [Report("Case", "a note.", [Row("bad", "ms", "stalls", 9.0, limit=1.0)])], tmp_path / "f"
    )
    document = json.loads((tmp_path / "f").read_text(encoding="utf-8"))
    assert document["reports"][0]["rows"][0]["peer"] == "stalls"
    assert document["exceeded"] == ["bad: 9 ms, allowed is 1 ms"]


def test_a_case_that_does_not_exist_is_refused_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse(["--peer=python", "import", "nonsense"])
    assert "no such case: nonsense" in capsys.readouterr().err


def test_the_command_line_names_cases_repetitions_and_a_file() -> None:
    options = parse(["--peer=python", "import", "--repetitions", "3", "--json", "f"])
    assert (options.cases, options.repetitions, options.json) == (["import"], 3, Path("f"))
