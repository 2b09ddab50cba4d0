"""A turn that runs: follow it, collect it, stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_codex.errors import TurnFailedError, UsageError
from openai_codex.inputs import wire_input
from openai_codex.results import TurnCollector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from codex_app_server_rpc import AsyncClient, AsyncTurnStream, Notification
    from typing_extensions import Self

    from openai_codex.inputs import RunInput
    from openai_codex.results import TurnResult

__all__ = ["AsyncTurnEvents", "AsyncTurnHandle"]


class AsyncTurnHandle:
    """A turn that was started. Made by `AsyncThread.turn`.

    Attributes:
        id: The turn's id.
        thread_id: The id of its thread.
    """

    def __init__(
        self, client: AsyncClient, stream: AsyncTurnStream, thread_id: str, turn_id: str
    ) -> None:
        """Bind a turn to its events; use `AsyncThread.turn`."""
        self._client = client
        self._stream = stream
        self._collector = TurnCollector(thread_id, turn_id)
        self._events = AsyncTurnEvents(stream, self._collector)
        self.thread_id = thread_id
        self.id = turn_id

    def stream(self) -> AsyncTurnEvents:
        """Follow the turn's notifications up to its ``turn/completed``.

        Each notification is delivered once, to one consumer. After the stream, `run` gives the
        result at once.

        Returns:
            An iterator over notifications of this turn only; look at ``method``, or match
            ``payload``.
        """
        return self._events

    async def run(self, *, check: bool = True) -> TurnResult:
        """Wait for the turn's end and put its result together.

        What `stream` has delivered before counts too.

        Args:
            check: Whether to raise an error if the turn fails.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            TurnFailedError: The turn failed, and ``check`` is true.
            IncompleteTurnError: Events that the result needs never came.
            UsageError: The stream was closed before the turn was over.
            TransportClosedError: The runtime is gone.
        """
        # Not closed on the way out: whoever is cancelled here may come back for the rest.
        async for _ in self._events:
            pass
        if not self._stream.is_over:
            raise UsageError("the turn's stream was closed before its end: there is no result")
        result = self._collector.result()
        if check and result.status == "failed":
            raise TurnFailedError(result)
        return result

    async def steer(self, input: RunInput) -> None:
        """Say more to the running turn (``turn/steer``).

        Args:
            input: What to say: text, or a list of inputs.

        Raises:
            InvalidArgumentError: The input is empty.
            UsageError: The turn is over.
            InvalidRequestError: The turn is of a kind that takes no more input.
        """
        self._check_running()
        await self._client.turn_steer(
            thread_id=self.thread_id, expected_turn_id=self.id, input=wire_input(input)
        )

    async def interrupt(self) -> None:
        """Stop the turn (``turn/interrupt``).

        The turn is over when its ``turn/completed`` comes, with status ``interrupted``.

        Raises:
            UsageError: The turn is over.
        """
        self._check_running()
        await self._client.turn_interrupt(thread_id=self.thread_id, turn_id=self.id)

    def _check_running(self) -> None:
        # The runtime may leave an interrupt of a finished turn unanswered until the next one.
        if self._stream.is_over:
            raise UsageError(f"turn {self.id} is over")


class AsyncTurnEvents:
    """An iterator over the notifications of one turn. Made by `AsyncTurnHandle.stream`."""

    def __init__(self, stream: AsyncTurnStream, collector: TurnCollector) -> None:
        """Follow a stream, and let the collector see what it delivers."""
        self._stream = stream
        self._collector = collector

    def __aiter__(self) -> AsyncIterator[Notification]:
        """Iterate over the turn's notifications."""
        return self

    async def __anext__(self) -> Notification:
        """Wait for the next notification.

        Raises:
            TransportClosedError: The runtime is gone.
        """
        notification = await self._stream.next()
        if notification is None:
            raise StopAsyncIteration
        self._collector.add(notification)
        return notification

    async def close(self) -> None:
        """Stop listening; the turn itself goes on. Idempotent."""
        await self._stream.close()

    async def __aenter__(self) -> Self:
        """Return the iterator itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self.close()
