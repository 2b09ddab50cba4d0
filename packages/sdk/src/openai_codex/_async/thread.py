"""A conversation: turns on one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_codex._async.turn import AsyncTurnHandle
from openai_codex.inputs import wire_input
from openai_codex.limits import TurnClock, TurnLimits
from openai_codex.results import COLLECTED

if TYPE_CHECKING:
    from collections.abc import Collection

    from codex_app_server_rpc import AsyncClient

    from openai_codex.inputs import RunInput
    from openai_codex.limits import OnCancel
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

    async def run(
        self,
        input: RunInput,
        *,
        check: bool = True,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
    ) -> TurnResult:
        """Run a turn to its end.

        One turn at a time: on a thread whose turn is still running, the runtime feeds the input to
        that turn, and both calls get its one answer. Use another thread to work beside it.

        Args:
            input: What to say: text, or a list of inputs.
            check: Whether to raise an error if the turn fails.
            timeout: How long the turn may take in all, in seconds; ``None`` for no limit.
            idle_timeout: How long nothing may happen in the turn, in seconds; ``None`` for no
                limit. While an approval, or another request of the runtime, waits for its answer,
                this clock stands still.
            on_cancel: What becomes of the turn if this call is cancelled: it is interrupted, which
                takes some seconds at most, or with ``"detach"`` it runs on.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            TurnFailedError: The turn failed, and ``check`` is true.
            TurnTimeoutError: The turn took longer than it may; it is interrupted, and the error
                carries what came of it.
            RequestTimeoutError: The runtime did not even say in time that the turn was started.
            IncompleteTurnError: Events that the result needs never came.
            TransportClosedError: The runtime is gone.
        """
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        handle = await self._start(input, COLLECTED, limits)
        try:
            return await handle.run(check=check)
        finally:
            await handle.close()

    async def turn(
        self,
        input: RunInput,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
    ) -> AsyncTurnHandle:
        """Start a turn (``turn/start``).

        One turn at a time: on a thread whose turn is still running, the runtime feeds the input to
        that turn, and the handle is another one of the same turn.

        Args:
            input: What to say: text, or a list of inputs.
            timeout: How long the turn may take in all, from now on, in seconds; ``None`` for no
                limit. It is looked at by whoever waits for the turn.
            idle_timeout: How long nothing may happen in the turn while somebody waits for it, in
                seconds; ``None`` for no limit. While an approval, or another request of the
                runtime, waits for its answer, this clock stands still.
            on_cancel: What becomes of the turn when whoever waits for it is cancelled, or leaves
                its stream early: it is interrupted, or with ``"detach"`` it runs on.

        Returns:
            A handle to follow it with, or to stop it.

        Raises:
            InvalidArgumentError: The input is empty, or a time is none.
            RequestTimeoutError: The runtime did not answer in time.
        """
        return await self._start(input, None, TurnLimits(timeout, idle_timeout, on_cancel))

    async def _start(
        self, input: RunInput, methods: Collection[str] | None, limits: TurnLimits
    ) -> AsyncTurnHandle:
        from codex_app_server_types import TurnStartParams

        params = TurnStartParams(thread_id=self.id, input=wire_input(input))
        clock = TurnClock(limits)
        stream = await self._client.start_turn(
            params,
            methods=methods,
            timeout=limits.for_start(self._client.request_timeout),
            interrupt=limits.on_cancel == "interrupt",
        )
        return AsyncTurnHandle(self._client, stream, limits, clock)
