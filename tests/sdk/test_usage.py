"""How many tokens a turn used, told by the reports of its thread's totals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from codex_app_server_types import ThreadTokenUsage
from openai_codex import Notification
from openai_codex.results import TurnCollector
from openai_codex.usage import MAX_THREADS, UsageLedger, used_since

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue, TokenUsageBreakdown

REPORT = "thread/tokenUsage/updated"


def counts(read: int, written: int) -> dict[str, JsonValue]:
    return {
        "totalTokens": read + written,
        "inputTokens": read,
        "cachedInputTokens": 0,
        "outputTokens": written,
        "reasoningOutputTokens": 0,
    }


def usage(total: tuple[int, int], last: tuple[int, int]) -> dict[str, JsonValue]:
    return {"total": counts(*total), "last": counts(*last), "modelContextWindow": 1000}


def report(
    turn: str, total: tuple[int, int], last: tuple[int, int], thread: str = "T"
) -> Notification:
    """Report tokens that the model read and wrote: in the thread, and in its last request."""
    params: JsonValue = {"threadId": thread, "turnId": turn, "tokenUsage": usage(total, last)}
    return Notification(REPORT, params)


def ledger(*reports: Notification) -> UsageLedger:
    kept = UsageLedger()
    for each in reports:
        kept.note(each)
    return kept


def used(before: dict[str, int] | None, *reports: Notification) -> TokenUsageBreakdown | None:
    """Collect a turn of these reports, and tell what it says that it used."""
    collector = TurnCollector("T", "new", before)
    for each in reports:
        collector.add(each)
    return collector.so_far().turn_usage


def read_and_written(breakdown: TokenUsageBreakdown | None) -> tuple[int, int, int]:
    assert breakdown is not None
    return breakdown.input_tokens, breakdown.output_tokens, breakdown.total_tokens


def test_the_first_turn_of_a_fresh_thread_used_all_of_it() -> None:
    reports = [report("new", (10, 5), (10, 5)), report("new", (30, 12), (20, 7))]

    before = ledger().before("T", "new")

    assert before is None
    assert read_and_written(used(before, *reports)) == (30, 12, 42)


def test_the_next_turn_used_what_it_added() -> None:
    kept = ledger(report("old", (10, 5), (10, 5)), report("old", (30, 12), (20, 7)))

    before = kept.before("T", "new")

    assert before == counts(30, 12)
    assert read_and_written(used(before, report("new", (70, 15), (40, 3)))) == (40, 3, 43)


def test_a_turn_whose_reports_came_before_its_start_was_answered_used_as_much() -> None:
    kept = ledger(
        report("old", (30, 12), (20, 7)),
        report("new", (70, 15), (40, 3)),
        report("new", (120, 20), (50, 5)),
    )

    assert kept.before("T", "new") == counts(30, 12)


def test_a_turn_of_a_thread_that_was_not_known_used_what_its_first_report_added() -> None:
    kept = ledger(report("new", (70, 15), (40, 3)), report("new", (120, 20), (50, 5)))

    assert kept.before("T", "new") == counts(30, 12)


def test_a_resumed_thread_repeats_its_last_report_and_its_next_turn_does_not_count_that() -> None:
    kept = ledger(report("old", (30, 12), (20, 7)))

    before = kept.before("T", "new")

    assert read_and_written(used(before, report("new", (70, 15), (40, 3)))) == (40, 3, 43)


def test_a_report_that_is_repeated_changes_nothing() -> None:
    repeated = report("old", (30, 12), (20, 7))

    kept = ledger(repeated, repeated, repeated)

    assert kept.before("T", "old") == counts(10, 5)
    assert kept.before("T", "new") == counts(30, 12)


def test_a_compaction_repeats_the_totals_and_is_not_counted_for_what_others_used() -> None:
    kept = ledger(report("old", (30, 12), (20, 7)))
    reports = [
        report("new", (30, 12), (20, 7)),  # before the compaction
        report("new", (60, 22), (30, 10)),
        report("new", (65, 24), (5, 2)),
    ]

    before = kept.before("T", "new")

    assert read_and_written(used(before, *reports)) == (35, 12, 47)
    assert ledger(report("old", (30, 12), (20, 7)), *reports).before("T", "new") == before


def test_a_turn_that_used_nothing_of_its_own_used_nothing() -> None:
    assert read_and_written(
        used(
            {"inputTokens": 30, "outputTokens": 12, "totalTokens": 42},
            report("new", (30, 12), (20, 7)),
        )
    ) == (0, 0, 0)


def test_a_turn_without_reports_says_nothing_of_its_usage() -> None:
    assert used({"totalTokens": 42}) is None


def test_threads_are_kept_apart() -> None:
    kept = ledger(
        report("a", (10, 1), (10, 1), "one"),
        report("b", (20, 2), (20, 2), "two"),
        report("a", (30, 3), (20, 2), "one"),
    )

    assert kept.before("one", "c") == counts(30, 3)
    assert kept.before("two", "c") == counts(20, 2)
    assert kept.before("three", "c") is None


def test_without_knowledge_of_the_thread_the_first_report_tells_what_was_before() -> None:
    first = ThreadTokenUsage.from_wire(usage((70, 15), (40, 3)))
    last = ThreadTokenUsage.from_wire(usage((120, 20), (50, 5)))

    assert read_and_written(used_since(None, first, last)) == (90, 8, 98)
    assert read_and_written(used_since(None, first, first)) == (40, 3, 43)


def test_all_kinds_of_tokens_are_told_apart() -> None:
    def breakdown(*numbers: int) -> dict[str, JsonValue]:
        names = ("totalTokens", "inputTokens", "cachedInputTokens", "cacheWriteInputTokens")
        others = ("outputTokens", "reasoningOutputTokens")
        return dict(zip((*names, *others), numbers, strict=True))

    first = ThreadTokenUsage.from_wire(
        {"total": breakdown(100, 60, 30, 4, 40, 10), "last": breakdown(9, 6, 3, 1, 3, 2)}
    )
    last = ThreadTokenUsage.from_wire(
        {"total": breakdown(250, 150, 70, 9, 100, 33), "last": breakdown(1, 1, 1, 1, 1, 1)}
    )
    before = {
        "totalTokens": 50,
        "inputTokens": 30,
        "cachedInputTokens": 10,
        "cacheWriteInputTokens": 2,
        "outputTokens": 20,
        "reasoningOutputTokens": 5,
    }

    assert used_since(before, first, last).to_wire() == breakdown(200, 120, 60, 7, 80, 28)
    assert used_since(None, first, last).to_wire() == breakdown(159, 96, 43, 6, 63, 25)


def test_a_kind_of_tokens_that_was_not_reported_before_counts_from_zero() -> None:
    first = ThreadTokenUsage.from_wire(
        {"total": {**counts(10, 5), "cacheWriteInputTokens": 8}, "last": counts(10, 5)}
    )

    assert used_since({"inputTokens": 4}, first, first).cache_write_input_tokens == 8
    assert used_since({"inputTokens": 4}, first, first).input_tokens == 6


def test_the_threads_that_reported_longest_ago_are_forgotten() -> None:
    kept = ledger(*(report("a", (n, 0), (n, 0), f"T{n}") for n in range(MAX_THREADS)))
    kept.note(report("b", (5, 0), (5, 0), "T0"))

    kept.note(report("a", (7, 0), (7, 0), "one too many"))

    assert kept.before("T1", "z") is None
    assert kept.before("T0", "z") == counts(5, 0)
    assert kept.before("T2", "z") == counts(2, 0)
    assert kept.before("one too many", "z") == counts(7, 0)


GOOD = usage((70, 15), (40, 3))


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        "T",
        {"turnId": "new", "tokenUsage": GOOD},
        {"threadId": "T", "tokenUsage": GOOD},
        {"threadId": 7, "turnId": "new", "tokenUsage": GOOD},
        {"threadId": "T", "turnId": ["new"], "tokenUsage": GOOD},
        {"threadId": "T", "turnId": "new"},
        {"threadId": "T", "turnId": "new", "tokenUsage": None},
        {"threadId": "T", "turnId": "new", "tokenUsage": [70]},
        *(
            {"threadId": "T", "turnId": "new", "tokenUsage": ill}
            for ill in (
                {},
                {"total": None, "last": counts(1, 1)},
                {"total": {"totalTokens": "many"}, "last": counts(1, 1)},
                {"total": [70, 15], "last": counts(1, 1)},
            )
        ),
    ],
    ids=str,
)
def test_reports_that_make_no_sense_are_passed_over(params: JsonValue) -> None:
    kept = ledger(report("old", (30, 12), (20, 7)))

    kept.note(Notification(REPORT, params))

    assert kept.before("T", "old") == counts(10, 5)
    assert kept.before("T", "later") == counts(30, 12)
