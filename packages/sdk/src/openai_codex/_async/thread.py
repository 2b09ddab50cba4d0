"""A conversation: turns on one thread, its history and its goal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from codex_app_server_types import UNSET, Unset

from openai_codex._async.pages import async_paged
from openai_codex._async.turn import AsyncTurnHandle
from openai_codex.errors import InvalidRequestError, MethodNotFoundError, ThreadBusyError
from openai_codex.keywords import keywords_checked
from openai_codex.limits import TurnClock, TurnLimits, check_if_busy
from openai_codex.options import TurnOptions
from openai_codex.refusals import explained, may_have_no_turns
from openai_codex.results import COLLECTED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from os import PathLike

    from codex_app_server_rpc import AsyncClient
    from codex_app_server_rpc.starting import TurnParams
    from codex_app_server_types import (
        AskForApproval,
        JsonValue,
        Personality,
        ReasoningEffort,
        ReasoningSummary,
        ReviewTarget,
        SandboxPolicy,
        SortDirection,
        ThreadGoal,
        ThreadGoalStatus,
        ThreadItemEntry,
        ThreadReadResponse,
        ThreadSetNameResponse,
        Turn,
        TurnItemsView,
    )

    from openai_codex.errors import CodexRpcError
    from openai_codex.inputs import RunInput
    from openai_codex.limits import IfBusy, OnCancel
    from openai_codex.options import ApprovalMode, Sandbox
    from openai_codex.results import TurnResult
    from openai_codex.usage import UsageLedger

__all__ = ["AsyncThread"]


class AsyncThread:
    """A conversation. Made by `AsyncCodex.thread_start` and `AsyncCodex.thread_resume`.

    Attributes:
        id: The thread's id.
    """

    def __init__(self, client: AsyncClient, thread_id: str, usage: UsageLedger) -> None:
        """Bind a thread to its client; use `AsyncCodex.thread_resume`."""
        self._client = client
        self._usage = usage
        self.id: str = thread_id

    # --- turns -----------------------------------------------------------------------------

    @keywords_checked
    async def run(
        self,
        input: RunInput,
        *,
        check: bool = True,
        approval_mode: ApprovalMode | AskForApproval | None | Unset = UNSET,
        cwd: str | PathLike[str] | None | Unset = UNSET,
        effort: ReasoningEffort | str | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        output_schema: Mapping[str, JsonValue] | None | Unset = UNSET,
        personality: Personality | None | Unset = UNSET,
        sandbox: Sandbox | SandboxPolicy | None | Unset = UNSET,
        service_tier: str | None | Unset = UNSET,
        source: str | None | Unset = UNSET,
        summary: ReasoningSummary | None | Unset = UNSET,
        turn_service_tier: str | None | Unset = UNSET,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
        if_busy: IfBusy = "refuse",
    ) -> TurnResult:
        """Run a turn to its end (``turn/start``).

        One turn at a time: to work beside a turn, use another thread. Of the options holds: what
        is not given is not sent; ``None`` is sent as ``null``.

        Args:
            input: What to say: text, an input, a list of these, or an `ExternalMessage`.
            check: Whether to raise an error if the turn fails.
            approval_mode: Who decides what the agent may do beyond its sandbox, from this turn on:
                a preset, or an ``approvalPolicy`` of the protocol.
            cwd: The folder in which the thread works from this turn on, for the runtime.
            effort: How much the model thinks, from this turn on.
            model: The model, from this turn on.
            output_schema: A JSON Schema for the final answer of this turn.
            personality: How the model talks, from this turn on; the protocol calls this deprecated.
            sandbox: What commands may touch, from this turn on: a preset, or a ``SandboxPolicy``
                of the protocol.
            service_tier: The service tier from this turn on; ``None`` clears it.
            source: What started the turn, for statistics (``turnTrigger``).
            summary: How the model sums its thoughts up, from this turn on.
            turn_service_tier: The service tier of this turn only (``serviceTierForTurn``).
            timeout: How long the turn may take in all, in seconds; ``None`` for no limit.
            idle_timeout: How long nothing may happen in the turn, in seconds; ``None`` for no
                limit. While a request of the runtime waits for its answer, this clock stands still.
            on_cancel: What becomes of the turn if this call is cancelled: it is interrupted, which
                takes some seconds at most, or with ``"detach"`` it runs on.
            if_busy: What to do while another turn of the thread runs: ``"refuse"``; ``"wait"`` for
                its end, first come, first served, within ``timeout``; or ``"steer"`` it with the
                input, and follow it. A turn that is being stopped is waited for in any case.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted, or there is no such
                option.
            InvalidArgumentError: The input is empty, or an option has a wrong value.
            InvalidRequestError: The runtime refuses the input or the options.
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            ThreadNotFoundError: The runtime has not loaded the thread.
            TurnFailedError: The turn failed, and ``check`` is true.
            TurnTimeoutError: The turn took longer than it may; it is interrupted, and the error
                carries what came of it.
            RequestTimeoutError: The runtime did not even say in time that the turn was started.
            IncompleteTurnError: Events that the result needs never came.
            TransportClosedError: The runtime is gone.
        """
        options = TurnOptions(
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        params = options.params(self.id, input)
        handle = await self._start(params, COLLECTED, limits, if_busy, owned=True)
        try:
            return await handle.run(check=check)
        finally:
            await handle.close()

    @keywords_checked
    async def turn(
        self,
        input: RunInput,
        *,
        approval_mode: ApprovalMode | AskForApproval | None | Unset = UNSET,
        cwd: str | PathLike[str] | None | Unset = UNSET,
        effort: ReasoningEffort | str | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        output_schema: Mapping[str, JsonValue] | None | Unset = UNSET,
        personality: Personality | None | Unset = UNSET,
        sandbox: Sandbox | SandboxPolicy | None | Unset = UNSET,
        service_tier: str | None | Unset = UNSET,
        source: str | None | Unset = UNSET,
        summary: ReasoningSummary | None | Unset = UNSET,
        turn_service_tier: str | None | Unset = UNSET,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
        if_busy: IfBusy = "refuse",
    ) -> AsyncTurnHandle:
        """Start a turn (``turn/start``), to follow it, steer it or stop it.

        One turn at a time: to work beside a turn, use another thread. Of the options holds: what
        is not given is not sent; ``None`` is sent as ``null``.

        Args:
            input: What to say: text, an input, a list of these, or an `ExternalMessage`.
            approval_mode: Who decides what the agent may do beyond its sandbox, from this turn on:
                a preset, or an ``approvalPolicy`` of the protocol.
            cwd: The folder in which the thread works from this turn on, for the runtime.
            effort: How much the model thinks, from this turn on.
            model: The model, from this turn on.
            output_schema: A JSON Schema for the final answer of this turn.
            personality: How the model talks, from this turn on; the protocol calls this deprecated.
            sandbox: What commands may touch, from this turn on: a preset, or a ``SandboxPolicy``
                of the protocol.
            service_tier: The service tier from this turn on; ``None`` clears it.
            source: What started the turn, for statistics (``turnTrigger``).
            summary: How the model sums its thoughts up, from this turn on.
            turn_service_tier: The service tier of this turn only (``serviceTierForTurn``).
            timeout: How long the turn may take in all, from now on, in seconds; ``None`` for no
                limit. It is looked at by whoever waits for the turn.
            idle_timeout: How long nothing may happen in the turn while somebody waits for it, in
                seconds; ``None`` for no limit. While a request of the runtime waits for its answer,
                this clock stands still.
            on_cancel: What becomes of the turn when whoever waits for it is cancelled, or leaves
                its stream early: it is interrupted, or with ``"detach"`` it runs on.
            if_busy: What to do while another turn of the thread runs: ``"refuse"``; ``"wait"`` for
                its end, first come, first served, within ``timeout``; or ``"steer"`` it with the
                input: the handle is then another one of that turn. A turn that is being stopped is
                waited for in any case.

        Returns:
            A handle to follow it with, or to stop it.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted, or there is no such
                option.
            InvalidArgumentError: The input is empty, or an option has a wrong value.
            InvalidRequestError: The runtime refuses the input or the options.
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            ThreadNotFoundError: The runtime has not loaded the thread.
            RequestTimeoutError: The runtime did not answer in time.
        """
        options = TurnOptions(
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        params = options.params(self.id, input)
        return await self._start(params, None, limits, if_busy, owned=False)

    @keywords_checked
    async def compact(
        self,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
        if_busy: Literal["refuse", "wait"] = "refuse",
    ) -> AsyncTurnHandle:
        """Start a turn that sums the conversation up, to make room (``thread/compact/start``).

        Args:
            timeout: How long it may take in all, in seconds; ``None`` for no limit.
            idle_timeout: How long nothing may happen in it while somebody waits for it, in seconds;
                ``None`` for no limit.
            on_cancel: What becomes of it when whoever waits for it is cancelled.
            if_busy: What to do while another turn of the thread runs: ``"refuse"``, or ``"wait"``
                for its end.

        Returns:
            A handle of the turn. Whoever needs the room waits for its end, by its ``run()``.

        Raises:
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            ThreadNotFoundError: The runtime has not loaded the thread.
            RequestTimeoutError: The runtime did not start the turn in time.
        """
        from codex_app_server_types import ThreadCompactStartParams

        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        params = ThreadCompactStartParams(thread_id=self.id)
        return await self._start(params, None, limits, if_busy, owned=False)

    @keywords_checked
    async def review(
        self,
        target: ReviewTarget | str,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
        if_busy: Literal["refuse", "wait"] = "refuse",
    ) -> AsyncTurnHandle:
        """Start a turn that reviews code (``review/start``).

        Args:
            target: What to review: ``UncommittedChangesReviewTarget()``, the changes against a
                ``BaseBranchReviewTarget``, a ``CommitReviewTarget``; or text that says it.
            timeout: How long it may take in all, in seconds; ``None`` for no limit.
            idle_timeout: How long nothing may happen in it while somebody waits for it, in seconds;
                ``None`` for no limit.
            on_cancel: What becomes of it when whoever waits for it is cancelled.
            if_busy: What to do while another turn of the thread runs: ``"refuse"``, or ``"wait"``
                for its end.

        Returns:
            A handle of the turn; the review is its ``final_response``.

        Raises:
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            ThreadNotFoundError: The runtime has not loaded the thread.
            InvalidArgumentError: There is no such target.
            InvalidRequestError: The runtime refuses the target.
            RequestTimeoutError: The runtime did not answer in time.
        """
        from codex_app_server_rpc.params import params_of
        from codex_app_server_types import CustomReviewTarget, ReviewStartParams

        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        wanted = CustomReviewTarget(instructions=target) if isinstance(target, str) else target
        params = params_of(ReviewStartParams, thread_id=self.id, target=wanted)
        return await self._start(params, None, limits, if_busy, owned=False)

    # --- name and history ------------------------------------------------------------------

    @keywords_checked
    async def set_name(
        self, name: str, *, timeout: float | None | Unset = UNSET
    ) -> ThreadSetNameResponse:
        """Give the thread a name (``thread/name/set``).

        Args:
            name: The name, as people read it.
            timeout: How long to wait for the runtime's answer, in seconds, in place of
                ``CodexConfig.request_timeout``; ``None`` for no limit.

        Raises:
            ThreadNotFoundError: The runtime does not know the thread.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            return await self._client.thread_name_set(thread_id=self.id, name=name, timeout=timeout)

    @keywords_checked
    async def read(
        self, *, include_turns: bool = False, timeout: float | None | Unset = UNSET
    ) -> ThreadReadResponse:
        """Read what the runtime knows of the thread (``thread/read``).

        Args:
            include_turns: Whether to read the whole history too; of long threads better page by
                page, with `turns` or `items`. A thread on which nothing was said has none.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The thread, with its turns if they were asked for.

        Raises:
            ThreadNotFoundError: The runtime does not know the thread.
            InvalidRequestError: The thread is ephemeral: it has no history to read.
            RequestTimeoutError: The runtime did not answer in time.
        """
        read = partial(self._client.thread_read, thread_id=self.id, timeout=timeout)
        with explained():
            if not include_turns:
                return await read()
            try:
                return await read(include_turns=True)
            except (InvalidRequestError, MethodNotFoundError) as error:
                await self._check_has_no_turns(error, timeout)
                return await read()

    @keywords_checked
    async def turns(
        self,
        *,
        items_view: TurnItemsView | None | Unset = UNSET,
        page_size: int | None | Unset = UNSET,
        sort_direction: SortDirection | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncIterator[Turn]:
        """Go through the thread's turns, page by page (``thread/turns/list``).

        Args:
            items_view: How much of each turn's items to get; a summary if it is not given.
            page_size: How many to fetch at once.
            sort_direction: Which way; the newest first if it is not given.
            timeout: How long to wait for each page, in seconds; ``None`` for no limit.

        Yields:
            The turns; none if nothing was said on the thread.

        Raises:
            ThreadNotFoundError: The runtime does not know the thread.
            InvalidRequestError: The thread is ephemeral: it has no history to read.
            RequestTimeoutError: The runtime did not answer in time.
        """
        fetch = partial(
            self._client.thread_turns_list,
            thread_id=self.id,
            items_view=items_view,
            limit=page_size,
            sort_direction=sort_direction,
            timeout=timeout,
        )
        with explained():
            try:
                async for turn in async_paged(lambda cursor: fetch(cursor=cursor)):
                    yield turn
            except (InvalidRequestError, MethodNotFoundError) as error:
                await self._check_has_no_turns(error, timeout)

    @keywords_checked
    async def items(
        self,
        *,
        turn_id: str | None | Unset = UNSET,
        page_size: int | None | Unset = UNSET,
        sort_direction: SortDirection | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncIterator[ThreadItemEntry]:
        """Go through the items of the thread's turns, page by page (``thread/items/list``).

        Args:
            turn_id: Only those of this turn.
            page_size: How many to fetch at once.
            sort_direction: Which way; the oldest first if it is not given.
            timeout: How long to wait for each page, in seconds; ``None`` for no limit.

        Yields:
            The items, each as ``item`` beside the ``turn_id``; none if nothing was said.

        Raises:
            ThreadNotFoundError: The runtime does not know the thread.
            InvalidRequestError: The thread is ephemeral: it has no history to read.
            RequestTimeoutError: The runtime did not answer in time.
        """
        fetch = partial(
            self._client.thread_items_list,
            thread_id=self.id,
            turn_id=turn_id,
            limit=page_size,
            sort_direction=sort_direction,
            timeout=timeout,
        )
        with explained():
            try:
                async for entry in async_paged(lambda cursor: fetch(cursor=cursor)):
                    yield entry
            except (InvalidRequestError, MethodNotFoundError) as error:
                await self._check_has_no_turns(error, timeout)

    # --- the goal --------------------------------------------------------------------------

    @keywords_checked
    async def goal(self, *, timeout: float | None | Unset = UNSET) -> ThreadGoal | None:
        """Read the thread's goal (``thread/goal/get``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The goal, with what was used for it; ``None`` if there is none.

        Raises:
            ThreadNotFoundError: The runtime has not loaded the thread, or nothing was said on it.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            answer = await self._client.thread_goal_get(thread_id=self.id, timeout=timeout)
        return answer.goal or None

    @keywords_checked
    async def set_goal(
        self,
        objective: str | Unset = UNSET,
        *,
        status: ThreadGoalStatus | Unset = UNSET,
        token_budget: int | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> ThreadGoal:
        """Give the thread a goal, or change it (``thread/goal/set``).

        While a goal is ``active``, the runtime may go on with it in turns of its own.

        Args:
            objective: What is to be reached.
            status: How it stands with it.
            token_budget: How many tokens may be used for it; ``None`` for no limit.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The goal as it is now.

        Raises:
            ThreadNotFoundError: The runtime has not loaded the thread, or nothing was said on it.
            InvalidRequestError: There is no goal to change, or the budget is none.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            answer = await self._client.thread_goal_set(
                thread_id=self.id,
                objective=objective,
                status=status,
                token_budget=token_budget,
                timeout=timeout,
            )
        return answer.goal

    @keywords_checked
    async def clear_goal(self, *, timeout: float | None | Unset = UNSET) -> bool:
        """Give the thread's goal up (``thread/goal/clear``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            Whether there was one.

        Raises:
            ThreadNotFoundError: The runtime has not loaded the thread, or nothing was said on it.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            answer = await self._client.thread_goal_clear(thread_id=self.id, timeout=timeout)
        return answer.cleared

    def __repr__(self) -> str:
        """Name the thread."""
        return f"{type(self).__name__}(id={self.id!r})"

    async def _check_has_no_turns(
        self, refusal: CodexRpcError, timeout: float | None | Unset
    ) -> None:
        """Raise the refusal of a history, unless there is none because nothing was said yet."""
        if may_have_no_turns(refusal):
            answer = await self._client.thread_read(thread_id=self.id, timeout=timeout)
            if not answer.thread.ephemeral and not answer.thread.preview:
                return
        raise refusal

    async def _start(
        self,
        params: TurnParams,
        methods: Collection[str] | None,
        limits: TurnLimits,
        if_busy: IfBusy,
        *,
        owned: bool,
    ) -> AsyncTurnHandle:
        """Start a turn; one that is owned stops when nobody has it any more."""
        check_if_busy(if_busy)
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
        with explained():
            try:
                stream = await start(if_busy="wait" if if_busy == "wait" else "refuse")
            except ThreadBusyError:
                if if_busy != "steer":
                    raise
                stream = await start(if_busy="join")
        try:
            handle = AsyncTurnHandle(self._client, stream, limits, clock, self._usage)
            stream.stop_if_forgotten = stream.stop_if_forgotten and owned
            return handle
        except BaseException:  # Ctrl-C
            stream.stop_later()
            raise
