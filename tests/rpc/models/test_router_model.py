"""The router against a naive model of it: routes that come and go while turns run on all threads.

The model keeps, for each route, the list of what its consumer is to be given. Nothing is dropped
here for want of room: that is the business of the backlog's own tests.
"""

from __future__ import annotations

from typing import Any

import pytest
from codex_app_server_rpc import Notification, TransportClosedError, UsageError
from codex_app_server_rpc.core.feed import Feed
from codex_app_server_rpc.core.routing import Router
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.rpc.models.effort import look_for_a_counterexample

THREADS = st.sampled_from(["T", "T", "T", "child"])
TURNS = st.sampled_from(["U1", "U2"])
DELTA = "item/agentMessage/delta"
OF_TURNS = ["turn/started", DELTA, DELTA, "turn/completed", "turn/completed"]
OF_OTHERS = ["thread/closed", "thread/closed", "thread/status/changed", "configWarning"]
EVENTS = st.sampled_from(OF_TURNS + OF_OTHERS)
FILTERS = st.sampled_from([None, None, (), (DELTA,), ("turn/completed",)])


class Route:
    """What the model knows of one feed.

    Attributes:
        state: ``reserved``, ``bound``, ``subscribed`` or ``ended``.
        given: What the consumer is to find when it looks next.
        over: Whether the turn is over.
        error: Why it ended, if not by itself.
        closed: Whether its thread was closed since it was reserved, and not opened again.
        stirred: Whether something has just happened that its consumer is to be woken for.
    """

    def __init__(self, state: str, thread: str | None, methods: tuple[str, ...] | None) -> None:
        self.feed = Feed(self.wake, thread_id=thread, methods=methods)
        self.state = state
        self.thread = thread
        self.turn: str | None = None
        self.methods = methods
        self.given: list[Notification] = []
        self.over = False
        self.error: Exception | None = None
        self.closed = False
        self.stirred = False
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    def is_woken(self) -> bool:
        """Tell whether the consumer was woken, if there was a reason, since this was asked last."""
        woken, stirred = self.woken, self.stirred
        self.woken, self.stirred = 0, False
        return woken > 0 or not stirred

    def give(self, notification: Notification) -> bool:
        """Add to what the consumer is to find, if its filter wants that."""
        ends_turn = notification.method == "turn/completed" and self.turn is not None
        if self.methods is not None and notification.method not in self.methods and not ends_turn:
            return False
        self.given.append(notification)
        self.stirred = True
        return True

    def end(self, *, over: bool = False, error: Exception | None = None) -> None:
        self.state = "ended"
        self.over = over
        self.error = error
        self.stirred = True


class RouterModel(RuleBasedStateMachine):
    """A router, its naive model, and turns on three threads."""

    def __init__(self) -> None:
        super().__init__()
        self.router = Router()
        self.routes: list[Route] = []
        self.held: dict[str, list[Notification]] = {}  # for threads with reserved routes
        self.wanted: list[Notification] = []  # what somebody got
        self.dropped = 0
        self.active: set[tuple[str, str]] = set()
        self.over: set[tuple[str, str]] = set()  # fewer than are remembered
        self.lost: TransportClosedError | None = None
        self.count = 0

    # --- consumers come and go -------------------------------------------------------------

    @rule(thread=THREADS, methods=FILTERS)
    def reserve(self, thread: str, methods: tuple[str, ...] | None) -> None:
        route = self.add(Route("reserved", thread, methods))
        self.router.reserve(route.feed)
        if self.lost is None:
            self.held.setdefault(thread, [])

    @rule(thread=THREADS | st.none(), methods=FILTERS)
    def subscribe(self, thread: str | None, methods: tuple[str, ...] | None) -> None:
        route = self.add(Route("subscribed", thread, methods))
        self.router.subscribe(route.feed)

    @precondition(lambda self: self.pick("reserved"))
    @rule(data=st.data(), turn=TURNS)
    def bind(self, data: st.DataObject, turn: str) -> None:
        """The answer to a start names its turn; the connection may be lost by now."""
        route = data.draw(st.sampled_from(self.pick("reserved")), label="route")
        assert route.thread is not None
        self.router.bind(route.feed, turn)
        route.turn = turn
        self.wanted += [held for held in self.held[route.thread] if held.turn_id == turn]
        over = False
        for held in self.held[route.thread]:
            if held.turn_id == turn and not over:
                route.give(held)
                over = held.method == "turn/completed"
        if over or route.closed:
            route.end(over=True)
        elif self.lost is not None:
            route.end(error=self.lost)
        else:
            route.state = "bound"
            self.active.add((route.thread, turn))
            route.stirred = True
        route.stirred = route.stirred and self.lost is None  # else it had ended before
        self.settle(route.thread)
        self.all_are_woken()

    @precondition(lambda self: self.pick("bound"))
    @rule(data=st.data(), turn=TURNS)
    def bind_again(self, data: st.DataObject, turn: str) -> None:
        route = data.draw(st.sampled_from(self.pick("bound")), label="route")
        with pytest.raises(UsageError):
            self.router.bind(route.feed, turn)

    @precondition(lambda self: self.routes)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Let go of a route, in whatever state it is."""
        route = data.draw(st.sampled_from(self.routes), label="route")
        self.router.release(route.feed)
        if route.state != "ended":
            route.end(error=route.error)
            route.stirred = self.lost is None  # else it had ended before
        if route.thread is not None:
            self.settle(route.thread)
        self.all_are_woken()

    @precondition(lambda self: self.routes)
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        """Have a consumer take what has arrived."""
        self.compare(data.draw(st.sampled_from(self.routes), label="route"))

    # --- notifications ---------------------------------------------------------------------

    @precondition(lambda self: self.lost is None)
    @rule(method=EVENTS, thread=THREADS, turn=TURNS)
    def event(self, method: str, thread: str, turn: str) -> None:
        """Something happens: in a turn, on a thread, or elsewhere."""
        if method in OF_TURNS:
            self.turn_event(method, thread, turn)
        elif method.startswith("thread/"):
            self.thread_event(method, thread)
        else:
            self.after(self.route(method, {}))

    def turn_event(self, method: str, thread: str, turn: str) -> None:
        params: dict[str, Any] = {"threadId": thread, "turn": {"id": turn}}
        notification = self.route(method, params)
        routes = [route for route in self.pick("bound", thread) if route.turn == turn]
        for route in routes:
            route.give(notification)
            self.wanted.append(notification)
            if method == "turn/completed":
                route.end(over=True)
        if method == "turn/started" and (thread, turn) not in self.over:
            self.active.add((thread, turn))
        if method == "turn/completed":
            self.active.discard((thread, turn))
            self.over.add((thread, turn))
        if thread in self.held:
            self.held[thread].append(notification)
            for route in self.pick("reserved", thread):
                route.closed = False
        self.after(notification, held=thread in self.held)

    def thread_event(self, method: str, thread: str) -> None:
        notification = self.route(method, {"threadId": thread})
        if method == "thread/closed":
            for route in self.pick("bound", thread):
                route.end(over=True)
            for route in self.pick("reserved", thread):
                route.closed = True
            self.active = {key for key in self.active if key[0] != thread}
        self.after(notification)

    @precondition(lambda self: self.lost is None)
    @rule(chance=st.integers(0, 15))
    def lose(self, chance: int) -> None:
        """Lose the connection, now and then."""
        if chance:
            return
        self.lost = TransportClosedError("gone")
        self.router.close(self.lost)
        for route in [*self.pick("bound"), *self.pick("subscribed")]:
            route.end(error=self.lost)
        for route in self.pick("reserved"):
            route.error = self.lost
            route.stirred = True
        self.active.clear()
        self.over.clear()
        self.all_are_woken()

    # --- the model -------------------------------------------------------------------------

    def add(self, route: Route) -> Route:
        self.routes.append(route)
        if self.lost is not None:
            route.end(error=self.lost)
        return route

    def pick(self, state: str, thread: str | None = None) -> list[Route]:
        return [
            route
            for route in self.routes
            if route.state == state and (thread is None or route.thread == thread)
        ]

    def route(self, method: str, params: dict[str, Any]) -> Notification:
        self.count += 1
        notification = Notification(method, {**params, "number": self.count})
        self.router.route(notification)
        return notification

    def after(self, notification: Notification, *, held: bool = False) -> None:
        """Give a notification to the subscribers, and wake whom the router wants woken."""
        for route in self.pick("subscribed"):
            if route.thread in {None, notification.thread_id} and route.give(notification):
                self.wanted.append(notification)
        if not held and notification not in self.wanted:
            self.dropped += 1
        for feed in self.router.touched():
            feed.wake()
        self.all_are_woken()

    def settle(self, thread: str) -> None:
        """Count what was held in vain, when nobody on a thread waits for it any more."""
        if not self.pick("reserved", thread):
            held = self.held.pop(thread, [])
            self.dropped += sum(one not in self.wanted for one in held)

    def all_are_woken(self) -> None:
        assert all(route.is_woken() for route in self.routes)

    def compare(self, route: Route) -> None:
        """Hold what a consumer finds against the model."""
        given, route.given = route.given, []
        route.feed.take()
        taken = list(route.feed.taken)
        route.feed.taken.clear()
        assert len(taken) == len(given)
        assert all(one is other for one, other in zip(taken, given, strict=True))

    @invariant()
    def every_route_is_where_the_model_has_it(self) -> None:
        for route in self.routes:
            is_lost = self.lost is not None and route.state == "reserved"
            assert route.feed.ended == (route.state == "ended" or is_lost)
            assert route.feed.turn_over == route.over
            assert route.feed.error is route.error
            assert route.feed.turn_id == route.turn

    @invariant()
    def the_tables_hold_what_lives_and_nothing_else(self) -> None:
        living = [route for route in self.routes if route.state != "ended"]
        if self.lost is not None:  # what is known of their turns is kept for the reserved ones
            known = {
                route.thread for route in living if route.closed or self.held[str(route.thread)]
            }
            living = [route for route in living if route.thread in known]
        assert len(self.router) == len(living)
        assert set(self.router.active) == self.active

    @invariant()
    def what_nobody_got_is_counted(self) -> None:
        assert self.router.unconsumed == self.dropped

    def teardown(self) -> None:
        for route in self.routes:
            self.compare(route)
            self.router.release(route.feed)
        assert len(self.router) == 0
        assert self.router.touched() == [] or self.lost is None


def test_the_router_does_what_its_model_does() -> None:
    look_for_a_counterexample(RouterModel, steps=50, effort=3)
