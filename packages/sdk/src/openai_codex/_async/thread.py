"""A conversation: turns on one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_codex._async.turn import AsyncTurnHandle
from openai_codex.inputs import wire_input
from openai_codex.results import COLLECTED

if TYPE_CHECKING:
    from collections.abc import Collection

    from codex_app_server_rpc import AsyncClient

    from openai_codex.inputs import RunInput
    from openai_codex.results import TurnResult

__all__ = ["AsyncThread"]


class AsyncThread:
    """A conversation. Made by `AsyncCodex.thread_start`.

    Attributes:
        id: The thread's id.
    """

    def __init__(self, client: AsyncClient, thread_id: str) -> None:
        """Bind a thread to its client; use `AsyncCodex.thread_start`."""
        self._client = client
        self.id = thread_id

    async def run(self, input: RunInput, *, check: bool = True) -> TurnResult:
        """Run a turn to its end.

        One turn at a time: on a thread whose turn is still running, the runtime feeds the input to
        that turn, and both calls get its one answer. Use another thread to work beside it.

        Args:
            input: What to say: text, or a list of inputs.
            check: Whether to raise an error if the turn fails.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            TurnFailedError: The turn failed, and ``check`` is true.
            IncompleteTurnError: Events that the result needs never came.
            TransportClosedError: The runtime is gone.
        """
        handle = await self._start(input, COLLECTED)
        return await handle.run(check=check)

    async def turn(self, input: RunInput) -> AsyncTurnHandle:
        """Start a turn (``turn/start``).

        One turn at a time: on a thread whose turn is still running, the runtime feeds the input to
        that turn, and the handle is another one of the same turn.

        Args:
            input: What to say: text, or a list of inputs.

        Returns:
            A handle to follow it with, or to stop it.
        """
        return await self._start(input, None)

    async def _start(self, input: RunInput, methods: Collection[str] | None) -> AsyncTurnHandle:
        items = wire_input(input)
        # Reserved first: the turn's events may come before the response that names it.
        stream = self._client.turn_stream(self.id, methods=methods)
        try:
            response = await self._client.turn_start(thread_id=self.id, input=items)
            stream.bind(response.turn.id)
        except BaseException:
            await stream.close()
            raise
        return AsyncTurnHandle(self._client, stream, self.id, response.turn.id)
