"""One turn at a time: who may start one on a thread, and when."""

from __future__ import annotations

from typing import Any

import pytest
from codex_app_server_rpc import Notification, ThreadBusyError, TransportClosedError
from codex_app_server_rpc.core.active import MAX_ACTIVE, MAX_OVER, ActiveTurns
from codex_app_server_rpc.core.feed import Feed
from codex_app_server_rpc.core.routing import Router


def feed(woken: list[Feed] | None = None) -> Feed:
    made = Feed(lambda: None if woken is None else woken.append(made), thread_id="T")
    return made


def waiting(router: Router, woken: list[Feed] | None = None) -> Feed:
    made = feed(woken)
    router.reserve(made, "wait")
    assert made.waits
    return made


def bound(router: Router, turn_id: str = "U") -> Feed:
    made = feed()
    router.reserve(made)
    router.bind(made, turn_id)
    return made


def say(router: Router, method: str, **params: Any) -> None:
    router.route(Notification(method, {"threadId": "T", **params}))


def started(router: Router, turn_id: str = "U") -> None:
    say(router, "turn/started", turn={"id": turn_id})


def completed(router: Router, turn_id: str = "U") -> None:
    say(router, "turn/completed", turn={"id": turn_id})


def idle(router: Router) -> None:
    say(router, "thread/status/changed", status={"type": "idle"})


def test_a_turn_that_runs_is_named_to_those_who_are_refused() -> None:
    router = Router()
    started(router)
    with pytest.raises(ThreadBusyError, match="thread T is busy with turn U") as caught:
        router.reserve(feed(), "refuse")
    assert (caught.value.thread_id, caught.value.turn_id) == ("T", "U")
    assert not caught.value.compacting
    assert len(router) == 0


def test_a_compaction_is_not_all_that_keeps_a_thread_from_those_behind_others() -> None:
    router = Router()
    compaction = bound(router)
    compaction.compacting = True
    started(router)
    waiting(router)
    with pytest.raises(ThreadBusyError) as caught:
        router.reserve(feed(), "refuse")
    assert not caught.value.compacting


def test_a_start_in_flight_makes_a_thread_busy() -> None:
    router = Router()
    first = feed()
    router.reserve(first, "refuse")
    with pytest.raises(ThreadBusyError, match="being started") as caught:
        router.reserve(feed(), "refuse")
    assert caught.value.turn_id is None
    router.release(first)
    router.reserve(feed(), "refuse")


def test_a_start_may_join_a_busy_thread() -> None:
    router = Router()
    bound(router)
    joining = feed()
    router.reserve(joining)
    assert not joining.waits


def test_threads_do_not_wait_for_each_other() -> None:
    router = Router()
    bound(router)
    other = Feed(lambda: None, thread_id="T2")
    router.reserve(other, "refuse")
    assert not other.waits


def test_those_who_wait_come_one_by_one_in_order() -> None:
    router = Router()
    woken: list[Feed] = []
    bound(router)
    first, second = waiting(router, woken), waiting(router, woken)
    completed(router)
    assert (woken, first.waits, second.waits) == ([first], False, True)
    router.bind(first, "V")
    assert second.waits
    completed(router, "V")
    assert not second.waits


def test_who_does_not_wait_does_not_pass_those_who_do() -> None:
    router = Router()
    bound(router)
    waiting(router)
    with pytest.raises(ThreadBusyError):
        router.reserve(feed(), "refuse")
    assert waiting(router).waits


def test_the_next_comes_when_the_first_gives_up() -> None:
    router = Router()
    bound(router)
    first, second, third = (waiting(router) for _ in range(3))
    router.release(second)
    completed(router)
    router.release(first)
    assert not third.waits


def test_the_next_comes_when_the_turn_was_over_before_it_had_a_name() -> None:
    router = Router()
    early = feed()
    router.reserve(early)
    after = waiting(router)
    started(router)
    completed(router)
    assert after.waits
    router.bind(early, "U")
    assert not after.waits


def test_the_next_comes_when_the_thread_is_closed() -> None:
    router = Router()
    bound(router)
    after = waiting(router)
    say(router, "thread/closed")
    assert not after.waits


def test_the_next_comes_when_a_turn_that_is_followed_is_over() -> None:
    router = Router()
    follower = feed()
    router.reserve(follower)
    after = waiting(router)
    router.follow(follower, "U")
    assert not after.waits


def test_those_who_wait_learn_that_the_connection_is_gone() -> None:
    router = Router()
    bound(router)
    after = waiting(router)
    error = TransportClosedError("gone")
    router.close(error)
    assert (after.ended, after.error, len(router)) == (True, error, 0)


def test_a_reserved_feed_is_woken_when_a_turn_starts() -> None:
    router = Router()
    made = feed()
    router.reserve(made)
    started(router)
    assert router.touched() == [made]
    assert router.started_turn(made) == "U"


def test_a_turn_that_never_completes_is_over_with_the_last_one_of_its_idle_thread() -> None:
    router = Router()
    review = bound(router, "review")
    started(router, "inner")
    idle(router)
    assert sorted(turn for _, turn in router.active) == ["inner", "review"]
    completed(router, "review")
    assert (list(router.active), review.turn_over) == ([], True)


def test_a_turn_that_starts_after_the_idling_is_not_over_with_the_last_one() -> None:
    router = Router()
    started(router, "U")
    idle(router)
    started(router, "V")
    completed(router, "U")
    assert list(router.active) == [("T", "V")]


def test_turns_that_run_on_a_thread_that_is_not_idle_end_by_themselves() -> None:
    router = Router()
    started(router, "U")
    say(router, "thread/status/changed", status={"type": "active", "activeFlags": []})
    say(router, "thread/status/changed", status="idle")
    started(router, "V")
    completed(router, "U")
    assert list(router.active) == [("T", "V")]


@pytest.mark.parametrize("is_early", [False, True])
def test_a_turn_whose_first_event_is_an_error_for_good_is_over(is_early: bool) -> None:
    router = Router()
    made = feed()
    router.reserve(made)
    if not is_early:
        router.bind(made, "U")
    say(router, "error", turnId="U", willRetry=False)
    if is_early:
        router.bind(made, "U")
    assert (made.turn_over, made.ended, list(router.active)) == (True, True, [])
    assert len(made) == 1


@pytest.mark.parametrize("will_retry", [True, False])
def test_an_error_in_a_turn_that_has_begun_does_not_end_it(will_retry: bool) -> None:
    router = Router()
    made = bound(router)
    say(router, "item/started" if not will_retry else "error", turnId="U", willRetry=True)
    say(router, "error", turnId="U", willRetry=False)
    assert not made.turn_over


def test_a_belated_start_does_not_revive_a_turn() -> None:
    router = Router()
    bound(router)
    completed(router)
    started(router)
    assert list(router.active) == []
    for number in range(MAX_OVER):
        completed(router, f"other{number}")
    started(router)
    assert list(router.active) == [("T", "U")]


def test_of_too_many_active_turns_the_oldest_is_forgotten() -> None:
    active = ActiveTurns()
    for number in range(MAX_ACTIVE + 2):
        active.add(f"T{number % 3}", f"U{number}", started=True)
    assert len(active) == MAX_ACTIVE == len(list(active))
    assert ("T0", "U0") not in active
    assert ("T2", "U2") in active
    active.clear()
    assert (len(active), list(active)) == (0, [])
