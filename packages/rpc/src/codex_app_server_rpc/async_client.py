"""The async client: a connection and a transport on one event loop; no thread, no executor.

Everything happens in the loop's thread, so nothing needs a lock. What arrives is parsed and
routed in the transport's callback; callers and consumers are woken from there, never run.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final, TypeVar, cast

from codex_app_server_types import Unset

from codex_app_server_rpc._serving import Answering
from codex_app_server_rpc._threads import in_thread
from codex_app_server_rpc.async_streams import AsyncNotificationStream, AsyncTurnStream
from codex_app_server_rpc.client import DEFAULT_REQUEST_TIMEOUT
from codex_app_server_rpc.connection import Connection, result_of
from codex_app_server_rpc.errors import RequestTimeoutError, TransportClosedError, UsageError
from codex_app_server_rpc.generated.async_methods import AsyncMethods
from codex_app_server_rpc.generated.server_requests import AsyncServerRequestHandlers
from codex_app_server_rpc.handshake import ClientIdentity, initialize_params
from codex_app_server_rpc.params import encode_params

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from types import TracebackType

    from codex_app_server_types import InitializeParams, InitializeResponse, WireModel
    from typing_extensions import Self

    from codex_app_server_rpc.connection import Answer
    from codex_app_server_rpc.inbound import ServerRequest
    from codex_app_server_rpc.transport import AsyncTransport

__all__ = ["AsyncClient"]

HANDLER_GRACE: Final = 1.0
"""How long `AsyncClient.close` waits for the handlers that it cancelled, in seconds."""

ResultT = TypeVar("ResultT")
_logger = logging.getLogger("codex_app_server_rpc")


class AsyncClient(AsyncMethods):
    """The whole protocol as typed coroutine methods, on the loop that it was started on.

    Attributes:
        server: What the server said of itself in the handshake; set by `start`.
    """

    server: InitializeResponse

    def __init__(
        self,
        transport: AsyncTransport,
        *,
        identity: ClientIdentity,
        experimental_api: bool = False,
        opt_out_notification_methods: tuple[str, ...] = (),
        handlers: AsyncServerRequestHandlers | None = None,
        request_timeout: float | None = DEFAULT_REQUEST_TIMEOUT,
    ) -> None:
        """Make a client; nothing runs before `start` or ``async with``.

        Args:
            transport: The way to the server, not started yet.
            identity: Who this client says it is.
            experimental_api: Whether to opt in to methods and fields that are not stable.
            opt_out_notification_methods: Notifications that the server need not send.
            handlers: Answers to the server's requests; what has no handler gets its safe
                answer (approvals are declined).
            request_timeout: How long a request waits for its answer, in seconds; ``None`` for
                no limit. Every method takes a ``timeout`` of its own.
        """
        self._transport = transport
        self._timeout = request_timeout
        self._connection = Connection()
        self._answering = Answering(
            self._connection.session, handlers or AsyncServerRequestHandlers(), nullcontext()
        )
        self._serving: set[asyncio.Task[None]] = set()
        self._started = False
        self._closing = False
        self._params = initialize_params(
            identity,
            experimental_api=experimental_api,
            opt_out_notification_methods=opt_out_notification_methods,
        )

    async def start(self) -> None:
        """Connect and perform the handshake (``initialize``, ``initialized``).

        If any of it fails, everything that was started is ended before the error is raised.

        Raises:
            LaunchError: The server's program cannot be started.
            TransportClosedError: The server died in the handshake.
            RequestTimeoutError: The server did not answer the handshake in time.
            UsageError: The client was started before.
        """
        if self._started:
            raise UsageError("a client is started once; make another one")
        self._started = True
        try:
            await self._transport.start(self._receive, self._connection.lose)
            self.server = await self._handshake(self._params)
        except BaseException:
            await self.close()
            raise

    # --- turns and other notifications -----------------------------------------------------

    def turn_stream(
        self, thread_id: str, *, methods: Collection[str] | None = None
    ) -> AsyncTurnStream:
        """Reserve the stream of a turn that is about to be started.

        Call it before ``turn_start``, then `AsyncTurnStream.bind` with the id in its response:
        events that arrive before the response are not lost.

        Args:
            thread_id: The thread on which the turn will run.
            methods: The notifications to deliver; ``None`` for all of the turn.
                ``turn/completed`` is always delivered.

        Returns:
            The stream, to be closed when it is not read to its end.
        """
        stream = AsyncTurnStream(self._connection.router, thread_id=thread_id, methods=methods)
        self._connection.router.reserve(stream.feed)
        return stream

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
        router = self._connection.router
        stream = AsyncNotificationStream(router, thread_id=thread_id, methods=methods)
        router.subscribe(stream.feed)
        return stream

    # --- life ------------------------------------------------------------------------------

    async def close(self) -> None:
        """End the connection and the server's process; idempotent, bounded in time."""
        self._closing = True
        serving = self._serving - {asyncio.current_task()}  # a handler may close its client
        for task in serving:
            task.cancel()
        try:
            await self._transport.close()
            if serving:
                await asyncio.wait(serving, timeout=HANDLER_GRACE)
        finally:
            self._connection.lose(TransportClosedError("this client is closed"))

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

    # --- requests --------------------------------------------------------------------------

    async def _call(
        self,
        method: str,
        params: WireModel | None,
        decode: Callable[[object], ResultT],
        timeout: float | None | Unset,
    ) -> ResultT:
        waiter = _Waiter()
        request_id, data = self._connection.request(method, encode_params(params), waiter)
        limit = self._timeout if isinstance(timeout, Unset) else timeout
        return await self._answer_to(request_id, method, data, waiter, decode, limit)

    async def _handshake(self, params: InitializeParams) -> InitializeResponse:
        from codex_app_server_types import InitializeResponse

        waiter = _Waiter()
        request_id, data = self._connection.initialize(params.to_wire_json(), waiter)
        server = await self._answer_to(
            request_id, "initialize", data, waiter, InitializeResponse.model_validate, self._timeout
        )
        await self._transport.send(self._connection.initialized())
        return server

    async def _answer_to(
        self,
        request_id: int,
        method: str,
        data: bytes,
        waiter: _Waiter,
        decode: Callable[[object], ResultT],
        limit: float | None,
    ) -> ResultT:
        answer = waiter.answer
        # A task, so that the deadline also covers a server that does not read what is sent.
        sending = asyncio.ensure_future(self._transport.send(data))
        try:
            # Not `wait_for`, which before Python 3.12 can swallow a cancellation.
            both: set[asyncio.Future[None] | asyncio.Future[Answer]] = {sending, answer}
            await asyncio.wait(both, timeout=limit, return_when=asyncio.FIRST_EXCEPTION)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            self._connection.finish(request_id)
        if not answer.done():
            assert limit is not None
            raise RequestTimeoutError(method, timeout=limit)
        return result_of(method, answer.result(), decode)

    # --- the reader's side -----------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        for request in self._connection.receive(data):
            task = asyncio.get_running_loop().create_task(
                self._serve(request), name=f"codex-{request.method}"
            )
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, request: ServerRequest) -> None:
        data = await self._reply_to(request)
        if not data:
            return
        try:
            await self._transport.send(data)
        except TransportClosedError:
            _logger.info("the connection closed before the reply to %s", request.method)

    async def _reply_to(self, request: ServerRequest) -> bytes:
        answering = self._answering
        handler = answering.handler(request)
        if handler is None:
            return answering.safe_reply(request)
        try:
            params = answering.params(request)
            if inspect.iscoroutinefunction(handler):
                response: object = handler(params)
            else:
                response = await in_thread(handler, params, name=f"codex-{request.method}")
            if inspect.isawaitable(response):
                response = await cast("Awaitable[object]", response)
            return answering.reply(request, response)
        except asyncio.CancelledError as error:
            if self._closing:
                raise
            return answering.failed(request, error)  # what the handler waited for was cancelled
        except (Exception, SystemExit) as error:  # what a handler raises ends here, with a reply
            return answering.failed(request, error)


class _Waiter:
    """The place where a coroutine waits for the answer to its request."""

    __slots__ = ("answer",)

    def __init__(self) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def resolve(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)
