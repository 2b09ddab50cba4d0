"""Which consumer a notification belongs to, without IO.

A turn's events are routed by (thread, turn). The route is *reserved* before ``turn/start`` is
written, because the turn's first events may arrive before the response that names the turn:
until then, the events of the thread's turns are held back, within a budget, and handed over when
the route is bound to its turn. They are held also for a turn that has a consumer already,
because two routes may turn out to belong to one turn: ``turn/start`` on a thread whose turn is
active feeds that turn and answers with its id.

A route ends on ``turn/completed`` of its own turn, which is recognised from the envelope and so
also when the payload does not fit its type; on ``thread/closed`` of its thread; and when the
connection is lost. A turn whose first event is an ``error`` for good has never begun, and gets no
other: that ends it as well. Events of child threads carry another thread id and never reach it.

Whoever does not want to feed a turn that runs, waits for the thread to be free, first come, first
served, or is refused; but nobody is refused for a turn that is being stopped.

A consumer is a `Feed`: a backlog and one callback that wakes whoever waits. The reader appends
and, once per batch of input, wakes the feeds that were `touched`; it never waits for a consumer.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Literal

from codex_app_server_rpc.core.active import ActiveTurns
from codex_app_server_rpc.core.backlog import TURN_COMPLETED, Backlog, Gap, Losses
from codex_app_server_rpc.core.feed import Feed
from codex_app_server_rpc.errors import ThreadBusyError, UsageError
from codex_app_server_rpc.notification import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from codex_app_server_types import JsonValue

    from codex_app_server_rpc.notification import Notification

    IfBusy: TypeAlias = Literal["join", "refuse", "wait"]

__all__ = ["IfBusy", "Router"]

MAX_STARTED: Final = 1024
"""How many turns of one thread are remembered before a route is bound."""
MAX_EARLY: Final = 16
"""Of how many turns of one thread events are held back; the runtime runs one at a time."""

_TURN_STARTED: Final = "turn/started"
_THREAD_CLOSED: Final = "thread/closed"
_STATUS_CHANGED: Final = "thread/status/changed"


class _Reservations:
    """The routes of one thread that wait for their turn's name, and the events held for them."""

    __slots__ = ("bound", "closed", "early", "feeds", "losses", "started", "unclaimed")

    def __init__(self, losses: Losses) -> None:
        self.feeds: dict[Feed, frozenset[str]] = {}  # with the turns that had started before
        self.losses = losses
        self.early: dict[str, Backlog] = {}  # by turn: one that floods takes nothing from others
        self.started: dict[str, None] = {}
        self.bound: set[str] = set()  # turns that have a feed
        self.unclaimed: dict[str, int] = {}  # how many events of each turn nobody got so far
        self.closed: set[Feed] = set()  # those that saw their thread being closed

    def add(self, feed: Feed) -> None:
        self.feeds[feed] = frozenset(self.started)

    def remove(self, feed: Feed) -> None:
        del self.feeds[feed]
        self.closed.discard(feed)

    def hold(self, notification: Notification, turn_id: str, *, bound: bool) -> None:
        """Hold an event of a turn back, be the turn bound already or not."""
        self.closed.clear()  # a thread with a turn is open again
        if notification.method == _TURN_STARTED and len(self.started) < MAX_STARTED:
            self.started[turn_id] = None
        if bound:
            self.bound.add(turn_id)
        early = self.early.get(turn_id)
        if early is None:
            early = self.early[turn_id] = Backlog(self.losses)
            if len(self.early) > MAX_EARLY:
                dropped = self.early.pop(next(iter(self.early)))
                self.losses.missed += len(dropped)
        early.append(notification)

    def keep_count(self, turn_id: str) -> bool:
        """Count an event that nobody got so far; tell whether there was room to do so."""
        count = self.unclaimed.get(turn_id, 0)
        if count == 0 and len(self.unclaimed) >= MAX_STARTED:
            return False
        self.unclaimed[turn_id] = count + 1
        return True

    def hand_over(self, feed: Feed, turn_id: str) -> bool:
        """Give a feed what was held of its turn.

        Returns:
            Whether the turn is over.
        """
        self.bound.add(turn_id)
        self.unclaimed.pop(turn_id, None)
        over = feed in self.closed
        early = self.early.get(turn_id)
        for held in () if early is None else early.peek():
            if isinstance(held, Gap):
                feed.backlog.miss(held.dropped, only_deltas=held.only_deltas)
            else:
                feed.append(held)
                if held.method == TURN_COMPLETED or _is_stillborn(feed, held):
                    return True  # what comes after it comes too late
                feed.begun = True
        return over

    def started_since(self, feed: Feed) -> str | None:
        """Name the turn that has started since a feed was reserved and that is nobody's."""
        others = self.bound | self.feeds.get(feed, frozenset())
        return next((turn for turn in reversed(self.started) if turn not in others), None)


class Router:
    """Routes notifications to feeds.

    Attributes:
        unconsumed: How many notifications nobody wanted.
        losses: What the consumers missed; the feeds of this router count here.
        active: The turns that run, whether or not somebody follows them.
    """

    def __init__(self) -> None:
        """Start without any consumer."""
        self.unconsumed: int = 0
        self.losses: Losses = Losses()
        self.active: ActiveTurns = ActiveTurns()
        self._turns: dict[str, dict[str, list[Feed]]] = {}
        self._reserved: dict[str, _Reservations] = {}
        self._waiting: dict[str, deque[Feed]] = {}  # for their threads to be free
        self._subscribers: list[Feed] = []
        self._looks: dict[str, Callable[[Notification], object]] = {}
        self._touched: set[Feed] = set()
        self._closed: Exception | None = None

    def __len__(self) -> int:
        """Count the consumers: routes bound, reserved and waiting, and subscribers."""
        return sum(1 for _ in self.feeds())

    def feeds(self) -> Iterator[Feed]:
        """Go through the consumers."""
        for turns in self._turns.values():
            for feeds in turns.values():
                yield from feeds
        for reservations in self._reserved.values():
            yield from reservations.feeds
        for waiting in self._waiting.values():
            yield from waiting
        yield from self._subscribers

    # --- consumers come and go -------------------------------------------------------------

    def reserve(self, feed: Feed, if_busy: IfBusy = "join") -> None:
        """Hold a route for a turn that is about to be started on ``feed.thread_id``.

        Args:
            feed: The consumer.
            if_busy: What to do if a turn runs there, or is about to: hold the route all the same,
                ``"refuse"`` it, or let it ``"wait"`` until the thread is free. For a turn that is
                being stopped, a route waits rather than to be refused.

        Raises:
            ThreadBusyError: It is refused.
        """
        if self._refused(feed):
            return
        assert feed.thread_id is not None
        if if_busy == "join" or not self._is_busy(feed.thread_id):
            self._hold(feed, feed.thread_id)
        elif if_busy == "wait" or self._is_busy_only_with(feed.thread_id, _is_stopping):
            feed.waits = True
            self._waiting.setdefault(feed.thread_id, deque()).append(feed)
        else:
            raise self.busy(feed.thread_id)

    def busy(self, thread_id: str) -> ThreadBusyError:
        """Make the error for a thread that is busy."""
        return ThreadBusyError(
            thread_id,
            next(iter(self.active.on(thread_id)), None),
            compacting=self._is_busy_only_with(thread_id, _is_compacting),
        )

    def bind(self, feed: Feed, turn_id: str) -> None:
        """Give a feed its turn: what was held for it, and what comes from now on.

        Raises:
            UsageError: It has one.
        """
        if feed.turn_id is not None and (feed.turn_id != turn_id or self.is_bound(feed)):
            raise UsageError(f"the stream is bound to turn {feed.turn_id} already")
        feed.turn_id = turn_id
        assert feed.thread_id is not None
        reservations = self._reserved.get(feed.thread_id)
        reserved = reservations is not None and feed in reservations.feeds
        over = reservations is not None and reserved and reservations.hand_over(feed, turn_id)
        self._unreserve(feed)
        if over:
            feed.turn_over = True
            feed.error = None  # its turn had ended before the connection did
            feed.end()
        elif not feed.ended and not self._refused(feed):
            feed.started = self.active.has_started(feed.thread_id, turn_id)
            self.active.add(feed.thread_id, turn_id, started=feed.started)
            self._turns.setdefault(feed.thread_id, {}).setdefault(turn_id, []).append(feed)
            feed.wake()
        self._admit(feed.thread_id)

    def is_bound(self, feed: Feed) -> bool:
        """Tell whether a feed gets the events of its turn, or has got all of them.

        One that has a turn and does not was interrupted by Ctrl-C while it was bound.
        """
        turns = self._turns.get(feed.thread_id or "", {})
        return feed.ended or feed in turns.get(feed.turn_id or "", ())

    def started_turn(self, feed: Feed) -> str | None:
        """Name the turn that started on a reserved feed's thread since it was reserved."""
        reservations = None if feed.thread_id is None else self._reserved.get(feed.thread_id)
        return None if reservations is None else reservations.started_since(feed)

    def follow(self, feed: Feed, turn_id: str) -> None:
        """Bind a reserved feed to a turn that runs, or end it if the turn does not run any more."""
        assert feed.thread_id is not None
        if (feed.thread_id, turn_id) in self.active:
            self.bind(feed, turn_id)
        else:
            feed.turn_id = turn_id
            feed.turn_over = True
            self._unreserve(feed)
            feed.end()
            self._admit(feed.thread_id)

    def subscribe(self, feed: Feed) -> None:
        """Send a feed every notification that its filters take, turns' events included."""
        if not self._refused(feed):
            self._subscribers.append(feed)

    def release(self, feed: Feed) -> None:
        """Forget a consumer; its later events are dropped."""
        if feed in self._subscribers:
            self._subscribers.remove(feed)
        if feed.thread_id is not None:
            if feed.turn_id is not None:
                self._unbind(feed, feed.thread_id, feed.turn_id)
            self._unreserve(feed)
            self._leave(feed, feed.thread_id)
            self._admit(feed.thread_id)
        feed.end()

    def watch(self, method: str, look: Callable[[Notification], object]) -> None:
        """Let somebody look at each notification of a method as it passes; takes nothing away."""
        self._looks[method] = look

    # --- notifications pass through --------------------------------------------------------

    def route(self, notification: Notification) -> None:
        """Hand one notification to whoever consumes it; see `touched`."""
        look = self._looks.get(notification.method)
        if look is not None:
            look(notification)
        thread_id, turn_id = address_of(notification.params)
        taken = False
        reservations: _Reservations | None = None
        if thread_id is not None:
            if turn_id is not None:
                taken = self._route_to_turn(notification, thread_id, turn_id)
                reservations = self._reserved.get(thread_id)
                if reservations is not None:
                    reservations.hold(notification, turn_id, bound=taken)
                    if notification.method == _TURN_STARTED:
                        self._touched.update(reservations.feeds)  # it may be what they wait for
            else:
                self.touch(thread_id)
                if notification.method == _STATUS_CHANGED and _is_idle(notification.params):
                    self.active.note_idle(thread_id)
                elif notification.method == _THREAD_CLOSED:
                    self._close_thread(thread_id)
                    self._admit(thread_id)
        for feed in self._subscribers:
            if (feed.thread_id is None or feed.thread_id == thread_id) and feed.append(
                notification
            ):
                self._touched.add(feed)
                taken = True
        if taken:
            return
        if reservations is None or turn_id is None or not reservations.keep_count(turn_id):
            self.unconsumed += 1

    def touch(self, thread_id: str) -> None:
        """Note that something happened on a thread: its turns are not idle."""
        for feeds in self._turns.get(thread_id, {}).values():
            self._touched.update(feeds)

    def touched(self) -> list[Feed]:
        """List the feeds that something came for since the last time, to be woken."""
        touched = list(self._touched)
        self._touched.clear()
        return touched

    def close(self, error: Exception) -> None:
        """End every feed with an error: the connection is gone.

        What is held for those that are still to be bound is kept until they are, or let go of.
        """
        self._closed = error
        feeds = list(self.feeds())
        self._turns.clear()
        self._reserved = {
            thread_id: reservations
            for thread_id, reservations in self._reserved.items()
            if reservations.early or reservations.closed
        }
        self._waiting.clear()
        self._subscribers.clear()
        self._touched.clear()
        self.active.clear()
        for feed in feeds:
            feed.end(error)

    # --- one turn at a time ----------------------------------------------------------------

    def _is_busy(self, thread_id: str) -> bool:
        """Tell whether a turn runs on a thread, or is about to."""
        return (
            thread_id in self._waiting
            or bool(self.active.on(thread_id))
            or (thread_id in self._reserved and bool(self._reserved[thread_id].feeds))
        )

    def _is_busy_only_with(self, thread_id: str, are_such: Callable[[Feed], bool]) -> bool:
        """Tell whether all turns that make a thread busy are such."""
        if thread_id in self._waiting:
            return False
        turns = self._turns.get(thread_id, {})
        reservations = self._reserved.get(thread_id)
        starting = () if reservations is None else reservations.feeds
        return all(map(are_such, starting)) and all(
            any(map(are_such, turns.get(turn_id, ()))) for turn_id in self.active.on(thread_id)
        )

    def _hold(self, feed: Feed, thread_id: str) -> None:
        self._reserved.setdefault(thread_id, _Reservations(self.losses)).add(feed)

    def _admit(self, thread_id: str) -> None:
        """Let the next route be held that waits for a thread, if that is free."""
        waiting = self._waiting.pop(thread_id, None)
        if waiting is None:
            return
        if not self._is_busy(thread_id):
            feed = waiting.popleft()
            feed.waits = False
            self._hold(feed, thread_id)
            feed.wake()
        if waiting:
            self._waiting[thread_id] = waiting

    def _leave(self, feed: Feed, thread_id: str) -> None:
        waiting = self._waiting.get(thread_id)
        if waiting is not None and feed in waiting:
            waiting.remove(feed)
            if not waiting:
                del self._waiting[thread_id]

    # --- one turn, one thread --------------------------------------------------------------

    def _route_to_turn(self, notification: Notification, thread_id: str, turn_id: str) -> bool:
        """Append to the feeds of the turn, whose completion ends them."""
        turns = self._turns.get(thread_id)
        feeds = () if turns is None else turns.get(turn_id, ())
        method = notification.method
        is_over = method == TURN_COMPLETED
        for feed in feeds:
            feed.append(notification)
            self._touched.add(feed)
            if not feed.begun:
                is_over = is_over or _is_stillborn(feed, notification)
                feed.begun = True
        if is_over:
            self.active.complete(thread_id, turn_id)
            self._end_turn(thread_id, turn_id)
            self._admit(thread_id)
        elif method == _TURN_STARTED:
            self.active.begin(thread_id, turn_id)
            for feed in feeds:
                feed.started = True
        return bool(feeds)

    def _end_turn(self, thread_id: str, turn_id: str) -> None:
        turns = self._turns.get(thread_id)
        if turns is None:
            return
        for feed in turns.pop(turn_id, ()):
            self._touched.discard(feed)
            feed.turn_over = True
            feed.end()
        if not turns:
            del self._turns[thread_id]

    def _close_thread(self, thread_id: str) -> None:
        for turn_id in list(self._turns.get(thread_id, ())):
            self._end_turn(thread_id, turn_id)
        for turn_id in self.active.on(thread_id):
            self.active.remove(thread_id, turn_id)
        reservations = self._reserved.get(thread_id)
        if reservations is not None:
            reservations.closed.update(reservations.feeds)

    def _unbind(self, feed: Feed, thread_id: str, turn_id: str) -> None:
        turns = self._turns.get(thread_id, {})
        feeds = turns.get(turn_id, [])
        if feed in feeds:
            feeds.remove(feed)
            if not feeds:
                del turns[turn_id]
            if not turns:
                del self._turns[thread_id]

    def _unreserve(self, feed: Feed) -> None:
        assert feed.thread_id is not None
        reservations = self._reserved.get(feed.thread_id)
        if reservations is None or feed not in reservations.feeds:
            return
        reservations.remove(feed)
        if not reservations.feeds:
            del self._reserved[feed.thread_id]
            self.unconsumed += sum(reservations.unclaimed.values())

    def _refused(self, feed: Feed) -> bool:
        if self._closed is None:
            return False
        feed.end(self._closed)
        return True


def _is_stopping(feed: Feed) -> bool:
    return feed.stopping


def _is_compacting(feed: Feed) -> bool:
    return feed.compacting


def _is_stillborn(feed: Feed, notification: Notification) -> bool:
    """Tell whether a turn has failed before anything was seen of it."""
    params = notification.params
    return (
        not feed.begun
        and notification.method == "error"
        and isinstance(params, dict)
        and params.get("willRetry") is False
    )


def _is_idle(params: JsonValue) -> bool:
    """Tell whether a ``thread/status/changed`` says that nothing runs on the thread."""
    status = params.get("status") if isinstance(params, dict) else None
    return isinstance(status, dict) and status.get("type") == "idle"
