"""What a benchmark's report says, and when it fails the run."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.report import Column, Report, Row

TIME = Column("milliseconds", "time (ms)")


def report_of(row: Row) -> Report:
    """Compare one row with a peer that takes 200 ms."""
    peer = Row("peer", {"milliseconds": 200.0})
    return Report(title="Import", note="", columns=[TIME], peer=peer, rows=[row])


def row_of(milliseconds: float, limits: Mapping[str, float]) -> Row:
    """Make a row of our own."""
    return Row("ours", {"milliseconds": milliseconds}, limits)


def test_a_value_above_its_limit_is_reported_with_share_and_limit() -> None:
    report = report_of(row_of(80.0, {"milliseconds": 0.35}))
    assert report.exceeded() == ["ours: time (ms) is 0.40 of the peer's, allowed is 0.35"]


def test_a_value_at_its_limit_is_allowed() -> None:
    assert report_of(row_of(100.0, {"milliseconds": 0.5})).exceeded() == []


def test_a_row_without_limits_is_never_exceeded() -> None:
    assert report_of(row_of(900.0, {})).exceeded() == []


def test_the_table_puts_each_value_beside_its_share_of_the_peers() -> None:
    table = report_of(row_of(50.0, {})).as_markdown()
    assert "| ours | 50.0 | 0.25 |" in table.splitlines()
