"""What waits for one consumer: in order, whole while there is room, and never without bound."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any, cast

import pytest
from codex_app_server_rpc import Notification
from codex_app_server_rpc.core import backlog
from codex_app_server_rpc.core.backlog import (
    MAX_BYTES,
    MAX_EVENTS,
    MERGE_ABOVE,
    Backlog,
    Gap,
    Losses,
    Waiting,
)
from hypothesis import given, strategies as st

AGENT = "item/agentMessage/delta"
TEXT_DELTAS = [
    AGENT,
    "item/commandExecution/outputDelta",
    "item/fileChange/outputDelta",
    "item/plan/delta",
    "item/reasoning/summaryTextDelta",
    "item/reasoning/textDelta",
]


def delta(text: str, item: str = "i", method: str = AGENT, **others: Any) -> Notification:
    params = {"threadId": "T", "turnId": "U", "itemId": item, "delta": text, **others}
    return Notification(method, params, size=len(text))


def event(name: str, size: int = 0) -> Notification:
    return Notification(name, {"threadId": "T", "turnId": "U"}, size=size)


def completed() -> Notification:
    return Notification("turn/completed", {"threadId": "T", "turn": {"id": "U"}})


def text_of(notification: Notification) -> str:
    return cast("dict[str, str]", notification.params)["delta"]


def told(waiting: Iterator[Waiting] | list[Waiting]) -> list[str]:
    """Write down what waits, a gap by the number that it stands for."""
    return [
        f"…{one.dropped}"
        if isinstance(one, Gap)
        else text_of(one)
        if one.method in TEXT_DELTAS
        else one.method
        for one in waiting
    ]


def taken(notifications: list[Notification]) -> list[str]:
    """Let notifications wait, and take all of them."""
    queue = Backlog()
    for notification in notifications:
        queue.append(notification)
    return told(list(queue.take()))


@pytest.fixture
def merging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have text deltas merged from the first one on."""
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 0)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have room for four notifications and a hundred bytes, and merge from the third on."""
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 2)
    monkeypatch.setattr(backlog, "MAX_EVENTS", 4)
    monkeypatch.setattr(backlog, "MAX_EVENTS_WITH_DELTAS", 4)
    monkeypatch.setattr(backlog, "MAX_BYTES", 100)
    monkeypatch.setattr(backlog, "MAX_BYTES_WITH_DELTAS", 100)


# --- within the budget ---------------------------------------------------------------------


def test_what_waits_is_taken_in_order_as_it_came() -> None:
    queue = Backlog()
    came = [event("a"), delta("x"), delta("y"), event("b"), completed()]
    for notification in came:
        queue.append(notification)
    assert len(queue) == 5
    assert all(one is other for one, other in zip(queue.take(), came, strict=True))


def test_what_was_taken_is_gone() -> None:
    queue = Backlog()
    queue.append(event("a"))
    queue.take()
    assert len(queue) == 0
    assert list(queue.take()) == []


def test_a_queue_is_crowded_from_where_it_grows_long_to_where_deltas_are_merged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog, "CROWDED_ABOVE", 1)
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 4)
    queue = Backlog()
    crowded: list[bool] = []
    for _ in range(5):
        queue.append(event("a"))
        crowded.append(queue.is_crowded)
    assert crowded == [False, True, True, False, False]
    queue.take()
    assert not queue.is_crowded


def test_looking_leaves_what_waits_where_it_is(merging: None) -> None:
    queue = Backlog()
    queue.append(delta("one "))
    queue.append(delta("text"))
    assert told(queue.peek()) == told(queue.peek()) == ["one text"]
    queue.append(delta(", more"))
    assert told(list(queue.take())) == ["one text", ", more"]


def test_a_consumer_that_keeps_up_gets_every_delta_by_itself() -> None:
    queue = Backlog()
    for number in range(3 * MERGE_ABOVE):
        queue.append(delta(str(number)))
        if number % MERGE_ABOVE == MERGE_ABOVE - 1:
            assert len(queue.take()) == MERGE_ABOVE


# --- merging -------------------------------------------------------------------------------


def test_the_deltas_of_an_item_are_merged_above_the_limit_and_not_below() -> None:
    losses = Losses()
    queue = Backlog(losses)
    for number in range(MERGE_ABOVE + 10):
        queue.append(delta(f"{number},"))
    texts = told(list(queue.take()))
    assert texts[:MERGE_ABOVE] == [f"{number}," for number in range(MERGE_ABOVE)]
    assert texts[MERGE_ABOVE:] == ["".join(f"{MERGE_ABOVE + i}," for i in range(10))]
    assert losses == Losses(missed=0, merged=9)


def test_a_merged_text_is_exact(merging: None) -> None:
    pieces = ["größe", "\r", "\n", "", "😀", "\u2028", "\x00", " \t", "\r\n", "x" * 100_000]
    assert taken([delta(piece) for piece in pieces]) == ["".join(pieces)]


@pytest.mark.parametrize("method", TEXT_DELTAS)
def test_every_text_delta_of_the_protocol_is_merged(method: str, merging: None) -> None:
    assert taken([delta("a", method=method), delta("b", method=method)]) == ["ab"]


def test_a_delta_that_is_not_text_is_not_merged(merging: None) -> None:
    numbers = [Notification(AGENT, {"itemId": "i", "delta": 7}) for _ in range(3)]
    queue = Backlog()
    for notification in numbers:
        queue.append(notification)
    assert list(queue.take()) == numbers


@pytest.mark.parametrize("params", [None, [], {"delta": "x"}, {"itemId": 7, "delta": "x"}])
def test_a_delta_of_no_item_is_not_merged(params: Any, merging: None) -> None:
    queue = Backlog()
    for _ in range(3):
        queue.append(Notification(AGENT, params))
    assert len(queue) == 3


def test_what_is_no_text_delta_is_not_merged(merging: None) -> None:
    other = "item/mcpToolCall/progress"
    queue = Backlog()
    for _ in range(3):
        queue.append(delta("x", method=other))
    assert len(queue) == 3


def test_the_texts_of_several_items_are_merged_each(merging: None) -> None:
    mixed = [delta("a", "1"), delta("x", "2"), delta("b", "1"), delta("y", "2")]
    assert taken(mixed) == ["ab", "xy"]


def test_the_texts_of_several_kinds_are_merged_each(merging: None) -> None:
    plan = "item/plan/delta"
    assert taken([delta("a"), delta("x", method=plan), delta("b")]) == ["ab", "x"]


def test_deltas_that_differ_in_another_member_are_not_merged(merging: None) -> None:
    parts = [delta("a", summaryIndex=0), delta("b", summaryIndex=1), delta("c", summaryIndex=1)]
    assert taken(parts) == ["a", "bc"]
    assert taken([delta("a"), delta("b", summaryIndex=0)]) == ["a", "b"]
    assert taken([delta("a", summaryIndex=0), delta("b")]) == ["a", "b"]


def test_deltas_of_two_turns_are_not_merged(merging: None) -> None:
    assert taken([delta("a"), delta("b", turnId="U2"), delta("c", threadId="T2")]) == [*"abc"]


def test_a_text_does_not_go_on_across_something_else(merging: None) -> None:
    assert taken([delta("a"), event("item/completed"), delta("b"), delta("c")]) == [
        "a",
        "item/completed",
        "bc",
    ]


def test_a_text_does_not_go_on_in_what_was_taken_already(merging: None) -> None:
    queue = Backlog()
    queue.append(delta("a"))
    (first,) = queue.take()
    queue.append(delta("b"))
    assert told([first]) == ["a"]
    assert told(list(queue.take())) == ["b"]


def test_merging_leaves_the_notifications_of_other_consumers_alone(merging: None) -> None:
    came = [delta("a"), delta("b")]
    slow, others = Backlog(), [Backlog(), Backlog()]
    for notification in came:
        for queue in [others[0], slow, others[1]]:
            queue.append(notification)
        others[0].take()
    assert told(list(slow.take())) == told(list(others[1].take())) == ["ab"]
    assert told(cast("list[Waiting]", came)) == ["a", "b"]


def test_what_was_merged_keeps_everything_but_its_text(merging: None) -> None:
    queue = Backlog()
    first, second = delta("a", more={"x": 1}), delta("b", more={"x": 1})
    first.emitted_at_ms = 5
    queue.append(first)
    queue.append(second)
    (merged,) = queue.take()
    expected = delta("ab", more={"x": 1})
    expected.emitted_at_ms = 5
    assert merged == expected
    assert cast("Notification", merged).payload is not first.payload


# --- beyond the budget ---------------------------------------------------------------------


def test_what_has_no_room_is_dropped_and_a_gap_tells_how_much(narrow: None) -> None:
    losses = Losses()
    queue = Backlog(losses)
    for name in "abcdefg":
        queue.append(event(name))
    assert told(list(queue.take())) == [*"abcd", "…3"]
    assert losses == Losses(missed=3, merged=0)


def test_there_is_room_again_after_taking(narrow: None) -> None:
    queue = Backlog()
    for round_ in range(3):
        for name in "abcde":
            queue.append(event(name, 20))
        assert told(list(queue.take())) == [*"abcd", "…1"], round_


def test_the_budget_holds_for_bytes_too(narrow: None) -> None:
    """Beside the longest notification, which is no reason to lose those behind it."""
    assert taken([event(name, 60) for name in "abcd"]) == ["a", "b", "…2"]


@pytest.mark.parametrize("size", [4 << 20, 60 << 20])
def test_a_long_notification_takes_no_room_from_those_behind_it(size: int) -> None:
    said = [event("a"), event("long", size), *[delta("x") for _ in range(5)], event("b")]
    assert taken(said) == ["a", "long", *"xxxxx", "b"]


def test_what_is_merged_counts_in_bytes(narrow: None) -> None:
    texts = taken([event("a"), event("b"), *[delta("x" * 10) for _ in range(50)]])
    assert texts[:2] == ["a", "b"]
    assert 80 <= len(texts[2]) <= 110
    assert texts[3:] == [f"…{50 - len(texts[2]) // 10}"]


@pytest.mark.parametrize("huge", [event("huge", 10_000_000), delta("x" * 10_000)])
def test_a_single_notification_fits_however_long_it_is(huge: Notification, narrow: None) -> None:
    queue = Backlog()
    for notification in [huge, event("a", 60), event("b", 60)]:
        queue.append(notification)
    first, *others = queue.take()
    assert first == huge
    assert told(others) == ["a", "…1"]


def test_deltas_are_dropped_before_anything_else_is(
    narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MAX_BYTES_WITH_DELTAS", 50)
    queue = Backlog()
    came = [event("a", 60), event("b", 40), delta("x" * 20), delta("y" * 20), event("c", 40)]
    for notification in came:
        queue.append(notification)
    a, b, gap, c = queue.take()
    assert told([a, b, gap, c]) == ["a", "b", "…2", "c"]
    assert isinstance(gap, Gap)
    assert gap.only_deltas


def test_deltas_that_cannot_be_merged_leave_places_to_other_events(
    narrow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MAX_EVENTS", 5)
    monkeypatch.setattr(backlog, "MAX_EVENTS_WITH_DELTAS", 3)
    came = [delta("x", item=f"i{number}") for number in range(5)]
    assert taken([*came, event("last")]) == ["x", "x", "x", "…2", "last"]


def test_all_deltas_that_are_missing_in_a_queue_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 1)
    monkeypatch.setattr(backlog, "MAX_EVENTS", 5)
    monkeypatch.setattr(backlog, "MAX_EVENTS_WITH_DELTAS", 1)
    queue = Backlog()
    came = [event("a"), delta("x", "i"), event("b"), delta("y", "j"), event("c"), delta("z")]
    for notification in came:
        queue.append(notification)
    assert told(list(queue.take())) == ["a", "…3", "b", "c"]
    queue.append(event("a"))
    queue.append(delta("x", "i"))
    assert told(list(queue.take())) == ["a", "…1"]  # anew


def test_a_gap_tells_when_more_than_deltas_is_missing(narrow: None) -> None:
    queue = Backlog()
    for notification in [event("a", 90), event("b", 90), delta("x" * 20), event("c", 20)]:
        queue.append(notification)
    _, _, gap = queue.take()
    assert isinstance(gap, Gap)
    assert (gap.dropped, gap.only_deltas) == (2, False)


def test_the_ends_of_turns_have_room_beyond_the_budget(narrow: None) -> None:
    came = [event(name, 30) for name in "abcdef"]
    queue = Backlog()
    for notification in [*came, completed(), completed(), completed()]:
        queue.append(notification)
    assert told(list(queue.take())) == [*"abcd", "…2", *["turn/completed"] * 3]


def test_the_ends_of_turns_have_a_limit_too(narrow: None) -> None:
    queue = Backlog()
    for _ in range(100):
        queue.append(completed())
    assert len(queue) <= 2 * 4 + 1


def test_what_is_missing_is_marked_where_it_is_missing() -> None:
    losses = Losses()
    queue = Backlog(losses)
    queue.append(event("a"))
    queue.miss(3)
    queue.miss(4)
    assert told(list(queue.take())) == ["a", "…7"]
    assert losses.missed == 0  # whoever noticed the loss has counted it


# --- whatever comes ------------------------------------------------------------------------

KINDS = st.sampled_from(["text", "text", "text", "event", "end"])
SPECS = st.tuples(KINDS, st.sampled_from("ij"), st.sampled_from([0, 1]), st.sampled_from([5, 50]))
BATCHES = st.lists(st.lists(SPECS | st.just(("event", "", 0, 500)), max_size=14), max_size=3)


def numbered(number: int, kind: str, item: str, index: int, size: int) -> Notification:
    """Make a notification that can be told from all others."""
    if kind == "text":
        return delta(f"{number};".rjust(size), item, summaryIndex=index)
    method = "turn/completed" if kind == "end" else "item/completed"
    return Notification(method, {"threadId": "T", "turn": {"id": number}}, size=size)


def numbers(waiting: Waiting) -> list[int]:
    """Say which notifications are in one that was delivered."""
    if isinstance(waiting, Gap):
        return []
    if waiting.method == AGENT:
        return [int(piece) for piece in text_of(waiting).split(";")[:-1]]
    return [cast("dict[str, Any]", waiting.params)["turn"]["id"]]


@given(BATCHES)
def test_nothing_is_lost_within_the_budget_and_all_is_told_beyond(
    batches: list[list[tuple[str, str, int, int]]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "MERGE_ABOVE", 3)
        patch.setattr(backlog, "MAX_EVENTS", 6)
        patch.setattr(backlog, "MAX_EVENTS_WITH_DELTAS", 6)
        patch.setattr(backlog, "MAX_BYTES", 200)
        patch.setattr(backlog, "MAX_BYTES_WITH_DELTAS", 200)
        losses = Losses()
        queue = Backlog(losses)
        for batch in batches:
            came = [numbered(number, *spec) for number, spec in enumerate(batch)]
            missed, merged = losses.missed, losses.merged
            for notification in came:
                queue.append(notification)
            got = list(queue.take())
            check(came, got)
            gaps = [one for one in got if isinstance(one, Gap)]
            assert sum(gap.dropped for gap in gaps) == losses.missed - missed
            assert len(got) - len(gaps) + losses.merged - merged + losses.missed - missed == len(
                came
            )


def check(came: list[Notification], got: list[Waiting]) -> None:
    """Compare what a consumer got with what came for it."""
    if len(came) <= 3 and sum(one.size for one in came) <= 200:
        assert got == came
    delivered = {number for one in got for number in numbers(one)}
    missing = [number for number in range(len(came)) if number not in delivered]
    ends = [number for number, one in enumerate(came) if one.method == "turn/completed"]
    if len(ends) < 6:
        assert not set(ends) & set(missing)
    before: list[int] = []  # numbers that were delivered so far
    barrier = -1  # everything up to here was delivered before, or is missing
    texts: dict[tuple[str, int], int] = {}  # the last number in the text of each part of an item
    for one in got:
        if isinstance(one, Gap):
            lost, missing = missing[: one.dropped], missing[one.dropped :]
            assert not before or max(before) < lost[0]
            barrier = lost[-1]
            continue
        here = numbers(one)
        assert here == sorted(here)
        assert min(here) > barrier
        if one.method == AGENT:
            params = cast("dict[str, Any]", one.params)
            key = params["itemId"], params["summaryIndex"]
            assert here[0] > texts.get(key, -1)
            texts[key] = here[-1]
        else:
            assert one is came[here[0]]
            assert not before or max(before) < here[0]
            barrier = here[0]
        before += here
    assert missing == []


# --- floods --------------------------------------------------------------------------------


@pytest.mark.timeout(60)
def test_a_flood_of_deltas_of_one_item_takes_linear_time_and_loses_nothing() -> None:
    # Whatever joins what it has with every delta moves half a terabyte and meets the timeout.
    queue = Backlog()
    for number in range(300_000):
        queue.append(delta(f"{number:010}"))
    assert len(queue) == MERGE_ABOVE + 1
    text = "".join(told(list(queue.take())))
    assert text == "".join(f"{number:010}" for number in range(300_000))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("items", [1, 1_000_000])
def test_a_flood_takes_a_bounded_amount_of_memory(items: int) -> None:
    text = "x" * 1000
    queue = Backlog()
    tracemalloc.start()
    for number in range(100_000):
        queue.append(delta(text, str(number % items)))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(queue) <= MAX_EVENTS + 1
    assert kept < 2 * MAX_BYTES  # all of it together is three times as much
    *delivered, gap = queue.take()
    assert isinstance(gap, Gap)
    assert sum(map(len, told(delivered))) == (100_000 - gap.dropped) * len(text)
