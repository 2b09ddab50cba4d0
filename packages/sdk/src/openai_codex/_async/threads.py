"""Conversations: starting, continuing, copying them, and bringing them back."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from codex_app_server_types import UNSET, Unset

from openai_codex._async.thread import AsyncThread
from openai_codex._primitives import async_aside
from openai_codex.errors import UsageError
from openai_codex.keywords import keywords_checked
from openai_codex.options import approval_words, path, sandbox_mode
from openai_codex.refusals import explained
from openai_codex.requests.responder import Answerers
from openai_codex.tracing.scopes import thread_traced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codex_app_server_rpc import AsyncClient
    from codex_app_server_types import (
        AskForApproval,
        JsonValue,
        Personality,
        SandboxMode,
        ThreadSource,
        ThreadStartSource,
    )

    from openai_codex._primitives import AsyncStarted
    from openai_codex.config import CodexConfig
    from openai_codex.options import ApprovalMode, Sandbox
    from openai_codex.requests.elicitations import ElicitationHandler
    from openai_codex.requests.policies import ApprovalPolicy
    from openai_codex.requests.questions import QuestionHandler
    from openai_codex.requests.responder import Responder
    from openai_codex.tools import Tool
    from openai_codex.usage import UsageLedger

__all__ = ["AsyncThreadCalls"]


class AsyncThreadCalls:
    """The part of `AsyncCodex` that is about threads.

    Of all options holds: what is not given is not sent, and the user's own configuration decides;
    ``None`` is sent as ``null``, where the protocol gives it a meaning.
    """

    _started: AsyncStarted[AsyncClient]
    _usage: UsageLedger
    _responder: Responder
    config: CodexConfig

    @keywords_checked
    async def thread_start(
        self,
        *,
        approval_mode: ApprovalMode | AskForApproval | None | Unset = UNSET,
        approvals: ApprovalPolicy | None = None,
        base_instructions: str | None | Unset = UNSET,
        config: Mapping[str, JsonValue] | None | Unset = UNSET,
        cwd: str | PathLike[str] | None | Unset = UNSET,
        developer_instructions: str | None | Unset = UNSET,
        elicitations: ElicitationHandler | None = None,
        ephemeral: bool | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        model_provider: str | None | Unset = UNSET,
        personality: Personality | None | Unset = UNSET,
        questions: QuestionHandler | None = None,
        sandbox: Sandbox | SandboxMode | None | Unset = UNSET,
        service_name: str | None | Unset = UNSET,
        service_tier: str | None | Unset = UNSET,
        session_start_source: ThreadStartSource | None | Unset = UNSET,
        thread_source: ThreadSource | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
        tools: Iterable[Tool[..., object]] = (),
    ) -> AsyncThread:
        """Start a conversation (``thread/start``).

        Args:
            approval_mode: Who decides what the agent may do beyond its sandbox: a preset, or an
                ``approvalPolicy`` of the protocol.
            approvals: Decides, where this program is asked: an `ApprovalPolicy`; that of the client
                if it is not given.
            base_instructions: The system instructions, in place of the runtime's own.
            config: Settings as in ``config.toml``, for this thread.
            cwd: The folder in which the thread works, for the runtime.
            developer_instructions: Instructions added to the runtime's own.
            elicitations: Answers the forms and addresses of MCP servers: an `ElicitationHandler`;
                that of the client if it is not given.
            ephemeral: Whether to keep the thread in memory only: it has no history to read, and
                cannot be resumed.
            model: The model.
            model_provider: Who serves the model.
            personality: How the model talks; the protocol calls this deprecated.
            questions: Answers the agent's questions: a `QuestionHandler`; that of the client if it
                is not given.
            sandbox: What commands may touch: a preset, or a ``SandboxMode`` of the protocol.
            service_name: The name of the service on whose behalf the thread runs.
            service_tier: The service tier; ``None`` clears the configured one.
            session_start_source: What the session begins after, such as ``clear``.
            thread_source: What started the thread, for statistics.
            timeout: How long to wait for the runtime's answer, in seconds, in place of
                ``CodexConfig.request_timeout``; ``None`` for no limit.
            tools: Functions that the model can call, made by ``@tool``, for the thread's whole
                life; needs a client of ``CodexConfig(experimental_api=True)``.

        Returns:
            The thread.

        Raises:
            ArgumentTypeError: There is no such option.
            InvalidArgumentError: An option has a wrong value.
            InvalidRequestError: The runtime refuses the options.
            UsageError: There are tools, and the client is not one that may have some.
            RequestTimeoutError: The runtime did not answer in time.
        """
        answerers = Answerers(approvals, questions, elicitations)
        offered = self._checked_tools(tools)
        client = await self._started.get()
        policy, reviewer = approval_words(approval_mode)
        with thread_traced(self._responder.tracer, "thread/start") as note:
            response = await client.thread_start(
                approval_policy=policy,
                approvals_reviewer=reviewer,
                base_instructions=base_instructions,
                config=config,
                cwd=path(cwd),
                developer_instructions=developer_instructions,
                dynamic_tools=self._responder.toolbox.specs(offered) or UNSET,
                ephemeral=ephemeral,
                model=model,
                model_provider=model_provider,
                personality=personality,
                sandbox=sandbox_mode(sandbox),
                service_name=service_name,
                service_tier=service_tier,
                session_start_source=session_start_source,
                thread_source=thread_source,
                timeout=timeout,
            )
            note(response)
        self._responder.bind(response.thread.id, answerers)
        if offered:
            self._responder.toolbox.bind(response.thread.id, offered)
        return AsyncThread(client, response.thread.id, self._usage, self._responder)

    @keywords_checked
    async def thread_resume(
        self,
        thread_id: str,
        *,
        approval_mode: ApprovalMode | AskForApproval | None | Unset = UNSET,
        approvals: ApprovalPolicy | None = None,
        base_instructions: str | None | Unset = UNSET,
        config: Mapping[str, JsonValue] | None | Unset = UNSET,
        cwd: str | PathLike[str] | None | Unset = UNSET,
        developer_instructions: str | None | Unset = UNSET,
        elicitations: ElicitationHandler | None = None,
        include_turns: bool | None = None,
        model: str | None | Unset = UNSET,
        model_provider: str | None | Unset = UNSET,
        personality: Personality | None | Unset = UNSET,
        questions: QuestionHandler | None = None,
        sandbox: Sandbox | SandboxMode | None | Unset = UNSET,
        service_tier: str | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
        tools: Iterable[Tool[..., object]] | None = None,
    ) -> AsyncThread:
        """Continue a conversation (``thread/resume``), with other options if they are given.

        One program at a time may work on a thread.

        Args:
            thread_id: The thread's id.
            approval_mode: As for `thread_start`.
            approvals: As for `thread_start`; that of before if it is not given.
            base_instructions: As for `thread_start`.
            config: As for `thread_start`.
            cwd: As for `thread_start`.
            developer_instructions: As for `thread_start`; the runtime heeds it only for threads
                that it has loaded already.
            elicitations: As ``approvals``.
            include_turns: Whether the runtime sends the whole history with its answer. Nothing
                here needs that: read it with `AsyncThread.turns` or `AsyncThread.items`.
            model: As for `thread_start`.
            model_provider: As for `thread_start`.
            personality: As for `thread_start`.
            questions: As ``approvals``.
            sandbox: As for `thread_start`.
            service_tier: As for `thread_start`.
            timeout: As for `thread_start`.
            tools: The functions behind the tools that the thread was started with: the runtime
                keeps what it told the model, and no functions. Other tools than those are
                warned of in the log. Those that the thread has in this client if not given.

        Returns:
            The thread.

        Raises:
            ThreadNotFoundError: There is no such thread, or nothing was ever said on it.
            ThreadArchivedError: It is archived.
            ThreadInUseError: Another program works on it.
            ArgumentTypeError: There is no such option.
            InvalidArgumentError: An option has a wrong value.
            UsageError: There are tools, and the client is not one that may have some.
            RequestTimeoutError: The runtime did not answer in time.
        """
        answerers = Answerers(approvals, questions, elicitations)
        offered = None if tools is None else self._checked_tools(tools)
        client = await self._started.get()
        policy, reviewer = approval_words(approval_mode)
        with thread_traced(self._responder.tracer, "thread/resume") as note, explained():
            response = await client.thread_resume(
                thread_id=thread_id,
                approval_policy=policy,
                approvals_reviewer=reviewer,
                base_instructions=base_instructions,
                config=config,
                cwd=path(cwd),
                developer_instructions=developer_instructions,
                exclude_turns=not include_turns,
                model=model,
                model_provider=model_provider,
                personality=personality,
                sandbox=sandbox_mode(sandbox),
                service_tier=service_tier,
                timeout=timeout,
            )
            note(response)
        self._responder.bind(response.thread.id, answerers)
        if offered is not None:
            await async_aside(partial(self._responder.toolbox.bind_again, response.thread, offered))
        return AsyncThread(client, response.thread.id, self._usage, self._responder)

    @keywords_checked
    async def thread_fork(
        self,
        thread_id: str,
        *,
        approval_mode: ApprovalMode | AskForApproval | None | Unset = UNSET,
        approvals: ApprovalPolicy | None = None,
        base_instructions: str | None | Unset = UNSET,
        config: Mapping[str, JsonValue] | None | Unset = UNSET,
        cwd: str | PathLike[str] | None | Unset = UNSET,
        developer_instructions: str | None | Unset = UNSET,
        elicitations: ElicitationHandler | None = None,
        ephemeral: bool | None = None,
        include_turns: bool | None = None,
        last_turn_id: str | None | Unset = UNSET,
        model: str | None | Unset = UNSET,
        model_provider: str | None | Unset = UNSET,
        questions: QuestionHandler | None = None,
        sandbox: Sandbox | SandboxMode | None | Unset = UNSET,
        service_tier: str | None | Unset = UNSET,
        thread_source: ThreadSource | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> AsyncThread:
        """Begin a new conversation as a copy of another (``thread/fork``).

        The original stays as it is, and may be at work, here or elsewhere. The copy keeps its
        approval mode, folder and instructions, unless options say otherwise; model, effort and
        sandbox it has from the configuration (seen on 0.163.0).

        Args:
            thread_id: The id of the thread to copy.
            approval_mode: As for `thread_start`.
            approvals: As for `thread_start`; that of the original if it is not given.
            base_instructions: As for `thread_start`.
            config: As for `thread_start`.
            cwd: As for `thread_start`.
            developer_instructions: As for `thread_start`; the runtime heeds it only for threads
                that it has loaded already.
            elicitations: As ``approvals``.
            ephemeral: Whether to keep the copy in memory only.
            include_turns: As for `thread_resume`.
            last_turn_id: The last turn to copy; all turns if it is not given.
            model: As for `thread_start`.
            model_provider: As for `thread_start`.
            questions: As ``approvals``.
            sandbox: As for `thread_start`.
            service_tier: As for `thread_start`.
            thread_source: As for `thread_start`.
            timeout: As for `thread_start`.

        Returns:
            The copy.

        Raises:
            ThreadNotFoundError: There is no such thread, or nothing was ever said on it.
            ThreadArchivedError: It is archived.
            ArgumentTypeError: There is no such option.
            InvalidArgumentError: An option has a wrong value.
            RequestTimeoutError: The runtime did not answer in time.
        """
        answerers = Answerers(approvals, questions, elicitations)
        client = await self._started.get()
        policy, reviewer = approval_words(approval_mode)
        with thread_traced(self._responder.tracer, "thread/fork") as note, explained():
            response = await client.thread_fork(
                thread_id=thread_id,
                approval_policy=policy,
                approvals_reviewer=reviewer,
                base_instructions=base_instructions,
                config=config,
                cwd=path(cwd),
                developer_instructions=developer_instructions,
                ephemeral=UNSET if ephemeral is None else ephemeral,
                exclude_turns=not include_turns,
                last_turn_id=last_turn_id,
                model=model,
                model_provider=model_provider,
                sandbox=sandbox_mode(sandbox),
                service_tier=service_tier,
                thread_source=thread_source,
                timeout=timeout,
            )
            note(response)
        self._responder.toolbox.bind_copy(response.thread.id, thread_id)
        self._responder.inherit(response.thread.id, thread_id)
        self._responder.bind(response.thread.id, answerers)
        return AsyncThread(client, response.thread.id, self._usage, self._responder)

    @keywords_checked
    async def thread_unarchive(
        self, thread_id: str, *, timeout: float | None | Unset = UNSET
    ) -> AsyncThread:
        """Bring an archived thread back (``thread/unarchive``), and continue it.

        The runtime does not load what it brings back, so ``thread/resume`` follows.

        Args:
            thread_id: The thread's id.
            timeout: How long to wait for each of the runtime's answers, in seconds; ``None`` for
                no limit.

        Returns:
            The thread.

        Raises:
            ThreadNotFoundError: There is no such thread among the archived ones.
            ThreadInUseError: It is not archived, and somebody works on it.
            RequestTimeoutError: The runtime did not answer in time.
        """
        client = await self._started.get()
        with explained():
            await client.thread_unarchive(thread_id=thread_id, timeout=timeout)
        return await self.thread_resume(thread_id, timeout=timeout)

    def _checked_tools(self, tools: Iterable[Tool[..., object]]) -> tuple[Tool[..., object], ...]:
        """Refuse what cannot be a thread's tools, before anything is sent."""
        if tools == ():
            return ()
        from openai_codex.tools.specs import checked_tools  # which loads pydantic

        checked = checked_tools(tools)
        if checked and not self.config.experimental_api:
            raise UsageError(
                "tools are experimental in the protocol, to which a client opts in when it starts: "
                "CodexConfig(experimental_api=True)"
            )
        return checked
