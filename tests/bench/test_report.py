"""What a benchmark's report says, and when it fails the run."""

from __future__ import annotations

from tests.bench.report import STALLS, Report, Row, as_markdown


def test_a_ratio_above_its_limit_is_a_complaint() -> None:
    row = Row("import", "ms", peer=200.0, ours=80.0, share=0.35)
    assert row.complaint() == "import: 0.40 of the peer's, allowed is 0.35"


def test_a_ratio_at_its_limit_is_allowed() -> None:
    assert Row("import", "ms", peer=200.0, ours=100.0, share=0.5).complaint() is None


def test_a_value_above_its_limit_is_a_complaint_whatever_the_peers_is() -> None:
    row = Row("growth", "MB", peer=500.0, ours=10.5, limit=10.0)
    assert row.complaint() == "growth: 10.5 MB, allowed is 10 MB"


def test_a_value_at_its_limit_is_allowed() -> None:
    assert Row("growth", "MB", peer=1.0, ours=10.0, limit=10.0).complaint() is None


def test_a_row_without_limits_is_never_a_complaint() -> None:
    assert Row("close", "ms", peer=1.0, ours=900.0).complaint() is None


def test_to_stall_is_a_complaint_even_without_limits() -> None:
    assert Row("crowd", "ms", peer=1.0, ours=STALLS).complaint() == "crowd: ours stalls"


def test_a_line_puts_ours_beside_the_peers_with_ratio_limit_and_floor() -> None:
    row = Row("import", "ms", peer=200.0, ours=50.0, floor=12.345, share=0.35)
    assert row.as_markdown() == "| import | ms | 200 | 50 | 0.25 | ≤ 0.35 | 12.3 |"


def test_a_peer_that_stalls_leaves_a_limit_unproved() -> None:
    complaint = Row("a", "ms", peer="stalls", ours=1.0, share=0.5).complaint()
    assert complaint == "a: the peer stalls, so there is nothing to compare with"
    assert Row("a", "ms", peer="stalls", ours=1.0, limit=2.0).complaint() is None


def test_an_aim_that_was_missed_stands_beside_what_holds() -> None:
    row = Row("round trip", "µs", peer=60.0, ours=60.0, share=1.2, aim=0.8)
    assert row.complaint() is None
    assert row.as_markdown() == "| round trip | µs | 60 | 60 | 1.00 | ≤ 1.20 (aim 0.80) |  |"


def test_a_line_with_a_limit_of_its_own_has_no_ratio() -> None:
    row = Row("growth", "MB", peer=0.01, ours=1.0, limit=10.0)
    assert row.as_markdown() == "| growth | MB | 0.01 | 1 |  | ≤ 10 MB |  |"


def test_a_line_says_who_stalls_and_what_was_not_measured() -> None:
    stalls = Row("request", "ms", peer=STALLS, ours=0.5)
    assert stalls.as_markdown() == "| request | ms | stalls | 0.5 |  |  |  |"
    unmeasured = Row("request", "ms", peer=None, ours=0.5)
    assert unmeasured.as_markdown() == "| request | ms | – | 0.5 |  |  |  |"


def test_large_values_are_written_whole() -> None:
    assert "| 50,005 |" in Row("events", "", peer=1.0, ours=50005.0).as_markdown()


def test_all_reports_stand_in_one_table_with_their_notes_below() -> None:
    rows = [Row("a", "ms", peer=1.0, ours=1.0)]
    text = as_markdown([Report("First", "of one.", rows), Report("Second", "of two.", rows)])
    lines = text.splitlines()
    line = rows[0].as_markdown()
    assert lines[2:] == [
        *("| **First** | | | | | | |", line),
        *("| **Second** | | | | | | |", line),
        "",
        *("- **First**: of one.", "- **Second**: of two."),
    ]
    assert {line.count("|") for line in lines[:6]} == {8}
