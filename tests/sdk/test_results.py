"""How a turn's result is put together from its notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from codex_app_server_rpc import Notification
from codex_app_server_types import AgentMessageThreadItem, TurnStatus, UnknownThreadItem
from openai_codex.errors import IncompleteTurnError, SlowConsumerError
from openai_codex.results import TurnCollector, final_response

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue
    from openai_codex import TurnResult

THREAD, TURN = "thread-1", "turn-1"


def completed_item(item: dict[str, JsonValue]) -> Notification:
    params: JsonValue = {"threadId": THREAD, "turnId": TURN, "completedAtMs": 1, "item": item}
    return Notification("item/completed", params)


def message(item_id: str, text: str, phase: str | None = None) -> dict[str, JsonValue]:
    return {"type": "agentMessage", "id": item_id, "text": text, "phase": phase}


def usage(total: int) -> Notification:
    counts: dict[str, JsonValue] = {
        "totalTokens": total,
        "inputTokens": total,
        "cachedInputTokens": 0,
        "cacheWriteInputTokens": 0,
        "outputTokens": 0,
        "reasoningOutputTokens": 0,
    }
    both: JsonValue = {"total": counts, "last": counts, "modelContextWindow": None}
    params: JsonValue = {"threadId": THREAD, "turnId": TURN, "tokenUsage": both}
    return Notification("thread/tokenUsage/updated", params)


def completion(*items: JsonValue, **turn: JsonValue) -> Notification:
    whole: dict[str, JsonValue] = {"id": TURN, "status": "completed", "items": list(items), **turn}
    return Notification("turn/completed", {"threadId": THREAD, "turn": whole})


def collect(*notifications: Notification) -> TurnResult:
    collector = TurnCollector(THREAD, TURN)
    for notification in notifications:
        collector.add(notification)
    return collector.result()


def test_items_come_from_their_completion_and_keep_its_order() -> None:
    result = collect(
        completed_item(message("a", "one")),
        completed_item(message("b", "two")),
        completion(message("b", "two")),
    )

    assert [item.text for item in result.items if isinstance(item, AgentMessageThreadItem)] == [
        "one",
        "two",
    ]


def test_status_times_and_error_are_those_of_the_completion() -> None:
    error: JsonValue = {"message": "too long", "codexErrorInfo": "contextWindowExceeded"}
    result = collect(
        completion(status="failed", error=error, startedAt=10, completedAt=12, durationMs=2000)
    )

    assert result.status == TurnStatus.failed
    assert (result.started_at, result.completed_at, result.duration_ms) == (10, 12, 2000)
    assert result.error is not None
    assert result.error.message == "too long"


def test_the_last_usage_report_counts() -> None:
    result = collect(usage(1), usage(5), completion())

    assert result.usage is not None
    assert result.usage.total.total_tokens == 5


def test_a_usage_report_that_does_not_fit_does_not_cost_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    misfit = Notification("thread/tokenUsage/updated", {"threadId": THREAD, "turnId": TURN})

    result = collect(completed_item(message("a", "one")), usage(3), misfit, completion())

    assert result.final_response == "one"
    assert result.usage is not None
    assert result.usage.total.total_tokens == 3
    assert "its thread/tokenUsage/updated does not fit" in caplog.text


def test_without_its_completion_a_turn_has_no_result() -> None:
    with pytest.raises(IncompleteTurnError, match="before turn/completed came"):
        collect(completed_item(message("a", "one")))


def test_an_item_that_was_named_but_never_completed_is_missed() -> None:
    with pytest.raises(IncompleteTurnError, match="no item/completed came for b") as caught:
        collect(completed_item(message("a", "one")), completion(message("b", "two")))

    assert (caught.value.thread_id, caught.value.turn_id) == (THREAD, TURN)


@pytest.mark.parametrize("status", ["failed", "interrupted"])
def test_of_a_turn_that_did_not_complete_there_is_what_there_is(status: str) -> None:
    collector = TurnCollector(THREAD, TURN)
    collector.miss(SlowConsumerError(3))
    collector.add(completion(message("b", "two"), status=status, error={"message": "why"}))

    result = collector.result()

    assert (result.status, result.items) == (status, [])
    assert result.error is not None
    assert result.error.message == "why"


def test_events_that_were_dropped_unread_are_missed() -> None:
    collector = TurnCollector(THREAD, TURN)
    collector.add(completed_item(message("a", "not the last word")))
    collector.miss(SlowConsumerError(2))
    collector.miss(SlowConsumerError(1))
    collector.add(completion())

    with pytest.raises(IncompleteTurnError, match="3 of its events were dropped unread"):
        collector.result()


def test_text_deltas_are_not_missed() -> None:
    collector = TurnCollector(THREAD, TURN)
    collector.add(completed_item(message("a", "the last word")))
    collector.miss(SlowConsumerError(2, only_deltas=True))
    collector.add(completion())

    assert collector.result().final_response == "the last word"


def test_an_item_that_does_not_fit_its_type_is_kept_as_unknown() -> None:
    misfit: JsonValue = {"type": "agentMessage", "id": "m", "text": 7}

    result = collect(
        completed_item({"type": "agentMessage", "id": "m", "text": 7}),
        completed_item(message("n", "an answer")),
        completion(),
    )

    assert isinstance(result.items[0], UnknownThreadItem)
    assert result.items[0].to_wire() == misfit
    assert result.final_response == "an answer"


def test_what_was_completed_is_not_lost_with_an_incomplete_turn() -> None:
    with pytest.raises(IncompleteTurnError) as caught:
        collect(completed_item(message("a", "one")))

    assert [item.type for item in caught.value.items] == ["agentMessage"]


@pytest.mark.parametrize("method", ["item/completed", "turn/completed"])
def test_an_event_that_does_not_fit_its_type_is_not_passed_over(method: str) -> None:
    misfit = Notification(method, {"threadId": THREAD, "turnId": TURN})

    with pytest.raises(IncompleteTurnError, match=f"{method} does not fit") as caught:
        collect(misfit, completion())

    assert isinstance(caught.value.__cause__, ValueError)


def test_an_item_that_says_nothing_does_not_hide_why_its_turn_failed() -> None:
    error: JsonValue = {"message": "usage limit reached"}

    result = collect(
        completed_item({"id": "no type"}), completion(status="failed", error=error, items=[])
    )

    assert result.status == TurnStatus.failed
    assert result.error is not None
    assert result.error.message == "usage limit reached"


def test_an_end_that_does_not_fit_its_type_does_not_hide_why_its_turn_failed() -> None:
    error = {"threadId": THREAD, "turnId": TURN, "error": {"message": "no"}, "willRetry": False}

    result = collect(
        Notification("error", cast("JsonValue", error)), Notification("turn/completed", {})
    )

    assert (result.status, result.error and result.error.message) == (TurnStatus.failed, "no")


def test_an_item_of_an_unknown_kind_is_kept() -> None:
    result = collect(
        completed_item({"type": "telepathy", "id": "x", "thought": 7}),
        completion({"type": "telepathy", "id": "x", "thought": 7}),
    )

    [item] = result.items
    assert isinstance(item, UnknownThreadItem)
    assert item.type == "telepathy"
    assert item.to_wire() == {"type": "telepathy", "id": "x", "thought": 7}


def test_an_unknown_status_is_kept() -> None:
    assert collect(completion(status="paused")).status == "paused"


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ([], None),
        (["commentary"], None),
        ([None, "commentary"], "0"),
        ([None, None, "commentary"], "1"),
        (["final_answer", None], "0"),
        (["final_answer", "commentary", "final_answer", None], "2"),
        (["something_new"], None),
    ],
)
def test_the_final_response_is_picked_by_phase(
    phases: list[str | None], expected: str | None
) -> None:
    result = collect(
        *(completed_item(message(f"m{n}", str(n), phase)) for n, phase in enumerate(phases)),
        completion(),
    )

    assert result.final_response == expected
    assert final_response(result.items) == expected
