"""One client of a scripted server: what is sent to it, and what it replies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openai_codex.testing._server_messages import Json, line, text_of

if TYPE_CHECKING:
    from codex_app_server_rpc.errors import TransportClosedError

    from openai_codex.testing._memory import MemoryLine

__all__ = ["ClientLink", "ClientRequest", "PendingReply", "ServerReply"]


@dataclass(frozen=True)
class ClientRequest:
    """A request, or a notification, that the client made.

    Attributes:
        method: The protocol method.
        params: Its params; empty if it had none.
        id: The request's id; ``None`` for a notification.
    """

    method: str
    params: Json = field(repr=False)
    id: int | str | None = None

    @property
    def text(self) -> str:
        """The text of its input, if it is the start of a turn, or steers one; else empty."""
        return text_of(self.params.get("input"))


@dataclass(frozen=True)
class ServerReply:
    """The client's reply to a request of the server.

    Attributes:
        method: The method that was requested, such as ``item/commandExecution/requestApproval``.
        params: What was asked.
        result: What the client answered; empty if that was an error.
        error: The error that the client answered with, if it did.
    """

    method: str
    params: Json = field(repr=False)
    result: Json = field(default_factory=dict[str, Any])
    error: Json | None = None


class PendingReply:
    """A request of the server that waits for its reply.

    Attributes:
        id: The request's id.
        reply: The reply; ``None`` if there is none yet, or never will be.
    """

    def __init__(self, request_id: int, method: str, params: Json) -> None:
        """Wait for the reply to a request."""
        self.id: int = request_id
        self.reply: ServerReply | None = None
        self._method = method
        self._params = params
        self._over = threading.Event()

    def settle(self, message: Json) -> ServerReply:
        """Take the reply."""
        result: Json = message.get("result") or {}
        error: Json | None = message.get("error")
        self.reply = ServerReply(self._method, self._params, result, error)
        self._over.set()
        return self.reply

    def give_up(self) -> None:
        """End the wait without a reply."""
        self._over.set()

    def wait(self, timeout: float = 10.0) -> ServerReply:
        """Wait for the reply.

        Args:
            timeout: The longest wait, in seconds.

        Raises:
            TimeoutError: None came in that time, or the client is gone.
        """
        self._over.wait(timeout)
        if self.reply is None:
            raise TimeoutError(f"no reply to {self._method} came")
        return self.reply

    def wait_for_end(self) -> ServerReply | None:
        """Wait for the reply as long as it takes; ``None`` if none will come."""
        self._over.wait()
        return self.reply


class ClientLink:
    """A connection to a client; callable from any thread.

    Attributes:
        client_name: Who the client says it is.
        line: The way to it.
    """

    def __init__(self, way: MemoryLine, on_reply: Callable[[ServerReply], None]) -> None:
        """Serve a client.

        Args:
            way: The way to it.
            on_reply: Gets to know of each reply.
        """
        self.client_name: str = "client"
        self.line: MemoryLine = way
        self._on_reply = on_reply
        self._lock = threading.Lock()
        self._next_id = 0
        self._waiting: dict[object, PendingReply] = {}
        self._ended = False

    def notify(self, method: str, params: Json) -> None:
        """Send a notification."""
        self.line.deliver(line({"method": method, "params": params}))

    def answer(self, request_id: object, result: Json) -> None:
        """Answer a request."""
        self.line.deliver(line({"id": request_id, "result": result}))

    def refuse(self, request_id: object, code: int, message: str, data: object = None) -> None:
        """Answer a request with an error."""
        error: Json = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self.line.deliver(line({"id": request_id, "error": error}))

    def ask(self, method: str, params: Json) -> PendingReply:
        """Send a request."""
        with self._lock:
            pending = PendingReply(self._next_id, method, params)
            self._next_id += 1
            if self._ended:
                pending.give_up()
            else:
                self._waiting[pending.id] = pending
        self.line.deliver(line({"id": pending.id, "method": method, "params": params}))
        return pending

    def take_reply(self, message: Json) -> None:
        """Take the client's reply to a request; one that nobody waits for is dropped."""
        with self._lock:
            pending = self._waiting.pop(message.get("id"), None)
        if pending is not None:
            self._on_reply(pending.settle(message))

    def withdraw(self, pending: PendingReply) -> None:
        """Wait no more for the reply to a request."""
        with self._lock:
            self._waiting.pop(pending.id, None)
        pending.give_up()

    def end(self, error: TransportClosedError | None = None) -> None:
        """End the connection, with an error for the client if that has not gone itself."""
        with self._lock:
            self._ended = True
            waiting = list(self._waiting.values())
            self._waiting.clear()
        if error is not None:
            self.line.end(error)
        for pending in waiting:
            pending.give_up()
