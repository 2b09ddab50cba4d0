"""What a consumer of notifications holds in its hand, sync."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError
from codex_app_server_rpc.routing import Feed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from codex_app_server_rpc.notification import Notification
    from codex_app_server_rpc.routing import Router

__all__ = ["NotificationStream", "TurnStream", "lock_timeout"]


def lock_timeout(timeout: float | None) -> float:
    """Say a caller's timeout in the words of `threading.Lock.acquire`.

    Args:
        timeout: In seconds; ``None`` for no limit.

    Returns:
        What a lock takes: -1 for no limit, no other negative number, nothing over its maximum.
    """
    return -1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)


class NotificationStream:
    """An iterator over notifications; each is delivered once, to whoever asks first.

    It ends when it is closed; if the connection is lost, `TransportClosedError` is raised once
    everything that had arrived was read. Made by `Client.subscribe`.
    """

    def __init__(
        self,
        router: Router,
        lock: threading.Lock,
        *,
        thread_id: str | None = None,
        methods: Collection[str] | None = None,
    ) -> None:
        """Make the stream; the client registers it."""
        self._router = router
        self._lock = lock
        self._ready = threading.Lock()
        self._ready.acquire()
        self.feed: Feed = Feed(self._wake, thread_id=thread_id, methods=methods)

    def __iter__(self) -> Iterator[Notification]:
        """Iterate over what comes."""
        return self

    def __next__(self) -> Notification:
        """Wait for the next notification, without a deadline."""
        notification = self.next()
        if notification is None:
            raise StopIteration
        return notification

    def next(self, timeout: float | None = None) -> Notification | None:
        """Wait for the next notification.

        Args:
            timeout: How long to wait at most, in seconds; ``None`` for no limit.

        Returns:
            The notification, or ``None`` at the end of the stream.

        Raises:
            CodexTimeoutError: Nothing came in time.
            TransportClosedError: The connection is gone.
        """
        feed = self.feed
        while True:
            # `ended` before the queue: what was appended before the end is still read.
            ended = feed.ended
            with contextlib.suppress(IndexError):
                return feed.queue.popleft()
            if ended:
                with self._lock:
                    self._wake()  # if others wait too, they learn of the end one by one
                if isinstance(feed.error, TransportClosedError):
                    raise feed.error.again()
                return None
            if not self._ready.acquire(timeout=lock_timeout(timeout)):
                assert timeout is not None
                raise CodexTimeoutError(f"no notification within {timeout:g} s", timeout=timeout)

    def close(self) -> None:
        """Stop listening; idempotent."""
        with self._lock:
            self._router.release(self.feed)

    def __enter__(self) -> Self:
        """Return the stream itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self.close()

    def _wake(self) -> None:
        # Called under the client's lock, so that no two wakes race for the release.
        if self._ready.locked():
            self._ready.release()


class TurnStream(NotificationStream):
    """The notifications of one turn, ended by its ``turn/completed``.

    Made by `Client.turn_stream` before ``turn/start`` is sent, so that no event is lost; bound
    to its turn when the response names it.
    """

    @property
    def is_over(self) -> bool:
        """Whether the turn itself is over; a stream may be closed before that."""
        return self.feed.turn_over

    def bind(self, turn_id: str) -> None:
        """Give the stream its turn.

        Args:
            turn_id: The id in the response to ``turn/start``.
        """
        with self._lock:
            self._router.bind(self.feed, turn_id)
