"""The session core: the whole protocol, without IO.

Rules of the room:

- Bytes of the server go in (`Session.receive`), typed inbound events come out.
- Calls go in (`Session.request`, `Session.notify`, `Session.reply`), bytes to send come out.
- It owns ids, the tables of open requests in both directions, the handshake's state and the
  framing. It knows no socket, clock, thread or loop; a driver that is used from several threads
  guards it with a lock.
- Whatever the server sends, `receive` does not raise: a line that is no message becomes a
  `Skipped` event and a count.

Theory of operation: one connection lives through the states ``new -> initializing -> ready ->
closed``. A request of ours is in the table from the moment its bytes are made until its answer
comes or the driver gives it up (`Session.forget`). A request of the server is in the other table
until it is replied to, or wants no reply any more: the server says so by
``serverRequest/resolved``, or the driver sees it (`Session.withdraw`). A reply after that gives no
bytes, so every server request is answered at most once.

The envelope is that of JSON-RPC 2.0 without its ``jsonrpc`` member. The two id spaces are
independent: our id 0 and the server's id 0 can be open at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pydantic_core import from_json

from codex_app_server_rpc.core.framing import DEFAULT_MAX_LINE, LineSplitter
from codex_app_server_rpc.core.inbound import (
    Failure,
    Inbound,
    Resolved,
    Result,
    ServerRequest,
    Skipped,
)
from codex_app_server_rpc.core.open_requests import OpenRequests
from codex_app_server_rpc.errors import TransportClosedError, UsageError
from codex_app_server_rpc.generated.notifications import NOTIFICATIONS
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_app_server_rpc.notification import Notification

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

__all__ = ["Session", "SessionCounters", "SessionState"]

_EXCERPT: Final = 200
_RESOLVED: Final = "serverRequest/resolved"
_INTERNAL_ERROR: Final = -32603
_NOTIFICATIONS: Final = frozenset(NOTIFICATIONS)


class SessionState(Enum):
    """Where a connection is in its life."""

    NEW = "new"
    """Nothing was sent yet."""

    INITIALIZING = "initializing"
    """``initialize`` was sent, and not answered yet."""

    READY = "ready"
    """The handshake is over: calls can be made."""

    CLOSED = "closed"
    """It is over."""


@dataclass
class SessionCounters:
    """What passed through a session.

    Attributes:
        received: Messages that were understood.
        skipped: Lines that were not a message: blank, not JSON, not UTF-8, not an object,
            of no known shape, or too long.
        unmatched: Answers to nothing that was asked, or to what was given up.
        unknown: Notifications and requests of methods that this version does not know.
        withdrawn: Replies not sent because the server had resolved its request.
    """

    received: int = 0
    skipped: int = 0
    unmatched: int = 0
    unknown: int = 0
    withdrawn: int = 0


class Session:
    """One JSON-RPC session with an app-server.

    Attributes:
        state: Where the connection is in its life.
        counters: What passed through so far.
        next_id: The id that our next request will have.
        server_requests: The server's requests that wait for our reply.
    """

    def __init__(self, *, max_line: int = DEFAULT_MAX_LINE) -> None:
        """Start a session on a new connection.

        Args:
            max_line: The longest message to accept, in bytes.
        """
        self.state: SessionState = SessionState.NEW
        self.counters: SessionCounters = SessionCounters()
        self._splitter = LineSplitter(max_line)
        self.next_id: int = 0
        self._requests: dict[int, str] = {}
        self.server_requests: OpenRequests = OpenRequests()

    @property
    def pending(self) -> int:
        """How many of our requests wait for their answer."""
        return len(self._requests)

    # --- calls in, bytes out ---------------------------------------------------------------

    def initialize(self, params: bytes) -> tuple[int, bytes]:
        """Open the handshake (``initialize``).

        Args:
            params: The JSON text of ``InitializeParams``.

        Returns:
            The request's id, and the bytes to send.

        Raises:
            TransportClosedError: The session is closed.
            UsageError: The handshake was already begun.
        """
        self._check_open()
        if self.state is not SessionState.NEW:
            raise UsageError(f"initialize belongs to a new session; this one is {self.state.value}")
        self.state = SessionState.INITIALIZING
        return self._new_request("initialize", params)

    def initialized(self) -> bytes:
        """Close the handshake (``initialized``): from now on requests may be made.

        Returns:
            The bytes to send.

        Raises:
            TransportClosedError: The session is closed.
            UsageError: The session is not in its handshake.
        """
        self._check_open()
        if self.state is not SessionState.INITIALIZING:
            raise UsageError(f"initialized ends the handshake; the session is {self.state.value}")
        self.state = SessionState.READY
        return b'{"method":"initialized"}\n'

    def request(
        self, method: str, params: bytes | None = None, trace: bytes | None = None
    ) -> tuple[int, bytes]:
        """Make a request.

        Args:
            method: The protocol method.
            params: The JSON text of its params; ``None`` to send none.
            trace: The JSON text of the trace that it belongs to; ``None`` to send none.

        Returns:
            The request's id, and the bytes to send.

        Raises:
            TransportClosedError: The session is closed.
            UsageError: The handshake is not complete.
        """
        if self.state is not SessionState.READY:
            self._check_ready()
        return self._new_request(method, params, trace)

    def notify(self, method: str, params: bytes | None = None) -> bytes:
        """Make a notification.

        Args:
            method: The protocol method.
            params: The JSON text of its params; ``None`` to send none.

        Returns:
            The bytes to send.

        Raises:
            TransportClosedError: The session is closed.
            UsageError: The handshake is not complete.
        """
        self._check_ready()
        return b'{"method":%s%s}\n' % (_text(method), _member(b"params", params))

    def forget(self, request_id: int) -> None:
        """Give up a request: an answer that still comes is counted and dropped."""
        self._requests.pop(request_id, None)

    def reply(self, request: ServerRequest, result: bytes) -> bytes:
        """Answer a request of the server.

        Args:
            request: The request.
            result: The JSON text of the result.

        Returns:
            The bytes to send; empty if the server has resolved the request meanwhile, or it
            was answered before.
        """
        if not self._take_server_request(request):
            return b""
        return b'{"id":%s,"result":%s}\n' % (_text(request.id), _one_line(result))

    def reply_error(self, request: ServerRequest, code: int, message: str) -> bytes:
        """Answer a request of the server with an error.

        Args:
            request: The request.
            code: The JSON-RPC error code.
            message: What went wrong, in words for the server's log.

        Returns:
            The bytes to send; empty as in `reply`.
        """
        if not self._take_server_request(request):
            return b""
        error = b'{"code":%d,"message":%s}' % (code, _text(message))
        return b'{"id":%s,"error":%s}\n' % (_text(request.id), error)

    def withdraw(self, request: ServerRequest) -> None:
        """Give up a request of the server that wants no reply any more."""
        if self.is_open(request):
            self.server_requests.remove(request)

    def is_open(self, request: ServerRequest) -> bool:
        """Tell whether a request of the server still waits for its reply."""
        return request in self.server_requests

    def close(self) -> None:
        """End the session: nothing more is sent or expected."""
        self.state = SessionState.CLOSED
        self._requests.clear()
        self.server_requests.clear()

    # --- bytes in, events out --------------------------------------------------------------

    def receive(self, data: bytes) -> list[Inbound]:
        """Take the next bytes of the server.

        Args:
            data: Any piece of the stream.

        Returns:
            The events that these bytes completed, in order.
        """
        oversized = self._splitter.oversized
        events = [self._event(line) for line in self._splitter.feed(data)]
        for _ in range(self._splitter.oversized - oversized):
            events.append(self._skip("a line longer than the limit", b""))
        return events

    def receive_eof(self) -> list[Inbound]:
        """Take the end of the server's stream: a last line may lack its newline."""
        rest = self._splitter.finish()
        return [self._event(rest)] if rest.strip() else []

    def _event(self, line: bytes) -> Inbound:
        try:
            # Members recur, values hardly ever: to look for them would cost more than it saves.
            message: dict[str, JsonValue] = from_json(line, cache_strings="keys")
        except ValueError as error:
            reason = f"not JSON: {error}" if line.strip() else "a blank line"
            return self._skip(reason, line)
        if type(message) is not dict:
            return self._skip("not a JSON object", line)
        method = message.get("method")
        if "id" in message:
            if method is None:
                return self._answer(message, line)
            return self._server_request(message, method, line)
        if type(method) is not str:
            return self._skip("neither a method nor an id", line)
        counters = self.counters
        counters.received += 1
        if method not in _NOTIFICATIONS:
            counters.unknown += 1
        emitted_at_ms = message.get("emittedAtMs")
        notification = Notification(
            method,
            message.get("params"),
            emitted_at_ms if type(emitted_at_ms) is int else None,
            len(line),
        )
        return self._resolved(notification) if method == _RESOLVED else notification

    def _answer(self, message: dict[str, JsonValue], line: bytes) -> Inbound:
        request_id = message["id"]
        method = None
        if type(request_id) is int and ("result" in message or "error" in message):
            method = self._requests.pop(request_id, None)
        if method is None or type(request_id) is not int:
            self.counters.unmatched += 1
            late = type(request_id) is int and 0 <= request_id < self.next_id
            reason = "an answer that nobody waits for" if late else "an answer to no request"
            return Skipped(reason, _excerpt(line), late)
        self.counters.received += 1
        error = message.get("error")
        if error is None and "result" in message:
            return Result(request_id, method, message["result"])
        if not isinstance(error, dict):
            return Failure(request_id, method, _INTERNAL_ERROR, str(error), None)
        code = error.get("code")
        text = error.get("message")
        return Failure(
            request_id,
            method,
            code if type(code) is int else _INTERNAL_ERROR,
            text if isinstance(text, str) else "the server gave no message",
            error.get("data"),
        )

    def _server_request(
        self, message: dict[str, JsonValue], method: JsonValue, line: bytes
    ) -> Inbound:
        request_id = message["id"]
        if type(method) is not str or not (type(request_id) is str or type(request_id) is int):
            return self._skip("a request whose method or id has the wrong type", line)
        request = ServerRequest(request_id, method, message.get("params"))
        waiting = self.server_requests.get(request_id)
        if waiting is not None and waiting != request:
            return self._skip("a request with an id that is still open", line)
        self.counters.received += 1
        if waiting is not None:  # as the runtime does when a thread is resumed
            return Skipped("a request that is asked again", "", True)
        if method not in SERVER_REQUESTS:
            self.counters.unknown += 1
        self.server_requests.add(request)
        return request

    def _resolved(self, notification: Notification) -> Resolved:
        params = notification.params
        request_id = params.get("requestId") if isinstance(params, dict) else None
        withdrawn = None
        if type(request_id) is str or type(request_id) is int:
            withdrawn = self.server_requests.get(request_id)
            if withdrawn is not None:
                self.server_requests.remove(withdrawn)
        return Resolved(notification, withdrawn)

    def _skip(self, reason: str, line: bytes) -> Skipped:
        self.counters.skipped += 1
        return Skipped(reason, _excerpt(line))

    # --- tables ----------------------------------------------------------------------------

    def _new_request(
        self, method: str, params: bytes | None, trace: bytes | None = None
    ) -> tuple[int, bytes]:
        request_id = self.next_id
        self.next_id += 1
        self._requests[request_id] = method
        head = b'{"id":%d,"method":%s' % (request_id, _method(method))
        if trace is not None:
            head += _member(b"trace", trace)
        return request_id, b"%s%s}\n" % (head, _member(b"params", params))

    def _take_server_request(self, request: ServerRequest) -> bool:
        if not self.is_open(request):
            self.counters.withdrawn += 1
            return False
        self.server_requests.remove(request)
        return True

    def _check_ready(self) -> None:
        self._check_open()
        if self.state is not SessionState.READY:
            raise UsageError(
                f"the handshake is not complete (the session is {self.state.value}): start the "
                "client, or enter its context"
            )

    def _check_open(self) -> None:
        if self.state is SessionState.CLOSED:
            raise TransportClosedError()


@lru_cache(maxsize=512)  # there are not many methods
def _method(name: str) -> bytes:
    return _text(name)


def _text(value: str | int) -> bytes:
    return json.dumps(value).encode("ascii")


def _member(name: bytes, value: bytes | None) -> bytes:
    return b"" if value is None else b',"%s":%s' % (name, _one_line(value))


def _one_line(text: bytes) -> bytes:
    """Keep a JSON text from ending its message early; in JSON a bare newline is only space."""
    return text.replace(b"\n", b" ") if b"\n" in text else text


def _excerpt(line: bytes) -> str:
    return line[:_EXCERPT].decode("utf-8", "replace")
