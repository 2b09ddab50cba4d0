"""The entry point of the facade: a runtime, and the threads on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from codex_app_server_rpc import CLOSE_GRACE
from codex_app_server_rpc.closing import check_close
from codex_app_server_types import UNSET, Unset

from openai_codex._async.account import AsyncAccountCalls
from openai_codex._async.connect import async_connect
from openai_codex._async.pages import async_paged
from openai_codex._async.requests import AsyncRequestCalls
from openai_codex._async.thread_lists import AsyncThreadLists
from openai_codex._async.threads import AsyncThreadCalls
from openai_codex._primitives import AsyncStarted
from openai_codex.config import CodexConfig, check_no_launch, checked_config
from openai_codex.errors import UsageError
from openai_codex.keywords import keywords_checked
from openai_codex.metadata import Metadata
from openai_codex.requests.responder import Answerers, Responder
from openai_codex.tracing.settings import tracer_for
from openai_codex.usage import UsageLedger

if TYPE_CHECKING:
    from types import TracebackType

    from codex_app_server_rpc import (
        AsyncClient,
        AsyncServerRequestHandlers,
        AsyncTransport,
        ClientStats,
    )
    from codex_app_server_types import ModelListResponse
    from typing_extensions import Self

    from openai_codex.requests.elicitations import ElicitationHandler
    from openai_codex.requests.policies import ApprovalPolicy
    from openai_codex.requests.questions import QuestionHandler

__all__ = ["AsyncCodex"]

__tracebackhide__ = True  # pytest shows the frames of users


class AsyncCodex(AsyncThreadCalls, AsyncThreadLists, AsyncRequestCalls, AsyncAccountCalls):
    """A Codex runtime, with its conversations.

    Use it as a context manager, or call `close` when done: the runtime is a process of its own,
    unless ``transport`` leads to one that somebody else has started.

    Attributes:
        config: Which program runs, in which surroundings.
    """

    @keywords_checked
    def __init__(
        self,
        config: CodexConfig | None = None,
        *,
        approvals: ApprovalPolicy | None = None,
        questions: QuestionHandler | None = None,
        elicitations: ElicitationHandler | None = None,
        handlers: AsyncServerRequestHandlers | None = None,
        transport: AsyncTransport | None = None,
    ) -> None:
        """Set up a client.

        Args:
            config: Which program runs, in which surroundings; ``None`` for the defaults.
            approvals: Decides what the agent may do beyond its sandbox, on threads that have
                nobody of their own for that: an `ApprovalPolicy`, which is a function from a
                request to a decision. Without it, everything is declined.
            questions: Answers the agent's questions, likewise: a `QuestionHandler`. Without it,
                they get no answer.
            elicitations: Answers the forms and addresses of MCP servers, likewise: an
                `ElicitationHandler`. Without it, they are declined.
            handlers: Functions that answer kinds of the runtime's requests in the protocol's own
                words, in place of all others: for attestations, external clocks and the like.
            transport: The way to a server that runs already, in place of a process of its own: one
                of the raw client, as for a unix socket or a WebSocket, or one of
                `openai_codex.testing`. Nothing is launched, and what ``config`` says of a launch is
                refused. A transport serves one client, which closes it.

        Raises:
            ArgumentTypeError: There is no such keyword.
            InvalidArgumentError: ``config`` is no `CodexConfig`, or who is to answer no function,
                or there is a transport and ``config`` says what to launch. When it starts:
                ``transport`` is none, or one of the other half.
            UsageError: ``config`` asks for tracing, and OpenTelemetry is not installed.
            RuntimeNotFoundError: When it starts: there is no runtime to start.
            LaunchError: When it starts: the runtime cannot be started.
            RuntimeTooOldError: When it starts: the runtime is older than this library can use.
            TransportClosedError: When it starts: the runtime cannot be reached, or died in the
                handshake; the error has its exit code and its last words.
        """
        self.config: CodexConfig = checked_config(config)
        if transport is not None:
            check_no_launch(self.config)
        self._usage = UsageLedger()
        answerers = Answerers(approvals, questions, elicitations)
        self._responder = Responder(answerers, handlers, tracer_for(self.config.tracing))
        # No cycle: forgotten, it goes at once.
        start = partial(async_connect, self.config, self._usage, self._responder, transport)
        self._started: AsyncStarted[AsyncClient] = AsyncStarted(start)

    @property
    def metadata(self) -> Metadata:
        """What the runtime reported of itself (``initialize``).

        Raises:
            UsageError: The client is not started.
        """
        return Metadata.of(self._running().server, self.config.client_name)

    @keywords_checked
    async def models(
        self, *, include_hidden: bool | Unset = UNSET, timeout: float | None | Unset = UNSET
    ) -> ModelListResponse:
        """List the models that can be used (``model/list``), all of them at once.

        Args:
            include_hidden: Whether to list those too that are not offered to everybody.
            timeout: How long to wait for each of the runtime's answers, in seconds; ``None`` for
                no limit.

        Returns:
            The models, in ``data``.

        Raises:
            RequestTimeoutError: The runtime did not answer in time.
        """
        from codex_app_server_types import ModelListResponse

        client = await self._started.get()
        fetch = partial(client.model_list, include_hidden=include_hidden, timeout=timeout)
        first = await fetch()
        if first.next_cursor is None:
            return first
        models = async_paged(lambda cursor: fetch(cursor=cursor), first)
        return ModelListResponse(data=[model async for model in models])

    def supports(self, name: str) -> bool:
        """Tell whether the runtime knows a method, a notification or a request of the protocol.

        It is looked up by the runtime's version; nothing is sent. A version that is newer than all
        that are known counts as the newest of them; one that cannot be read, as the one that this
        library is made for. What is experimental is supported with `CodexConfig.experimental_api`.

        Args:
            name: The wire name, for example ``thread/queue/add``.

        Raises:
            InvalidArgumentError: No version that is known has such a name.
            UsageError: The client is not started.
        """
        return self._running().supports(name)

    def stats(self) -> ClientStats:
        """Take a snapshot of the connection: requests in flight, events queued, dropped, ...

        Raises:
            UsageError: The client is not started.
        """
        return self._running().stats()

    @keywords_checked
    async def close(
        self,
        *,
        mode: Literal["interrupt", "drain", "kill"] = "interrupt",
        timeout: float = CLOSE_GRACE,
    ) -> None:
        """End the runtime and everything it started; idempotent, bounded in time.

        The runtime ends at once when its client goes, in the middle of its turns. So the turns
        that run, followed or not, are ended first.

        Args:
            mode: What to do with the turns that run: ``"interrupt"`` them and wait for their
                end; ``"drain"``: wait for their end, and interrupt those that take too long;
                ``"kill"``: end the runtime at once.
            timeout: How long to wait for the turns, in seconds.

        Raises:
            InvalidArgumentError: There is no such mode, or the timeout is no time.
        """
        check_close(mode, timeout)
        client = await self._started.end()
        try:
            if client is not None:
                await client.close(mode=mode, timeout=timeout)
        finally:
            if self._responder.tracer is not None:
                self._responder.tracer.close()

    async def __aenter__(self) -> Self:
        """Start the runtime, if it is not running yet."""
        await self._started.get()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the runtime."""
        await self.close()

    def __repr__(self) -> str:
        """Tell which runtime it is, and whether the client was started and closed."""
        client = self._started.value
        runtime = "not started" if client is None else client.server.user_agent
        closed = ", closed" if self._started.is_closed else ""
        return f"<{type(self).__name__}: {runtime}{closed}>"

    def _running(self) -> AsyncClient:
        client = self._started.value
        if client is None:
            raise UsageError("the client is not started: enter its context, or call it")
        return client
