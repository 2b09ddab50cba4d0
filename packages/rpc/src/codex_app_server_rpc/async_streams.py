"""What a consumer of notifications holds in its hand, async."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError
from codex_app_server_rpc.routing import Feed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from types import TracebackType

    from typing_extensions import Self

    from codex_app_server_rpc.notification import Notification
    from codex_app_server_rpc.routing import Router

__all__ = ["AsyncNotificationStream", "AsyncTurnStream"]


class AsyncNotificationStream:
    """An async iterator over notifications; each is delivered once, to whoever asks first.

    It ends when it is closed; if the connection is lost, `TransportClosedError` is raised once
    everything that had arrived was read. Made by `AsyncClient.subscribe`.
    """

    def __init__(
        self,
        router: Router,
        *,
        thread_id: str | None = None,
        methods: Collection[str] | None = None,
    ) -> None:
        """Make the stream; the client registers it."""
        self._router = router
        self._ready: asyncio.Future[None] | None = None
        self.feed: Feed = Feed(self._wake, thread_id=thread_id, methods=methods)

    def __aiter__(self) -> AsyncIterator[Notification]:
        """Iterate over what comes."""
        return self

    async def __anext__(self) -> Notification:
        """Wait for the next notification, without a deadline."""
        notification = await self.next()
        if notification is None:
            raise StopAsyncIteration
        return notification

    async def next(self, timeout: float | None = None) -> Notification | None:
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
            if feed.queue:
                return feed.queue.popleft()
            if feed.ended:
                if isinstance(feed.error, TransportClosedError):
                    raise feed.error.again()
                return None
            await self._wait(timeout)

    async def close(self) -> None:
        """Stop listening; idempotent."""
        self._router.release(self.feed)

    async def __aenter__(self) -> Self:
        """Return the stream itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self.close()

    async def _wait(self, timeout: float | None) -> None:
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_future()
        # Not `wait_for`, which before Python 3.12 can swallow a cancellation, and would cancel
        # the future under others who wait too.
        done, _ = await asyncio.wait({self._ready}, timeout=timeout)
        if not done:
            assert timeout is not None
            raise CodexTimeoutError(f"no notification within {timeout:g} s", timeout=timeout)

    def _wake(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            ready.set_result(None)


class AsyncTurnStream(AsyncNotificationStream):
    """The notifications of one turn, ended by its ``turn/completed``.

    Made by `AsyncClient.turn_stream` before ``turn/start`` is sent, so that no event is lost;
    bound to its turn when the response names it.
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
        self._router.bind(self.feed, turn_id)
