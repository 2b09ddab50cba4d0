"""A conversation: turns on one thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from openai_codex._async.turn import AsyncTurnHandle
from openai_codex.errors import ThreadBusyError
from openai_codex.inputs import wire_input
from openai_codex.limits import TurnClock, TurnLimits, check_if_busy
from openai_codex.results import COLLECTED

if TYPE_CHECKING:
    from collections.abc import Collection

    from codex_app_server_rpc import AsyncClient

    from openai_codex.inputs import RunInput
    from openai_codex.limits import IfBusy, OnCancel
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
        if_busy: IfBusy = "refuse",
    ) -> TurnResult:
        """Run a turn to its end.

        One turn at a time: to work beside a turn, use another thread.

        Args:
            input: What to say: text, or a list of inputs.
            check: Whether to raise an error if the turn fails.
            timeout: How long the turn may take in all, in seconds; ``None`` for no limit.
            idle_timeout: How long nothing may happen in the turn, in seconds; ``None`` for no
                limit. While an approval, or another request of the runtime, waits for its answer,
                this clock stands still.
            on_cancel: What becomes of the turn if this call is cancelled: it is interrupted, which
                takes some seconds at most, or with ``"detach"`` it runs on.
            if_busy: What to do while another turn of the thread runs: ``"refuse"``; ``"wait"`` for
                its end, first come, first served, within ``timeout``; or ``"steer"`` it with the
                input, and follow it. A turn that is being stopped is waited for in any case.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            TurnFailedError: The turn failed, and ``check`` is true.
            TurnTimeoutError: The turn took longer than it may; it is interrupted, and the error
                carries what came of it.
            RequestTimeoutError: The runtime did not even say in time that the turn was started.
            IncompleteTurnError: Events that the result needs never came.
            TransportClosedError: The runtime is gone.
        """
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        handle = await self._start(input, COLLECTED, limits, if_busy, owned=True)
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
        if_busy: IfBusy = "refuse",
    ) -> AsyncTurnHandle:
        """Start a turn (``turn/start``).

        One turn at a time: to work beside a turn, use another thread.

        Args:
            input: What to say: text, or a list of inputs.
            timeout: How long the turn may take in all, from now on, in seconds; ``None`` for no
                limit. It is looked at by whoever waits for the turn.
            idle_timeout: How long nothing may happen in the turn while somebody waits for it, in
                seconds; ``None`` for no limit. While an approval, or another request of the
                runtime, waits for its answer, this clock stands still.
            on_cancel: What becomes of the turn when whoever waits for it is cancelled, or leaves
                its stream early: it is interrupted, or with ``"detach"`` it runs on.
            if_busy: What to do while another turn of the thread runs: ``"refuse"``; ``"wait"`` for
                its end, first come, first served, within ``timeout``; or ``"steer"`` it with the
                input: the handle is then another one of that turn. A turn that is being stopped is
                waited for in any case.

        Returns:
            A handle to follow it with, or to stop it.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted.
            InvalidArgumentError: The input is empty, or a time is none.
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            RequestTimeoutError: The runtime did not answer in time.
        """
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        return await self._start(input, None, limits, if_busy, owned=False)

    async def _start(
        self,
        input: RunInput,
        methods: Collection[str] | None,
        limits: TurnLimits,
        if_busy: IfBusy,
        *,
        owned: bool,
    ) -> AsyncTurnHandle:
        """Start a turn; one that is owned stops when nobody has it any more."""
        check_if_busy(if_busy)
        from codex_app_server_types import TurnStartParams

        params = TurnStartParams(thread_id=self.id, input=wire_input(input))
        clock = TurnClock(limits)
        start = partial(
            self._client.start_turn,
            params,
            methods=methods,
            timeout=limits.for_start(self._client.request_timeout),
            interrupt=limits.on_cancel == "interrupt",
            stop_if_forgotten=limits.on_cancel == "interrupt",
            patience=limits.timeout,
        )
        try:
            stream = await start(if_busy="wait" if if_busy == "wait" else "refuse")
        except ThreadBusyError:
            if if_busy != "steer":
                raise
            stream = await start(if_busy="join")
        try:
            handle = AsyncTurnHandle(self._client, stream, limits, clock)
            stream.stop_if_forgotten = stream.stop_if_forgotten and owned
            return handle
        except BaseException:  # Ctrl-C
            stream.stop_later()
            raise
