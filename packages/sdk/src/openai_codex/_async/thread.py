"""A conversation: turns on one thread."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, overload

from codex_app_server_types import UNSET, Unset

from openai_codex._async.goals import AsyncThreadGoals
from openai_codex._async.history import AsyncThreadHistory
from openai_codex._async.turn import AsyncTurnHandle
from openai_codex.errors import OutputValidationError, ThreadBusyError
from openai_codex.keywords import keywords_checked
from openai_codex.limits import TurnClock, TurnLimits, check_if_busy
from openai_codex.options import TurnOptions
from openai_codex.output import NO_FORMAT, Attempts, OutputT, asked_again, format_of
from openai_codex.refusals import explained
from openai_codex.results import COLLECTED
from openai_codex.tracing.scopes import FOLLOWED, join_traced, turn_traced

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
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
    )
    from typing_extensions import Unpack

    from openai_codex.inputs import RunInput
    from openai_codex.limits import IfBusy, OnCancel
    from openai_codex.options import ApprovalMode, Sandbox, TurnKeywords
    from openai_codex.output import OutputFormat, OutputType
    from openai_codex.requests.kinds import RuntimeRequest
    from openai_codex.requests.responder import Responder
    from openai_codex.results import TurnResult
    from openai_codex.usage import UsageLedger

__all__ = ["AsyncThread"]

__tracebackhide__ = True  # pytest shows the frames of users


class AsyncThread(AsyncThreadHistory, AsyncThreadGoals):
    """A conversation. Made by `AsyncCodex.thread_start` and `AsyncCodex.thread_resume`.

    Attributes:
        id: The thread's id.
    """

    def __init__(
        self, client: AsyncClient, thread_id: str, usage: UsageLedger, responder: Responder
    ) -> None:
        """Bind a thread to its client; use `AsyncCodex.thread_resume`."""
        self._client = client
        self._usage = usage
        self._responder = responder
        self.id: str = thread_id

    @property
    def pending_requests(self) -> list[RuntimeRequest]:
        """The runtime's requests on this thread that wait for an answer, the oldest first."""
        return self._responder.pending(self._client.server_requests(), self.id)

    @overload
    async def run(
        self,
        input: RunInput,
        *,
        check: bool = ...,
        output_schema: Mapping[str, JsonValue] | None | Unset = ...,
        output_type: None = ...,
        **options: Unpack[TurnKeywords],
    ) -> TurnResult[None]: ...
    @overload
    async def run(
        self,
        input: RunInput,
        *,
        check: bool = ...,
        output_type: OutputType[OutputT],
        retries: int = ...,
        **options: Unpack[TurnKeywords],
    ) -> TurnResult[OutputT]: ...
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
        output_type: OutputType[OutputT] | None = None,
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
        retries: int = 0,
    ) -> TurnResult[OutputT]:
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
            output_type: What the final answer of this turn is to be, in place of a schema: a
                pydantic model, a dataclass, a ``TypedDict`` or a plain type; or a ``TypeAdapter``
                of what is no class, such as a union. The result has it as ``output``.
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
                input, and follow it from there: it is one turn then, of which options that are
                given here change nothing, and which ends for all if it is stopped here. A
                compaction, or a turn that is being stopped, is waited for in any case.
            retries: How often to ask again, in a further turn, for an answer that is not of the
                ``output_type``; the ``timeout`` is for all of them, the result of the last.

        Returns:
            What came of it. An interrupted turn returns its result too: look at ``status``.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted, or there is no such
                option.
            InvalidArgumentError: The input is empty, or an option has a wrong value.
            InvalidRequestError: The runtime refuses the input or the options; or the turn that is
                to be steered takes no more input, as a review, or has another ``output_schema``.
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            ThreadNotFoundError: The runtime has not loaded the thread.
            TurnFailedError: The turn failed, and ``check`` is true.
            OutputValidationError: The answer is not of the ``output_type``; the error has it.
            TurnTimeoutError: The turn took longer than it may; it is interrupted, and the error
                carries what came of it.
            RequestTimeoutError: The runtime did not even say in time that the turn was started.
            IncompleteTurnError: Events that the result needs never came.
            TransportClosedError: The runtime is gone.
        """
        form = format_of(output_type, output_schema)
        options = TurnOptions(
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema if form is None else form.schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        attempts = Attempts(retries, timeout, is_typed=form is not None)
        params = options.params(self.id, input)
        while True:
            try:
                return await self._run(params, limits, if_busy, form, check=check)
            except OutputValidationError as error:
                if not attempts.begin_another():
                    raise
                params = options.params(self.id, asked_again(error))
                limits = replace(limits, timeout=attempts.remaining())

    @overload
    async def turn(
        self,
        input: RunInput,
        *,
        output_schema: Mapping[str, JsonValue] | None | Unset = ...,
        output_type: None = ...,
        **options: Unpack[TurnKeywords],
    ) -> AsyncTurnHandle[None]: ...
    @overload
    async def turn(
        self, input: RunInput, *, output_type: OutputType[OutputT], **options: Unpack[TurnKeywords]
    ) -> AsyncTurnHandle[OutputT]: ...
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
        output_type: OutputType[OutputT] | None = None,
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
    ) -> AsyncTurnHandle[OutputT]:
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
            output_type: What the final answer of this turn is to be, in place of a schema: a
                pydantic model, a dataclass, a ``TypedDict`` or a plain type; or a ``TypeAdapter``
                of what is no class, such as a union. The result has it as ``output``.
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
                input: the handle is then another one of that turn, and follows it from there. It
                is one turn, of which options that are given here change nothing, and which ends
                for all if it is stopped here. A compaction, or a turn that is being stopped, is
                waited for in any case.

        Returns:
            A handle to follow it with, or to stop it.

        Raises:
            ArgumentTypeError: The input is of a type that is not accepted, or there is no such
                option.
            InvalidArgumentError: The input is empty, or an option has a wrong value.
            InvalidRequestError: The runtime refuses the input or the options; or the turn that is
                to be steered takes no more input, as a review, or has another ``output_schema``.
            ThreadBusyError: Another turn of the thread runs, and ``if_busy`` is ``"refuse"``.
            ThreadNotFoundError: The runtime has not loaded the thread.
            RequestTimeoutError: The runtime did not answer in time.
        """
        form = format_of(output_type, output_schema)
        options = TurnOptions(
            approval_mode=approval_mode,
            cwd=cwd,
            effort=effort,
            model=model,
            output_schema=output_schema if form is None else form.schema,
            personality=personality,
            sandbox=sandbox,
            service_tier=service_tier,
            source=source,
            summary=summary,
            turn_service_tier=turn_service_tier,
        )
        limits = TurnLimits(timeout, idle_timeout, on_cancel)
        params = options.params(self.id, input)
        return await self._start(params, None, limits, if_busy, form, owned=False)

    @keywords_checked
    async def compact(
        self,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
        if_busy: Literal["refuse", "wait"] = "refuse",
    ) -> AsyncTurnHandle[None]:
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
        return await self._start(params, None, limits, if_busy, NO_FORMAT, owned=False)

    @keywords_checked
    async def review(
        self,
        target: ReviewTarget | str,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
        on_cancel: OnCancel = "interrupt",
        if_busy: Literal["refuse", "wait"] = "refuse",
    ) -> AsyncTurnHandle[None]:
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
        return await self._start(params, None, limits, if_busy, NO_FORMAT, owned=False)

    def __repr__(self) -> str:
        """Name the thread."""
        return f"{type(self).__name__}(id={self.id!r})"

    async def _run(
        self,
        params: TurnParams,
        limits: TurnLimits,
        if_busy: IfBusy,
        form: OutputFormat[OutputT] | None,
        *,
        check: bool,
    ) -> TurnResult[OutputT]:
        """Run one turn to its end."""
        handle = await self._start(params, COLLECTED, limits, if_busy, form, owned=True)
        try:
            return await handle.run(check=check)
        finally:
            await handle.close()

    async def _start(
        self,
        params: TurnParams,
        methods: Collection[str] | None,
        limits: TurnLimits,
        if_busy: IfBusy,
        form: OutputFormat[OutputT] | None,
        *,
        owned: bool,
    ) -> AsyncTurnHandle[OutputT]:
        """Start a turn; one that is owned stops when nobody has it any more."""
        from codex_app_server_types import TurnStartParams

        takes_input = isinstance(params, TurnStartParams)
        check_if_busy(if_busy, ("refuse", "wait", "steer") if takes_input else ("refuse", "wait"))
        clock = TurnClock(limits)
        tracer = self._responder.tracer
        start = partial(
            self._client.start_turn,
            params,
            methods=methods if methods is None or tracer is None else {*methods, *FOLLOWED},
            timeout=limits.for_start(self._client.request_timeout),
            interrupt=limits.on_cancel == "interrupt",
            stop_if_forgotten=limits.on_cancel == "interrupt",
            patience=limits.timeout,
        )
        try:
            waits = if_busy == "wait"
            with turn_traced(tracer, params, waits=waits) as span, explained():
                stream = await start(if_busy="wait" if waits else "refuse")
        except ThreadBusyError as busy:
            if busy.compacting and takes_input:
                with turn_traced(tracer, params, waits=True) as span, explained():
                    stream = await start(if_busy="wait")  # it takes no input, and is soon over
            elif if_busy == "steer":
                with explained():
                    stream = await start(if_busy="join")
                span = join_traced(tracer, params, stream.turn_id)
            else:
                raise
        try:
            handle = AsyncTurnHandle(
                self._client, stream, limits, clock, self._usage, self._responder, form, span
            )
            # Until here nobody else had it, and Ctrl-C may have come anywhere.
            stream.stop_if_forgotten = stream.stop_if_forgotten and owned
            return handle
        except BaseException as error:  # Ctrl-C
            stream.stop_later()
            if span is not None:
                span.fail(error)
            raise
