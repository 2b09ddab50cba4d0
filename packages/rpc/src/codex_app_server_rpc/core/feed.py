"""The way of notifications from the reader to one consumer, without IO."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from codex_app_server_rpc.core.backlog import TURN_COMPLETED, Backlog, Losses

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from codex_app_server_rpc.core.backlog import Waiting
    from codex_app_server_rpc.notification import Notification

__all__ = ["Feed"]


class Feed:
    """The way from the reader to one consumer.

    Attributes:
        ended: No more will arrive.
        error: Why it ended, when it did not end by itself.
        thread_id: The thread this feed belongs to, if it belongs to one.
        turn_id: The turn it is bound to, once that is known.
        compacting: That turn is a compaction.
        begun: Something of that turn was seen.
        started: That turn was seen to start.
        turn_over: That turn is over, or its thread is closed.
        backlog: What has arrived since the consumer last took what there was.
        taken: What the consumer took and has not read yet.
        waits: Its route waits for the thread to be free.
        stopping: Its turn is being stopped; set without a lock, also by finalisers.
    """

    __slots__ = (
        "_methods",
        "_wake",
        "_watchers",
        "backlog",
        "begun",
        "compacting",
        "ended",
        "error",
        "started",
        "stopping",
        "taken",
        "thread_id",
        "turn_id",
        "turn_over",
        "waits",
    )

    def __init__(
        self,
        wake: Callable[[], None],
        *,
        thread_id: str | None = None,
        methods: Collection[str] | None = None,
        losses: Losses | None = None,
    ) -> None:
        """Make an empty feed.

        Args:
            wake: Called when something came that belongs to the consumer, whether or not the
                filter let it through, and when the feed ended; must not block.
            thread_id: The thread whose events it takes; ``None`` for any.
            methods: The methods it takes; ``None`` for all. The end of the turn that it is
                bound to is always taken.
            losses: Where to count what the consumer missed.
        """
        self.backlog: Backlog = Backlog(losses)
        self.taken: deque[Waiting] = deque()
        self.ended: bool = False
        self.error: Exception | None = None
        self.thread_id: str | None = thread_id
        self.turn_id: str | None = None
        self.compacting: bool = False
        self.begun: bool = False
        self.started: bool = False
        self.turn_over: bool = False
        self.waits: bool = False
        self.stopping: bool = False
        self._wake = wake
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._methods = None if methods is None else frozenset(methods)

    def __len__(self) -> int:
        """Count what the consumer has not read yet."""
        return len(self.backlog) + len(self.taken)

    def append(self, notification: Notification) -> bool:
        """Take in one notification, without waking the consumer.

        Returns:
            Whether the feed's filter let it through.
        """
        methods, method = self._methods, notification.method
        if methods is None or method in methods or (method == TURN_COMPLETED and self.turn_id):
            self.backlog.append(notification)
            return True
        return False

    def take(self) -> None:
        """Let the consumer read what has arrived; several consumers may share what is taken."""
        self.taken.extend(self.backlog.take())

    def end(self, error: Exception | None = None) -> None:
        """End the feed and wake its consumer; what is queued stays to be read."""
        if not self.ended:
            self.error = error
            self.ended = True
            self.wake()

    def wake(self) -> None:
        """Wake the consumer, and whoever watches."""
        self._wake()
        for notify in self._watchers:
            notify()

    def watch(self, notify: Callable[[], None]) -> None:
        """Let somebody know of whatever happens, beside the consumer.

        Args:
            notify: Called whenever the consumer is woken; must not block.
        """
        self._watchers = (*self._watchers, notify)

    def unwatch(self, notify: Callable[[], None]) -> None:
        """Let somebody know no more; idempotent."""
        self._watchers = tuple(other for other in self._watchers if other != notify)
