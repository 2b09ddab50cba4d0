"""The client: the whole protocol over one connection."""

from __future__ import annotations

import contextlib
import warnings
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from codex_app_server_types import UNSET, Unset

from codex_app_server_rpc._async.link import AsyncLink, AsyncPendingRequest
from codex_app_server_rpc._async.streams import AsyncNotificationStream, AsyncTurnStream
from codex_app_server_rpc._primitives import async_check_transport, async_retry
from codex_app_server_rpc._stopping import INTERRUPT, report
from codex_app_server_rpc.closing import check_close
from codex_app_server_rpc.compatibility import check_runtime
from codex_app_server_rpc.core.connection import get_ready, result_of
from codex_app_server_rpc.deadline import Deadline, check_limit
from codex_app_server_rpc.defaults import (
    CLOSE_GRACE,
    DEFAULT_MAX_IN_FLIGHT,
    DEFAULT_REQUEST_TIMEOUT,
    STOP_GRACE,
)
from codex_app_server_rpc.errors import (
    CodexTimeoutError,
    JsonRpcError,
    RequestTimeoutError,
    TransportClosedError,
    UsageError,
)
from codex_app_server_rpc.generated.async_methods import AsyncMethods
from codex_app_server_rpc.handshake import ClientIdentity, initialize_params
from codex_app_server_rpc.loggers import CONNECTION, logger
from codex_app_server_rpc.params import encode_params
from codex_app_server_rpc.server_version import server_info, user_agent_in
from codex_app_server_rpc.starting import named_turn, start_of
from codex_app_server_rpc.transports.protocols import PreparesClose, StartsProgram
from codex_app_server_rpc.wire_log import async_wire_logged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType

    from codex_app_server_types import InitializeResponse, JsonValue, WireModel
    from typing_extensions import Self

    from codex_app_server_rpc._async.interruption import AsyncInterruption
    from codex_app_server_rpc.core.inbound import ServerRequest
    from codex_app_server_rpc.core.routing import IfBusy
    from codex_app_server_rpc.generated.server_requests import AsyncServerRequestHandlers
    from codex_app_server_rpc.notification import Notification
    from codex_app_server_rpc.retries import OverloadRetry
    from codex_app_server_rpc.server_version import ServerInfo
    from codex_app_server_rpc.starting import TurnParams
    from codex_app_server_rpc.stats import ClientStats
    from codex_app_server_rpc.trace_context import TraceProvider
    from codex_app_server_rpc.transports.protocols import AsyncTransport

__all__ = ["AsyncClient"]

ResultT = TypeVar("ResultT")
_logger = logger(CONNECTION)
_NOT_STARTED: Final = "the client is not started: call start(), or enter its context"


class AsyncClient(AsyncMethods):
    """The whole protocol as typed methods; a context manager.

    Attributes:
        request_timeout: How long a request waits for its answer unless told otherwise, in
            seconds; ``None`` for no limit.
    """

    _server: InitializeResponse | None = None
    _server_info: ServerInfo | None = None
    _started = False
    _closed = False

    def __init__(
        self,
        transport: AsyncTransport,
        *,
        identity: ClientIdentity,
        experimental_api: bool = False,
        opt_out_notification_methods: tuple[str, ...] = (),
        extensions: Mapping[str, JsonValue] | None = None,
        handlers: AsyncServerRequestHandlers | None = None,
        handler_timeout: float | None = None,
        request_timeout: float | None = DEFAULT_REQUEST_TIMEOUT,
        max_in_flight: int = DEFAULT_MAX_IN_FLIGHT,
        overload_retry: OverloadRetry | None = None,
        trace: TraceProvider | None = None,
        check_version: bool = True,
    ) -> None:
        """Make a client; nothing runs before `start` or entering its context.

        Args:
            transport: The way to the server, not started yet.
            identity: Who this client says it is.
            experimental_api: Whether to opt in to methods and fields that are not stable.
            opt_out_notification_methods: Notifications that the server need not send.
            extensions: Extensions of MCP that this client knows, by name, each with its settings;
                with ``"openai/form": {}``, MCP servers may ask with forms of any JSON Schema.
                Forms and URLs of MCP itself need none.
            handlers: Answers to the server's requests; what has no handler gets its safe
                answer (approvals are declined). The server asks for attestations only if there
                is a handler for just them.
            handler_timeout: How long a handler may take, in seconds, before the server gets the
                safe answer; ``None`` for no limit.
            request_timeout: How long a request waits for its answer, in seconds; ``None`` for
                no limit. Every method takes a ``timeout`` of its own.
            max_in_flight: How many requests may wait for their answers at once; the next ones
                wait in line, first come, first served, each within its own timeout.
            overload_retry: How to send requests again that met an overloaded server (-32001,
                not executed); ``None`` to raise `ServerBusyError`.
            trace: Tells which trace (W3C Trace Context) a request belongs to, for its envelope; it
                is asked once for each request, where the request is made. ``None`` to send none.
            check_version: Whether to refuse a server that is older than `MINIMUM_RUNTIME`, and to
                warn of one that is newer than `TESTED_RUNTIME`.
        """
        async_check_transport(transport)
        check_limit(request_timeout)
        self.request_timeout: float | None = request_timeout
        self._overload_retry = overload_retry
        self._client_name = identity.name
        self._experimental_api = experimental_api
        self._check_version = check_version
        self._link = AsyncLink(
            transport,
            timeout=request_timeout,
            max_in_flight=max_in_flight,
            handlers=handlers,
            handler_timeout=handler_timeout,
            trace=trace,
        )
        self._params = initialize_params(
            identity,
            experimental_api=experimental_api,
            opt_out_notification_methods=opt_out_notification_methods,
            extensions=extensions,
            request_attestation=handlers is not None and handlers.attestation_generate is not None,
        )

    async def start(self) -> None:
        """Connect and perform the handshake (``initialize``, ``initialized``).

        If any of it fails, everything that was started is ended before the error is raised.

        Raises:
            InvalidArgumentError: The environment asks for a wire log that cannot be written.
            LaunchError: The server's program cannot be started.
            RuntimeTooOldError: The server is older than `MINIMUM_RUNTIME`.
            TransportClosedError: The server died in the handshake.
            RequestTimeoutError: The server did not answer the handshake in time.
            UsageError: The client was started before.
        """
        if self._started:
            raise UsageError("a client is started once; make another one")
        self._started = True
        try:
            self._link.home.settle()
            self._link.serving.prepare()
            self._link.transport = async_wire_logged(self._link.transport)
            await self._link.transport.start(self._link.receive, self._link.lose)
            await self._shake_hands()
        except BaseException:
            await self.close(mode="kill")
            raise

    @property
    def server(self) -> InitializeResponse:
        """What the server said of itself in the handshake.

        Raises:
            UsageError: There was none yet.
        """
        if self._server is None:
            raise UsageError(_NOT_STARTED)
        return self._server

    @property
    def server_info(self) -> ServerInfo:
        """The server's name and version, as its user agent tells them.

        Raises:
            UsageError: There was no handshake yet.
        """
        if self._server_info is None:
            raise UsageError(_NOT_STARTED)
        return self._server_info

    def supports(self, name: str) -> bool:
        """Tell whether the server knows a method, a notification or a request of its own.

        It is looked up by the server's version; nothing is sent. A version that is newer than all
        that are known counts as the newest of them; one that cannot be read, as the one that this
        client is made for. What is experimental is supported if the client has opted in to it.

        Args:
            name: The wire name, for example ``thread/queue/add``.

        Raises:
            InvalidArgumentError: No version that is known has such a name.
            UsageError: There was no handshake yet.
        """
        from codex_app_server_rpc.availability import supports

        version = self.server_info.version
        return supports(name, version, experimental_api=self._experimental_api)

    # --- turns and other notifications -----------------------------------------------------

    async def start_turn(
        self,
        params: TurnParams,
        *,
        methods: Collection[str] | None = None,
        timeout: float | None | Unset = UNSET,
        interrupt: bool = True,
        stop_if_forgotten: bool = False,
        if_busy: IfBusy = "join",
        patience: float | None = None,
    ) -> AsyncTurnStream:
        """Start a turn and follow it: by ``turn/start``, ``review/start`` or a compaction.

        Args:
            params: The params of ``turn/start``; of ``review/start``, delivered inline; or of
                ``thread/compact/start``, whose turn is the next one that starts on the thread.
            methods: The notifications to deliver; ``None`` for all of the turn.
                ``turn/completed`` is always delivered.
            timeout: How long to wait for the answer, in seconds; ``None`` for no limit.
            interrupt: What to do if the caller is cancelled while the request is in flight:
                interrupt the turn that it may have started, which takes some seconds at most, or
                leave it alone. When the time is up, it is interrupted in any case.
            stop_if_forgotten: Whether to stop the turn when nobody has its stream any more; see
                `AsyncTurnStream.stop_if_forgotten`.
            if_busy: What to do if another turn of the thread runs, or is being started, as far as
                this client knows: ``"join"`` it, which is what the server does with a
                ``turn/start`` then; ``"refuse"``, or ``"wait"`` until the thread is free, first
                come, first served. A turn that is being stopped is waited for, for some seconds
                at most, rather than to refuse.
            patience: How long to wait in all, for the thread to be free and then for the answer,
                in seconds; ``None`` for no limit.

        Returns:
            The turn's stream, to be closed or stopped when it is not read to its end.

        Raises:
            InvalidArgumentError: The params start no turn on their thread.
            ThreadBusyError: The thread is busy, and that is refused.
            RequestTimeoutError: The thread was not free in time, or the server did not answer in
                time.
        """
        start = start_of(params)
        stream = AsyncTurnStream(self._link, thread_id=params.thread_id, methods=methods)
        starts: list[AsyncPendingRequest] = []
        try:
            whole = Deadline(patience)
            await stream.enter(if_busy, whole, start)
            deadline = whole.within(self._link.timeout if isinstance(timeout, Unset) else timeout)
            answer = await self._request(
                start.method, params, start.decode, deadline.limit, sent=starts
            )
            stream.bind(named_turn(answer) or await stream.begun(start.method, deadline))
            stream.stop_if_forgotten = stop_if_forgotten
            return stream
        except RequestTimeoutError:
            await stream.give_up(starts, interrupt=True)
            raise
        except BaseException:
            await stream.give_up(starts, interrupt=interrupt)
            raise

    def turn_stream(
        self, thread_id: str, *, methods: Collection[str] | None = None
    ) -> AsyncTurnStream:
        """Reserve the stream of a turn that is about to be started.

        Call it before a request that starts a turn, then `AsyncTurnStream.bind` with the id in the
        response: events that arrive before the response are not lost. `start_turn` does so.

        Args:
            thread_id: The thread on which the turn will run.
            methods: The notifications to deliver; ``None`` for all of the turn.
                ``turn/completed`` is always delivered.

        Returns:
            The stream, to be closed when it is not read to its end.
        """
        return AsyncTurnStream(self._link, thread_id=thread_id, methods=methods).open()

    def subscribe(
        self, methods: Collection[str] | None = None, *, thread_id: str | None = None
    ) -> AsyncNotificationStream:
        """Listen to notifications, whatever thread or turn they belong to.

        Args:
            methods: The methods to deliver; ``None`` for all.
            thread_id: Deliver only what names this thread.

        Returns:
            The stream, to be closed after use.
        """
        return AsyncNotificationStream(self._link, thread_id=thread_id, methods=methods).open()

    def watch(self, method: str, look: Callable[[Notification], object]) -> None:
        """Look at each notification of a method as it arrives, before anybody gets it.

        Args:
            method: The protocol method.
            look: Called by whoever reads the connection: in the order of arrival, in no time, and
                without a call to this client. What it raises is logged. One per method.
        """
        with self._link.lock:
            self._link.connection.router.watch(method, partial(_looked_at, look))

    def stats(self) -> ClientStats:
        """Take a snapshot of the connection's numbers: in flight, queued, dropped and others."""
        with self._link.lock:
            return self._link.connection.stats()

    # --- the server's requests -------------------------------------------------------------

    def server_requests(self) -> list[ServerRequest]:
        """List the server's requests that wait for a reply, in the order of their arrival."""
        with self._link.lock:
            return list(self._link.connection.session.server_requests)

    async def respond(
        self,
        request: ServerRequest,
        response: WireModel,
        *,
        timeout: float | None | Unset = UNSET,
    ) -> None:
        """Answer a request of the server that its handler has left open (`LATER`).

        Or one whose handler is still at work: that is cancelled, or what it gives is dropped.

        Args:
            request: The request, as its handler or `server_requests` gave it.
            response: The response of the request's kind.
            timeout: How long sending may take, in seconds; ``None`` for no limit.

        Raises:
            RequestResolvedError: The server waits for no reply: the request was answered before,
                or the server has given it up.
            InvalidArgumentError: The response is not of the type that the request wants.
            RequestTimeoutError: The server did not read the reply in time; it has it once it reads.
            TransportClosedError: The server is gone.
        """
        self._link.home.check()
        self._link.connection.check_open()
        deadline = Deadline(self._link.timeout if isinstance(timeout, Unset) else timeout)
        await self._link.serving.respond(request, response, deadline)

    # --- life ------------------------------------------------------------------------------

    async def close(
        self,
        *,
        mode: Literal["interrupt", "drain", "kill"] = "interrupt",
        timeout: float = CLOSE_GRACE,
    ) -> None:
        """End the connection and the server's process; idempotent, bounded in time.

        A server on stdio ends at once when its client goes, in the middle of its turns. So the
        turns that run, whether or not somebody follows them, are ended first.

        Args:
            mode: What to do with the turns that run: ``"interrupt"`` them and wait for their
                end; ``"drain"``: wait for their end, and interrupt those that take too long;
                ``"kill"``: end the server at once.
            timeout: How long to wait for the turns, in seconds.

        Raises:
            InvalidArgumentError: There is no such mode, or the timeout is no time.
        """
        check_close(mode, timeout)
        self._link.home.check_end()
        deadline = Deadline(timeout)
        try:
            if mode == "kill":
                self._link.transport.abort()
            elif not self._closed:
                if isinstance(self._link.transport, PreparesClose):
                    self._link.transport.prepare_close()
                await self._end_turns(deadline, drain=mode == "drain")
        finally:
            self._closed = True
            await self._link.close()

    async def __aenter__(self) -> Self:
        """Start the client."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        await self.close()

    def __del__(self, warn: Callable[..., None] = warnings.warn) -> None:
        """End a client that was forgotten; one whose server is gone holds nothing any more."""
        if self._started and not self._closed and self._link.connection.closed is None:
            if not self._link.serving.do_later(self._link.close):
                self._link.transport.abort()
            warn(f"unclosed {type(self).__name__}", ResourceWarning, source=self)

    async def _end_turns(self, deadline: Deadline, *, drain: bool) -> None:
        """Wait for the end of the turns that run, or interrupt them and wait for that."""
        streams = [self._stream_of(*turn) for turn in self._active_turns()]
        try:
            if drain and await self._all_over(streams, deadline):
                return
            deadline = Deadline(STOP_GRACE) if drain else deadline
            interruptions = [
                stream.interruption(deadline) for stream in streams if not stream.is_closed
            ]
            await self._interrupt(interruptions)
        except (CodexTimeoutError, TransportClosedError) as error:
            _logger.debug("the turns could not be ended: %s", error)
        finally:
            for stream in streams:
                if not stream.is_closed:
                    report(stream.thread_id, stream.turn_id, "the client was closed before")
                await stream.close()

    async def _interrupt(self, interruptions: list[AsyncInterruption]) -> None:
        """End several turns at once: ask first for all of them, then wait."""
        try:
            for interruption in interruptions:
                await interruption.begin()
            for interruption in interruptions:
                # A refusal says that the turn was over already.
                with contextlib.suppress(JsonRpcError):
                    await interruption.agreed()
                    await interruption.finished()
        finally:
            for interruption in interruptions:
                interruption.close()

    async def _all_over(self, streams: list[AsyncTurnStream], deadline: Deadline) -> bool:
        """Wait for the end of turns, and tell whether all of them ended in time."""
        for stream in streams:
            try:
                while await stream.next(deadline.remaining()) is not None:
                    pass
            except CodexTimeoutError:
                return False
        return True

    def _stream_of(self, thread_id: str, turn_id: str) -> AsyncTurnStream:
        """Follow a turn that runs, to see its end."""
        stream = self.turn_stream(thread_id, methods=())
        stream.follow(turn_id)
        return stream

    def _active_turns(self) -> list[tuple[str, str]]:
        with self._link.lock:
            return list(self._link.connection.router.active)

    # --- requests --------------------------------------------------------------------------

    async def _call(
        self,
        method: str,
        params: WireModel | None,
        decode: Callable[[object], ResultT],
        timeout: float | None | Unset,
    ) -> ResultT:
        return await self._request(method, params, decode, timeout)

    async def _request(
        self,
        method: str,
        params: WireModel | None,
        decode: Callable[[object], ResultT],
        timeout: float | None | Unset,
        *,
        sent: list[AsyncPendingRequest] | None = None,
    ) -> ResultT:
        """Send a request, again if the server is overloaded and that is wished, and decode.

        Args:
            method: The protocol method.
            params: Its params; ``None`` for none.
            decode: Builds the typed result from JSON values.
            timeout: How long all of it may take, in seconds.
            sent: Where to put the request before it is sent, each time that it is; whoever gives
                this closes what is in it.
        """
        encoded = encode_params(params)
        deadline = Deadline(self._link.timeout if isinstance(timeout, Unset) else timeout)
        if self._overload_retry is None:
            return await self._attempt(method, encoded, decode, deadline, sent)
        attempt = partial(self._attempt, method, encoded, decode, deadline, sent)
        rules = self._overload_retry.rules(deadline, self._count_retry)
        return await async_retry(attempt, rules, self._link.pause)

    async def _attempt(
        self,
        method: str,
        params: bytes | None,
        decode: Callable[[object], ResultT],
        deadline: Deadline,
        sent: list[AsyncPendingRequest] | None,
    ) -> ResultT:
        request = AsyncPendingRequest(self._link, method, deadline)
        if sent is not None:
            sent.append(request)
        try:
            await request.send(params, urgent=method == INTERRUPT)
            get_ready(decode)
            answer = await request.wait()
            return result_of(method, answer, decode, self.server_info.version)
        finally:
            if sent is None:
                request.close()

    async def _shake_hands(self) -> None:
        request = AsyncPendingRequest(self._link, "initialize", Deadline(self._link.timeout))
        try:
            await request.initialize(self._params)
            from codex_app_server_types import InitializeResponse  # while the server starts

            get_ready(InitializeResponse.model_validate)
            answer = await request.wait()
            agent = result_of("initialize", answer, user_agent_in)
            self._look_at_version(agent)  # it may explain what is wrong with the rest
            self._server = result_of("initialize", answer, InitializeResponse.model_validate)
            await request.conclude()
        finally:
            request.close()

    def _look_at_version(self, user_agent: str) -> None:
        info = self._server_info = server_info(user_agent, self._client_name)
        if self._check_version:
            transport = self._link.transport
            argv = transport.argv if isinstance(transport, StartsProgram) else ()
            check_runtime(info.version, argv=argv)

    def _count_retry(self) -> None:
        with self._link.lock:
            self._link.connection.retries += 1


def _looked_at(look: Callable[[Notification], object], notification: Notification) -> None:
    """Let somebody look, whose failure must not end the connection."""
    try:
        look(notification)
    except Exception:
        _logger.exception("whoever watches %s has failed", notification.method)
