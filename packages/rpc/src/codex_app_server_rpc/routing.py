"""Which consumer a notification belongs to, without IO.

A turn's events are routed by (thread, turn). The route is *reserved* before ``turn/start`` is
written, because the turn's first events may arrive before the response that names the turn:
until then, the events of the thread's turns are held back, a bounded number of them, and handed
over when the route is bound to its turn. They are held also for a turn that has a consumer
already, because two routes may turn out to belong to one turn: ``turn/start`` on a thread whose
turn is active feeds that turn and answers with its id.

A route ends on ``turn/completed`` of its own turn, which is recognised from the envelope and so
also when the payload does not fit its type; on ``thread/closed`` of its thread; and when the
connection is lost. Events of child threads carry another thread id and never reach it.

A consumer is a `Feed`: a queue and one callback that wakes whoever waits. The reader appends
and, once per batch of input, wakes the feeds that it touched; it never waits for a consumer.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from codex_app_server_rpc.notification import Notification

__all__ = ["Feed", "Router"]

MAX_EARLY: Final = 10_000
"""How many events of a not yet named turn are held back for one thread."""

_TURN_COMPLETED: Final = "turn/completed"
_THREAD_CLOSED: Final = "thread/closed"


class Feed:
    """The queue between the reader and one consumer.

    Attributes:
        queue: What has arrived and was not yet taken.
        ended: No more will arrive.
        error: Why it ended, when it did not end by itself.
        thread_id: The thread this feed belongs to, if it belongs to one.
        turn_id: The turn it is bound to, once that is known.
        turn_over: That turn is over, or its thread is closed.
    """

    __slots__ = (
        "_methods",
        "_wake",
        "ended",
        "error",
        "queue",
        "thread_id",
        "turn_id",
        "turn_over",
    )

    def __init__(
        self,
        wake: Callable[[], None],
        *,
        thread_id: str | None = None,
        methods: Collection[str] | None = None,
    ) -> None:
        """Make an empty feed.

        Args:
            wake: Called after something was appended, or the feed ended; must not block.
            thread_id: The thread whose events it takes; ``None`` for any.
            methods: The methods it takes; ``None`` for all. The end of the turn that it is
                bound to is always taken.
        """
        self.queue: deque[Notification] = deque()
        self.ended: bool = False
        self.error: Exception | None = None
        self.thread_id: str | None = thread_id
        self.turn_id: str | None = None
        self.turn_over: bool = False
        self._wake = wake
        self._methods = None if methods is None else frozenset(methods)

    def append(self, notification: Notification) -> bool:
        """Take in one notification, without waking the consumer.

        Returns:
            Whether the feed's filter let it through.
        """
        method = notification.method
        ends_turn = method == _TURN_COMPLETED and self.turn_id is not None
        taken = self._methods is None or method in self._methods or ends_turn
        if taken:
            self.queue.append(notification)
        return taken

    def end(self, error: Exception | None = None) -> None:
        """End the feed and wake its consumer; what is queued stays to be read."""
        if not self.ended:
            self.error = error
            self.ended = True
            self._wake()

    def wake(self) -> None:
        """Wake the consumer."""
        self._wake()


class _Reservations:
    """The routes of one thread that wait for their turn's name, and the events held for them."""

    __slots__ = ("closed", "consumed", "early", "feeds", "held")

    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.early: dict[str, list[Notification]] = {}
        self.held = 0
        self.consumed: set[str] = set()  # turns whose events somebody got
        self.closed = False  # the thread was closed meanwhile

    def hold(self, turn_id: str, notification: Notification) -> bool:
        """Hold an event back, unless that is one too many; the end of a turn never is."""
        self.closed = False  # a thread with a turn is open again
        if self.held >= MAX_EARLY and notification.method != _TURN_COMPLETED:
            return False
        self.early.setdefault(turn_id, []).append(notification)
        self.held += 1
        return True

    def unconsumed(self) -> int:
        """Count the events held for turns that turned out to be nobody's."""
        return sum(len(held) for turn, held in self.early.items() if turn not in self.consumed)


class Router:
    """Routes notifications to feeds.

    Attributes:
        dropped: Notifications that nobody consumed.
    """

    def __init__(self) -> None:
        """Start without any consumer."""
        self.dropped: int = 0
        self._turns: dict[tuple[str, str], list[Feed]] = {}
        self._reserved: dict[str, _Reservations] = {}
        self._subscribers: list[Feed] = []
        self._touched: set[Feed] = set()
        self._closed: Exception | None = None

    def __len__(self) -> int:
        """Count the consumers: bound routes, reserved ones and subscribers."""
        reserved = sum(len(held.feeds) for held in self._reserved.values())
        bound = sum(len(feeds) for feeds in self._turns.values())
        return bound + reserved + len(self._subscribers)

    def reserve(self, feed: Feed) -> None:
        """Hold a route for a turn that is about to be started on ``feed.thread_id``."""
        if self._refused(feed):
            return
        assert feed.thread_id is not None
        self._reserved.setdefault(feed.thread_id, _Reservations()).feeds.append(feed)

    def bind(self, feed: Feed, turn_id: str) -> None:
        """Give a feed its turn: what was held for it, and what comes from now on."""
        feed.turn_id = turn_id
        if feed.ended or self._refused(feed):
            return
        assert feed.thread_id is not None
        over = False
        reservations = self._reserved.get(feed.thread_id)
        if reservations is not None:
            over = reservations.closed
            reservations.consumed.add(turn_id)
            for notification in reservations.early.get(turn_id, ()):
                feed.append(notification)
                over = over or notification.method == _TURN_COMPLETED
        self._unreserve(feed)
        if over:
            feed.turn_over = True
            feed.end()
        else:
            self._turns.setdefault((feed.thread_id, turn_id), []).append(feed)
            feed.wake()

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
                self._unbind((feed.thread_id, feed.turn_id), feed)
            self._unreserve(feed)
        feed.end()

    def route(self, notification: Notification) -> None:
        """Hand one notification to whoever consumes it; `flush` then wakes them."""
        taken = False
        thread_id = notification.thread_id
        if thread_id is not None:
            turn_id = notification.turn_id
            if turn_id is not None:
                taken = self._route_to_turn(notification, thread_id, turn_id)
            elif notification.method == _THREAD_CLOSED:
                self._close_thread(thread_id)
        for feed in self._subscribers:
            if (feed.thread_id is None or feed.thread_id == thread_id) and feed.append(
                notification
            ):
                self._touched.add(feed)
                taken = True
        if not taken:
            self.dropped += 1

    def flush(self) -> None:
        """Wake every consumer that got something since the last flush."""
        if self._touched:
            touched = list(self._touched)
            self._touched.clear()
            for feed in touched:
                feed.wake()

    def close(self, error: Exception) -> None:
        """End every feed with an error: the connection is gone."""
        self._closed = error
        feeds = [feed for bound in self._turns.values() for feed in bound]
        feeds.extend(self._subscribers)
        for reservations in self._reserved.values():
            feeds.extend(reservations.feeds)
        self._turns.clear()
        self._reserved.clear()
        self._subscribers.clear()
        self._touched.clear()
        for feed in feeds:
            feed.end(error)

    def _route_to_turn(self, notification: Notification, thread_id: str, turn_id: str) -> bool:
        """Append to the feeds of the turn, whose completion ends them; hold for the others."""
        key = (thread_id, turn_id)
        feeds = self._turns.get(key, ())
        for feed in feeds:
            if feed.append(notification):
                self._touched.add(feed)
        taken = bool(feeds)
        if taken and notification.method == _TURN_COMPLETED:
            self._end_turn(key)
        reservations = self._reserved.get(thread_id)
        if reservations is None:
            return taken
        if taken:
            reservations.consumed.add(turn_id)
        return reservations.hold(turn_id, notification) or taken

    def _end_turn(self, key: tuple[str, str]) -> None:
        for feed in self._turns.pop(key, ()):
            self._touched.discard(feed)
            feed.turn_over = True
            feed.end()

    def _close_thread(self, thread_id: str) -> None:
        for key in [key for key in self._turns if key[0] == thread_id]:
            self._end_turn(key)
        reservations = self._reserved.get(thread_id)
        if reservations is not None:
            reservations.closed = True

    def _unbind(self, key: tuple[str, str], feed: Feed) -> None:
        feeds = self._turns.get(key, [])
        if feed in feeds:
            feeds.remove(feed)
            if not feeds:
                del self._turns[key]

    def _unreserve(self, feed: Feed) -> None:
        assert feed.thread_id is not None
        reservations = self._reserved.get(feed.thread_id)
        if reservations is None or feed not in reservations.feeds:
            return
        reservations.feeds.remove(feed)
        if not reservations.feeds:
            del self._reserved[feed.thread_id]
            self.dropped += reservations.unconsumed()

    def _refused(self, feed: Feed) -> bool:
        if self._closed is None:
            return False
        feed.end(self._closed)
        return True
