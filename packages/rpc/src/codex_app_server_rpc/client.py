"""The sync client: a session, a transport and the thread that reads from it.

``_lock`` guards the connection's state, which the reader and any number of callers touch; it is
never held while something blocks. A reply to the server is not sent by the reader but by a
thread of its own, because handlers take their time and sending may block.
"""

from __future__ import annotations

import inspect
import logging
import threading
from typing import TYPE_CHECKING, TypeVar, cast

from codex_app_server_types import Unset

from codex_app_server_rpc._serving import Answering
from codex_app_server_rpc.connection import Connection, result_of
from codex_app_server_rpc.errors import RequestTimeoutError, TransportClosedError
from codex_app_server_rpc.generated.methods import Methods
from codex_app_server_rpc.generated.server_requests import ServerRequestHandlers
from codex_app_server_rpc.handshake import ClientIdentity, initialize_params
from codex_app_server_rpc.params import encode_params
from codex_app_server_rpc.streams import NotificationStream, TurnStream, lock_timeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from types import TracebackType

    from codex_app_server_types import InitializeParams, InitializeResponse, WireModel
    from typing_extensions import Self

    from codex_app_server_rpc.connection import Answer
    from codex_app_server_rpc.inbound import ServerRequest
    from codex_app_server_rpc.transport import Transport

__all__ = ["DEFAULT_REQUEST_TIMEOUT", "Client"]

DEFAULT_REQUEST_TIMEOUT = 60.0
"""How long a request waits for its answer unless told otherwise, in seconds."""

ResultT = TypeVar("ResultT")
_logger = logging.getLogger("codex_app_server_rpc")


class Client(Methods):
    """The whole protocol as typed, blocking methods; safe to use from several threads.

    Attributes:
        server: What the server said of itself in the handshake.
    """

    server: InitializeResponse

    def __init__(
        self,
        transport: Transport,
        *,
        identity: ClientIdentity,
        experimental_api: bool = False,
        opt_out_notification_methods: tuple[str, ...] = (),
        handlers: ServerRequestHandlers | None = None,
        request_timeout: float | None = DEFAULT_REQUEST_TIMEOUT,
    ) -> None:
        """Connect and perform the handshake (``initialize``, ``initialized``).

        If any of it fails, everything that was started is ended before the error is raised.

        Args:
            transport: The way to the server, not started yet.
            identity: Who this client says it is.
            experimental_api: Whether to opt in to methods and fields that are not stable.
            opt_out_notification_methods: Notifications that the server need not send.
            handlers: Answers to the server's requests; what has no handler gets its safe
                answer (approvals are declined).
            request_timeout: How long a request waits for its answer, in seconds; ``None`` for
                no limit. Every method takes a ``timeout`` of its own.

        Raises:
            LaunchError: The server's program cannot be started.
            TransportClosedError: The server died in the handshake.
            RequestTimeoutError: The server did not answer the handshake in time.
        """
        self._transport = transport
        self._timeout = request_timeout
        self._lock = threading.Lock()
        self._connection = Connection()
        self._answering = Answering(
            self._connection.session, handlers or ServerRequestHandlers(), self._lock
        )
        params = initialize_params(
            identity,
            experimental_api=experimental_api,
            opt_out_notification_methods=opt_out_notification_methods,
        )
        try:
            transport.start(self._receive, self._lose)
            self.server = self._handshake(params)
        except BaseException:
            self.close()
            raise

    # --- turns and other notifications -----------------------------------------------------

    def turn_stream(self, thread_id: str, *, methods: Collection[str] | None = None) -> TurnStream:
        """Reserve the stream of a turn that is about to be started.

        Call it before ``turn_start``, then `TurnStream.bind` with the id in its response: events
        that arrive before the response are not lost.

        Args:
            thread_id: The thread on which the turn will run.
            methods: The notifications to deliver; ``None`` for all of the turn.
                ``turn/completed`` is always delivered.

        Returns:
            The stream, to be closed when it is not read to its end.
        """
        stream = TurnStream(
            self._connection.router, self._lock, thread_id=thread_id, methods=methods
        )
        with self._lock:
            self._connection.router.reserve(stream.feed)
        return stream

    def subscribe(
        self, methods: Collection[str] | None = None, *, thread_id: str | None = None
    ) -> NotificationStream:
        """Listen to notifications, whatever thread or turn they belong to.

        Args:
            methods: The methods to deliver; ``None`` for all.
            thread_id: Deliver only what names this thread.

        Returns:
            The stream, to be closed after use.
        """
        stream = NotificationStream(
            self._connection.router, self._lock, thread_id=thread_id, methods=methods
        )
        with self._lock:
            self._connection.router.subscribe(stream.feed)
        return stream

    # --- life ------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection and the server's process; idempotent, bounded in time."""
        try:
            self._transport.close()
        finally:
            self._lose(TransportClosedError("this client is closed"))

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()

    # --- requests --------------------------------------------------------------------------

    def _call(
        self,
        method: str,
        params: WireModel | None,
        decode: Callable[[object], ResultT],
        timeout: float | None | Unset,
    ) -> ResultT:
        encoded = encode_params(params)
        waiter = _Waiter()
        with self._lock:
            request_id, data = self._connection.request(method, encoded, waiter)
        limit = self._timeout if isinstance(timeout, Unset) else timeout
        return self._answer_to(request_id, method, data, waiter, decode, limit)

    def _handshake(self, params: InitializeParams) -> InitializeResponse:
        from codex_app_server_types import InitializeResponse

        waiter = _Waiter()
        with self._lock:
            request_id, data = self._connection.initialize(params.to_wire_json(), waiter)
        server = self._answer_to(
            request_id, "initialize", data, waiter, InitializeResponse.model_validate, self._timeout
        )
        with self._lock:
            data = self._connection.initialized()
        self._transport.send(data)
        return server

    def _answer_to(
        self,
        request_id: int,
        method: str,
        data: bytes,
        waiter: _Waiter,
        decode: Callable[[object], ResultT],
        limit: float | None,
    ) -> ResultT:
        try:
            self._transport.send(data)
            answer = waiter.wait(limit)
        finally:
            with self._lock:
                self._connection.finish(request_id)
        if answer is None:
            assert limit is not None
            raise RequestTimeoutError(method, timeout=limit)
        return result_of(method, answer, decode)

    # --- the reader's side -----------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        with self._lock:
            requests = self._connection.receive(data)
        for request in requests:
            threading.Thread(
                target=self._serve, args=(request,), name=f"codex-{request.method}", daemon=True
            ).start()

    def _lose(self, error: TransportClosedError) -> None:
        with self._lock:
            self._connection.lose(error)

    def _serve(self, request: ServerRequest) -> None:
        data = self._reply_to(request)
        if not data:
            return
        try:
            self._transport.send(data)
        except TransportClosedError:
            _logger.info("the connection closed before the reply to %s", request.method)

    def _reply_to(self, request: ServerRequest) -> bytes:
        answering = self._answering
        handler = answering.handler(request)
        if handler is None:
            return answering.safe_reply(request)
        try:
            response = handler(answering.params(request))
            if inspect.isawaitable(response):
                response = _result_of_coroutine(response)
            return answering.reply(request, response)
        except BaseException as error:  # the thread is the handler's own: nobody else hears it
            return answering.failed(request, error)


class _Waiter:
    """The place where a caller waits for the answer to its request."""

    __slots__ = ("_answer", "_ready")

    def __init__(self) -> None:
        self._answer: Answer | None = None
        self._ready = threading.Lock()
        self._ready.acquire()

    def resolve(self, answer: Answer) -> None:
        if self._answer is None:
            self._answer = answer
            self._ready.release()

    def wait(self, timeout: float | None) -> Answer | None:
        """Wait for the answer; ``None`` if it did not come in time."""
        self._ready.acquire(timeout=lock_timeout(timeout))
        return self._answer


def _result_of_coroutine(awaitable: object) -> object:
    """Run what an async handler returned, on an event loop of its own."""
    import asyncio  # not needed by a program whose handlers are plain functions

    async def wait() -> object:
        return await cast("Awaitable[object]", awaitable)

    return asyncio.run(wait())
