"""Ending a turn from this side (``turn/interrupt``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc._async.link import AsyncPendingRequest
from codex_app_server_rpc._primitives import AsyncSignal
from codex_app_server_rpc._stopping import INTERRUPT, interrupt_params
from codex_app_server_rpc.core.connection import result_of
from codex_app_server_rpc.errors import InvalidRequestError

if TYPE_CHECKING:
    from codex_app_server_rpc._async.link import AsyncLink
    from codex_app_server_rpc.core.connection import Answer
    from codex_app_server_rpc.core.feed import Feed
    from codex_app_server_rpc.deadline import Deadline

__all__ = ["AsyncInterruption"]


class AsyncInterruption:
    """One attempt to end one turn, within a deadline.

    The turn is over when its ``turn/completed`` comes. The server's answer to the interrupt says
    less, and may stay away altogether. And the server refuses one that comes between its answer to
    ``turn/start`` and the ``turn/started``: that one is sent again once the turn has started.
    """

    def __init__(self, link: AsyncLink, feed: Feed, deadline: Deadline) -> None:
        """Prepare; nothing is sent yet.

        Args:
            link: Where to send.
            feed: The feed of the turn.
            deadline: When to give up.
        """
        self._link = link
        self._feed = feed
        self._deadline = deadline
        # Of its own: the consumer of the feed may be waiting at the same time.
        self._signal = AsyncSignal()
        self._request: AsyncPendingRequest | None = None
        self._had_started = False
        with link.lock:
            feed.watch(self._signal.notify)

    async def begin(self) -> None:
        """Send the interrupt, without waiting for what comes of it.

        Raises:
            RequestTimeoutError: It could not be sent in time.
            TransportClosedError: The server is gone.
        """
        assert self._feed.thread_id is not None
        assert self._feed.turn_id is not None
        self._forget()
        self._request = AsyncPendingRequest(
            self._link, INTERRUPT, self._deadline, notice=self._signal.notify
        )
        # Known before it is sent: the start may come together with the refusal.
        self._had_started = self._feed.started
        params = interrupt_params(self._feed.thread_id, self._feed.turn_id)
        await self._request.send(params, urgent=True)

    async def agreed(self) -> None:
        """Wait until the server has agreed, or the turn is over.

        Raises:
            JsonRpcError: The server refused; most likely the turn was over.
            RequestTimeoutError: Neither came in time.
            TransportClosedError: The server is gone.
        """
        while not await self._settled():
            await self.begin()

    async def finished(self) -> bool:
        """Wait for the turn's end, and tell whether it came in time."""
        while not self._feed.ended:
            if not await self._signal.wait(self._deadline.remaining()):
                return False
        return self._is_over

    def close(self) -> None:
        """Let go of everything; idempotent."""
        with self._link.lock:
            self._feed.unwatch(self._signal.notify)
        self._forget()

    @property
    def _is_over(self) -> bool:
        """Whether the turn is over, be it with its connection; a feed may be closed before that."""
        return self._feed.turn_over or self._feed.error is not None

    def _forget(self) -> None:
        if self._request is not None:
            self._request.close()

    async def _settled(self) -> bool:
        """Wait for the answer; tell whether that settles it, or the interrupt was too early."""
        answer = await self._answer()
        if answer is None:
            return True
        try:
            result_of(INTERRUPT, answer, bool)  # that it is one says all; nothing is in it
        except InvalidRequestError:
            if self._is_over:
                return True  # which is what was wanted
            if self._had_started or self._feed.ended:
                raise
            return await self._is_over_before_its_start()
        return True

    async def _answer(self) -> Answer | None:
        """Wait for the server's answer; ``None`` if the turn is over before that."""
        request = self._request
        assert request is not None
        while request.answer is None:
            if self._is_over:
                return None
            if not await self._signal.wait(self._deadline.remaining()):
                raise request.timeout("answer")
        return request.answer

    async def _is_over_before_its_start(self) -> bool:
        while not self._feed.started:
            if self._feed.ended:
                return self._is_over
            if not await self._signal.wait(self._deadline.remaining()):
                assert self._request is not None
                raise self._request.timeout("answer")
        return False
