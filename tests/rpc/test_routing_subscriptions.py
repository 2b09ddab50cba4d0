"""Listening to notifications of any thread, what nobody hears, and who is woken."""

from __future__ import annotations

from codex_app_server_rpc import Notification
from codex_app_server_rpc.core.backlog import Gap
from codex_app_server_rpc.core.feed import Feed
from codex_app_server_rpc.core.routing import Router


class Sleeper:
    """Counts how often it is woken."""

    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1


def subscribed(
    router: Router,
    *,
    thread_id: str | None = None,
    methods: list[str] | None = None,
    sleeper: Sleeper | None = None,
) -> Feed:
    feed = Feed((sleeper or Sleeper()).wake, thread_id=thread_id, methods=methods)
    router.subscribe(feed)
    return feed


def wake_touched(router: Router) -> None:
    """Do what a driver does after each batch of input."""
    for feed in router.touched():
        feed.wake()


def methods(of: Feed) -> list[str]:
    return ["…" if isinstance(waiting, Gap) else waiting.method for waiting in of.backlog.peek()]


def test_a_subscriber_hears_everything() -> None:
    router = Router()
    feed = subscribed(router)
    router.route(Notification("configWarning", {"summary": "s"}))
    router.route(Notification("item/started", {"threadId": "T", "turnId": "U"}))
    router.route(Notification("future/thing"))
    assert methods(feed) == ["configWarning", "item/started", "future/thing"]


def test_a_subscriber_of_a_thread_hears_that_thread_only() -> None:
    router = Router()
    feed = subscribed(router, thread_id="T")
    router.route(Notification("a", {"threadId": "T"}))
    router.route(Notification("b", {"threadId": "other"}))
    router.route(Notification("c"))
    assert methods(feed) == ["a"]


def test_a_subscriber_of_some_methods_hears_those_only() -> None:
    router = Router()
    feed = subscribed(router, methods=["a"])
    completed = Notification("turn/completed", {"threadId": "T", "turn": {"id": "U"}})
    for notification in [Notification("a"), Notification("b"), completed]:
        router.route(notification)
    assert methods(feed) == ["a"]


def test_a_turns_events_reach_its_feed_and_every_subscriber() -> None:
    router = Router()
    subscribers = [subscribed(router), subscribed(router)]
    turn = Feed(Sleeper().wake, thread_id="T")
    router.reserve(turn)
    router.bind(turn, "U")
    router.route(Notification("turn/completed", {"threadId": "T", "turn": {"id": "U"}}))
    assert [methods(feed) for feed in [turn, *subscribers]] == [["turn/completed"]] * 3
    assert not any(feed.ended for feed in subscribers)


def test_a_released_subscriber_hears_nothing_more_and_leaves_no_entry() -> None:
    router = Router()
    feed = subscribed(router)
    router.release(feed)
    router.route(Notification("a"))
    assert methods(feed) == []
    assert feed.ended
    assert len(router) == 0


def test_the_consumers_are_counted() -> None:
    router = Router()
    subscribed(router)
    reserved = Feed(Sleeper().wake, thread_id="T")
    router.reserve(reserved)
    bound = Feed(Sleeper().wake, thread_id="T")
    router.reserve(bound)
    router.bind(bound, "U")
    assert len(router) == 3


def test_what_nobody_consumes_is_counted() -> None:
    router = Router()
    router.route(Notification("configWarning"))
    router.route(Notification("item/started", {"threadId": "T", "turnId": "U"}))
    router.route(Notification("thread/closed", {"threadId": "T"}))
    assert router.unconsumed == 3


def test_what_no_filter_lets_through_is_counted_too() -> None:
    router = Router()
    subscribed(router, methods=["a"])
    router.route(Notification("b"))
    router.route(Notification("a"))
    assert router.unconsumed == 1


def test_what_somebody_consumes_is_not_counted() -> None:
    router = Router()
    subscribed(router)
    router.route(Notification("configWarning"))
    assert router.unconsumed == 0


def test_a_consumer_is_woken_once_for_a_batch() -> None:
    router = Router()
    sleeper = Sleeper()
    subscribed(router, sleeper=sleeper)
    for _ in range(10):
        router.route(Notification("a"))
    assert sleeper.woken == 0
    wake_touched(router)
    wake_touched(router)
    assert sleeper.woken == 1


def test_a_consumer_is_not_woken_for_what_its_filter_left_out() -> None:
    router = Router()
    sleeper = Sleeper()
    subscribed(router, sleeper=sleeper, methods=["a"])
    router.route(Notification("b"))
    wake_touched(router)
    assert sleeper.woken == 0


def test_the_end_of_a_turn_wakes_its_consumer() -> None:
    router = Router()
    sleeper = Sleeper()
    turn = Feed(sleeper.wake, thread_id="T")
    router.reserve(turn)
    router.bind(turn, "U")
    woken = sleeper.woken
    router.route(Notification("turn/completed", {"threadId": "T", "turn": {"id": "U"}}))
    wake_touched(router)
    assert sleeper.woken > woken


def test_binding_wakes_a_consumer_that_already_waits() -> None:
    router = Router()
    sleeper = Sleeper()
    turn = Feed(sleeper.wake, thread_id="T")
    router.reserve(turn)
    router.route(Notification("item/started", {"threadId": "T", "turnId": "U"}))
    router.bind(turn, "U")
    assert sleeper.woken == 1


def test_ids_of_the_wrong_type_belong_to_no_thread_and_no_turn() -> None:
    router = Router()
    feed = subscribed(router, thread_id="T")
    router.route(Notification("a", {"threadId": ["T"]}))
    router.route(Notification("b", ["T"]))
    router.route(Notification("c", {"threadId": "T", "turnId": 7}))
    router.route(Notification("d", {"threadId": "T", "turn": "U"}))
    assert methods(feed) == ["c", "d"]


def test_whoever_watches_a_method_sees_it_pass_and_takes_nothing_away() -> None:
    router = Router()
    seen: list[Notification] = []
    router.watch("account/updated", seen.append)
    notification = Notification("account/updated", {})
    router.route(notification)
    router.route(Notification("account/login/completed", {}))
    assert seen == [notification]
    assert router.unconsumed == 2
