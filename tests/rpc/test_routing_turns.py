"""Which turn an event belongs to, and when a turn's route ends."""

from __future__ import annotations

import pytest
from codex_app_server_rpc import Notification, TransportClosedError
from codex_app_server_rpc.core.backlog import MAX_EVENTS, Gap
from codex_app_server_rpc.core.feed import Feed
from codex_app_server_rpc.core.routing import MAX_EARLY, Router


def quiet() -> None:
    """Wake nobody."""


def feed(thread_id: str = "T", methods: list[str] | None = None) -> Feed:
    return Feed(quiet, thread_id=thread_id, methods=methods)


def event(method: str, turn_id: str = "U", thread_id: str = "T") -> Notification:
    return Notification(method, {"threadId": thread_id, "turnId": turn_id})


def started(turn_id: str = "U", thread_id: str = "T") -> Notification:
    return Notification("turn/started", {"threadId": thread_id, "turn": {"id": turn_id}})


def completed(turn_id: str = "U", thread_id: str = "T") -> Notification:
    return Notification("turn/completed", {"threadId": thread_id, "turn": {"id": turn_id}})


def closed(thread_id: str = "T") -> Notification:
    return Notification("thread/closed", {"threadId": thread_id})


def reserved(router: Router, thread_id: str = "T") -> Feed:
    made = feed(thread_id)
    router.reserve(made)
    return made


def bound(router: Router, turn_id: str = "U", thread_id: str = "T") -> Feed:
    made = reserved(router, thread_id)
    router.bind(made, turn_id)
    return made


def methods(of: Feed) -> list[str]:
    return ["…" if isinstance(waiting, Gap) else waiting.method for waiting in of.backlog.peek()]


def test_a_turns_events_reach_its_feed_in_order_until_it_completes() -> None:
    router = Router()
    turn = bound(router)
    for notification in [started(), event("item/started"), completed(), event("late")]:
        router.route(notification)
    assert methods(turn) == ["turn/started", "item/started", "turn/completed"]
    assert turn.ended
    assert turn.error is None
    assert len(router) == 0


def test_events_before_the_turn_has_a_name_are_held_and_handed_over() -> None:
    router = Router()
    turn = reserved(router)
    router.route(started())
    router.route(event("item/started"))
    assert methods(turn) == []
    router.bind(turn, "U")
    router.route(event("item/completed"))
    assert methods(turn) == ["turn/started", "item/started", "item/completed"]


def test_a_turn_that_completes_before_it_has_a_name_ends_when_it_gets_it() -> None:
    router = Router()
    turn = reserved(router)
    router.route(started())
    router.route(completed())
    assert methods(turn) == []
    router.bind(turn, "U")
    assert methods(turn) == ["turn/started", "turn/completed"]
    assert turn.ended
    assert len(router) == 0


def test_two_turns_of_one_thread_do_not_mix() -> None:
    router = Router()
    first, second = reserved(router), reserved(router)
    router.route(event("a", "U1"))
    router.route(event("b", "U2"))
    router.bind(second, "U2")
    router.bind(first, "U1")
    router.route(completed("U1"))
    router.route(event("c", "U2"))
    assert methods(first) == ["a", "turn/completed"]
    assert methods(second) == ["b", "c"]
    assert (first.ended, second.ended) == (True, False)


def test_two_feeds_bound_to_one_turn_both_get_its_events_and_its_end() -> None:
    router = Router()
    first, second = bound(router), bound(router)
    router.route(event("a"))
    router.route(completed())
    assert methods(first) == methods(second) == ["a", "turn/completed"]
    assert first.ended
    assert second.ended


def test_two_feeds_get_what_came_before_either_was_bound_to_their_turn() -> None:
    # Two `turn/start` at once: the second one steers the first one's turn and gets its id.
    router = Router()
    first, second = reserved(router), reserved(router)
    router.route(event("a"))
    router.route(completed())
    router.bind(first, "U")
    router.bind(second, "U")
    assert methods(first) == methods(second) == ["a", "turn/completed"]
    assert first.ended
    assert second.ended
    assert len(router) == 0


def test_a_feed_gets_what_came_between_the_binding_of_another_and_its_own() -> None:
    router = Router()
    first, second = reserved(router), reserved(router)
    router.bind(first, "U")
    router.route(event("a"))
    router.route(completed())
    router.bind(second, "U")
    assert methods(first) == methods(second) == ["a", "turn/completed"]
    assert second.ended


def test_events_of_a_child_thread_neither_enter_nor_end_the_parents_turn() -> None:
    router = Router()
    turn = bound(router)
    router.route(event("item/started", "U", thread_id="child"))
    router.route(completed("U", thread_id="child"))
    router.route(closed("child"))
    assert methods(turn) == []
    assert not turn.ended


def test_a_completion_is_recognised_although_its_payload_is_nonsense() -> None:
    router = Router()
    turn = bound(router)
    router.route(Notification("turn/completed", {"threadId": "T", "turn": {"id": "U", "items": 7}}))
    assert turn.ended


def test_a_turn_ends_with_its_thread() -> None:
    router = Router()
    turn = bound(router)
    other = bound(router, thread_id="other")
    router.route(closed())
    assert turn.ended
    assert not other.ended
    assert len(router) == 1


def test_a_turn_whose_thread_closed_before_the_turn_had_a_name_ends_when_it_gets_it() -> None:
    router = Router()
    turn = reserved(router)
    router.route(event("item/started"))
    router.route(closed())
    router.bind(turn, "U")
    assert methods(turn) == ["item/started"]
    assert turn.ended
    assert len(router) == 0


def test_a_turn_that_runs_after_its_thread_was_closed_shows_that_it_is_open_again() -> None:
    router = Router()
    turn = reserved(router)
    router.route(closed())
    router.route(started())
    router.bind(turn, "U")
    assert not turn.ended


def test_a_thread_that_closed_can_be_used_again() -> None:
    router = Router()
    turn = reserved(router)
    router.route(closed())
    router.release(turn)
    again = bound(router)
    router.route(event("item/started"))
    assert methods(again) == ["item/started"]
    assert not again.ended


def test_the_loss_of_the_connection_ends_every_feed_with_its_error() -> None:
    router = Router()
    error = TransportClosedError("gone")
    feeds = [bound(router), reserved(router), feed()]
    router.subscribe(feeds[2])
    router.close(error)
    assert [made.error for made in feeds] == [error] * 3
    assert len(router) == 0


def test_what_had_arrived_before_the_loss_stays_to_be_read() -> None:
    router = Router()
    turn = bound(router)
    router.route(event("item/started"))
    router.close(TransportClosedError())
    assert methods(turn) == ["item/started"]


def test_a_turn_that_had_completed_is_not_touched_by_the_loss() -> None:
    router = Router()
    turn = bound(router)
    router.route(completed())
    router.close(TransportClosedError())
    assert turn.error is None


@pytest.mark.parametrize("register", [Router.reserve, Router.subscribe])
def test_a_feed_that_comes_after_the_loss_ends_at_once(register: object) -> None:
    router = Router()
    error = TransportClosedError()
    router.close(error)
    late = feed()
    assert callable(register)
    register(router, late)
    assert late.ended
    assert late.error is error


def test_binding_after_the_loss_keeps_the_feed_ended() -> None:
    router = Router()
    turn = reserved(router)
    router.close(TransportClosedError())
    router.bind(turn, "U")
    assert turn.ended
    assert len(router) == 0


def test_a_released_turn_leaves_no_entry_and_ends() -> None:
    router = Router()
    turn = bound(router)
    router.release(turn)
    assert turn.ended
    assert len(router) == 0


def test_a_released_reservation_leaves_no_entry_and_counts_what_was_held_for_it() -> None:
    router = Router()
    turn = reserved(router)
    router.route(event("a"))
    router.route(event("b"))
    router.release(turn)
    assert len(router) == 0
    assert router.unconsumed == 2


def test_what_was_held_and_also_consumed_is_not_counted_as_dropped() -> None:
    router = Router()
    first, second = reserved(router), reserved(router)
    router.bind(first, "U")
    router.route(event("a"))
    router.release(second)
    assert router.unconsumed == 0


def test_releasing_one_of_two_feeds_keeps_the_other_and_what_is_held() -> None:
    router = Router()
    first, second = reserved(router), reserved(router)
    router.route(event("a"))
    router.release(first)
    router.bind(second, "U")
    assert methods(second) == ["a"]


def test_a_feed_is_released_twice_without_harm() -> None:
    router = Router()
    turn = bound(router)
    router.release(turn)
    router.release(turn)
    assert len(router) == 0


def test_what_is_held_for_a_thread_is_bounded_but_keeps_the_end_of_its_turn() -> None:
    router = Router()
    turn = reserved(router)
    for _ in range(MAX_EVENTS + 5):
        router.route(event("item/started"))
    router.route(completed())
    assert router.losses.missed == 5
    router.bind(turn, "U")
    assert methods(turn)[MAX_EVENTS:] == ["…", "turn/completed"]
    assert turn.ended


def test_a_turns_filter_lets_only_its_methods_and_the_end_through() -> None:
    router = Router()
    turn = feed(methods=["item/completed"])
    router.reserve(turn)
    router.route(event("item/started"))
    router.bind(turn, "U")
    for notification in [event("item/completed"), event("item/started"), completed()]:
        router.route(notification)
    assert methods(turn) == ["item/completed", "turn/completed"]
    assert turn.ended


def test_a_turn_that_floods_takes_nothing_from_one_that_waits_for_its_name() -> None:
    router = Router()
    bound(router, "U")
    other = reserved(router)
    router.route(event("first", "V"))
    for _ in range(MAX_EVENTS + 100):
        router.route(event("flood", "U"))
    router.bind(other, "V")
    assert methods(other) == ["first"]


def test_of_ever_more_turns_of_one_thread_only_the_last_ones_are_held() -> None:
    router = Router()
    first, last = reserved(router), reserved(router)
    for number in range(MAX_EARLY + 1):
        router.route(event("held", f"U{number}"))
    router.bind(first, "U0")
    router.bind(last, f"U{MAX_EARLY}")
    assert (methods(first), methods(last)) == ([], ["held"])
    assert router.losses.missed == 1


def test_a_turn_that_runs_can_be_followed() -> None:
    router = Router()
    router.route(started())
    follower = reserved(router)
    router.follow(follower, "U")
    router.route(completed())
    assert (methods(follower), follower.turn_over) == (["turn/completed"], True)


def test_a_turn_that_is_over_does_not_come_back_to_life_by_being_followed() -> None:
    router = Router()
    router.route(started())
    follower = reserved(router)
    router.route(completed())
    router.follow(follower, "U")
    assert (follower.ended, follower.turn_over) == (True, True)
    assert (list(router.active), len(router)) == ([], 0)
