"""One connection's state, without IO: what the sync and the async client share.

Above the session stands what waits for it: callers for their answers, consumers for their
notifications. A driver feeds bytes in, sends the bytes that come out, serves the server's
requests, and says when the connection is lost; how its callers wait is its own affair, hidden
behind `Waiter`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, TypeVar

from codex_app_server_rpc.errors import InvalidResponseError, TransportClosedError, rpc_error
from codex_app_server_rpc.inbound import Failure, Result, ServerRequest, Skipped
from codex_app_server_rpc.notification import Notification
from codex_app_server_rpc.routing import Router
from codex_app_server_rpc.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from codex_app_server_rpc.inbound import Inbound

__all__ = ["Answer", "Connection", "Waiter", "result_of"]

Answer: TypeAlias = Result | Failure | TransportClosedError
"""How a request can end: the two kinds of response, or the end of the connection."""

ResultT = TypeVar("ResultT")
_logger = logging.getLogger("codex_app_server_rpc")


class Waiter(Protocol):
    """The place where one caller waits for the answer to its request."""

    def resolve(self, answer: Answer) -> None:
        """Take the answer and wake the caller; must not block."""
        ...


class Connection:
    """A session with its waiters and consumers. Not safe for several threads by itself.

    Attributes:
        session: The session core.
        router: Where notifications go.
        closed: Why the connection ended; ``None`` while it lives.
    """

    def __init__(self) -> None:
        """Start a connection that nobody waits on yet."""
        self.session: Session = Session()
        self.router: Router = Router()
        self.closed: TransportClosedError | None = None
        self._waiters: dict[int, Waiter] = {}

    def initialize(self, params: bytes, waiter: Waiter) -> tuple[int, bytes]:
        """Open the handshake.

        Args:
            params: The JSON text of ``InitializeParams``.
            waiter: Who waits for the answer.

        Returns:
            The request's id, and the bytes to send.
        """
        self.check_open()
        return self._wait(self.session.initialize(params), waiter)

    def initialized(self) -> bytes:
        """Close the handshake.

        Returns:
            The bytes to send.

        Raises:
            TransportClosedError: The connection has ended.
        """
        self.check_open()
        return self.session.initialized()

    def request(self, method: str, params: bytes | None, waiter: Waiter) -> tuple[int, bytes]:
        """Make a request.

        Args:
            method: The protocol method.
            params: The JSON text of its params; ``None`` to send none.
            waiter: Who waits for the answer.

        Returns:
            The request's id, and the bytes to send.

        Raises:
            TransportClosedError: The connection has ended.
        """
        self.check_open()
        return self._wait(self.session.request(method, params), waiter)

    def finish(self, request_id: int) -> None:
        """Forget a request, answered or given up."""
        self._waiters.pop(request_id, None)
        self.session.forget(request_id)

    def receive(self, data: bytes) -> list[ServerRequest]:
        """Take the next bytes of the server: wake callers, route notifications.

        Args:
            data: Any piece of the stream.

        Returns:
            The server's requests among them, to be served by the driver.
        """
        return self._dispatch(self.session.receive(data))

    def lose(self, error: TransportClosedError) -> None:
        """End the connection: everybody who waits is woken with the error; idempotent."""
        if self.closed is not None:
            return
        self._dispatch(self.session.receive_eof())
        self.closed = error
        self.session.close()
        for waiter in self._waiters.values():
            waiter.resolve(error)
        self.router.close(error)

    def check_open(self) -> None:
        """Raise the error that ended the connection, if it has ended."""
        if self.closed is not None:
            raise self.closed.again()

    def _wait(self, request: tuple[int, bytes], waiter: Waiter) -> tuple[int, bytes]:
        self._waiters[request[0]] = waiter
        return request

    def _dispatch(self, events: list[Inbound]) -> list[ServerRequest]:
        requests: list[ServerRequest] = []
        for event in events:
            if type(event) is Notification:
                self.router.route(event)
            elif isinstance(event, (Result, Failure)):
                waiter = self._waiters.get(event.id)
                if waiter is not None:
                    waiter.resolve(event)
            elif isinstance(event, ServerRequest):
                requests.append(event)
            elif isinstance(event, Skipped):
                _logger.warning("skipped a line: %s: %r", event.reason, event.excerpt)
        self.router.flush()
        return requests


def result_of(method: str, answer: Answer, decode: Callable[[object], ResultT]) -> ResultT:
    """Turn the answer to a request into its typed result.

    Args:
        method: The method that was requested.
        answer: How the request ended.
        decode: Builds the typed result from JSON values.

    Returns:
        The typed result.

    Raises:
        JsonRpcError: The server answered with an error; the class follows from its code.
        TransportClosedError: The connection ended first.
        InvalidResponseError: The result does not fit its type.
    """
    if isinstance(answer, TransportClosedError):
        raise answer.again()
    if isinstance(answer, Failure):
        raise rpc_error(answer.code, answer.message, answer.data, method=method)
    try:
        return decode(answer.result)
    except ValueError as error:  # pydantic's ValidationError is one
        raise InvalidResponseError(method, answer.result, str(error)) from error
