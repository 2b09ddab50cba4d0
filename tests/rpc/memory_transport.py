"""An app-server in memory, and the transports that lead to it: no process, no pipe, no waiting.

The client's calls reach `MemoryServer.take` in the very call that sends them, and what it answers
is delivered before that call returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from codex_app_server_rpc import TransportClosedError

from tests.rpc.wire import INITIALIZE_RESULT, decoded, notification, request, result

__all__ = ["AsyncMemoryTransport", "MemoryServer", "MemoryTransport"]

Message = dict[str, Any]
Respond = Callable[[Message], Iterable[bytes]]


def _silent(message: Message) -> Iterable[bytes]:
    return ()


class MemoryServer:
    """The server's side: it keeps what the client sent and answers by a function.

    It answers the first ``initialize`` by itself. To be made in the test's event loop; the
    client may send from any thread.

    Attributes:
        introduction: The params of the client's ``initialize``.
        requests: The requests that the client made after its handshake.
        notifications: The notifications that the client sent.
        replies: The client's replies to the server's own requests.
        refusal: What to raise instead of accepting a client.
        fault: What to raise instead of taking a reply.
    """

    def __init__(self, respond: Respond = _silent) -> None:
        self.introduction: Message = {}
        self.requests: list[Message] = []
        self.notifications: list[Message] = []
        self.replies: asyncio.Queue[Message] = asyncio.Queue()
        self.refusal: Exception | None = None
        self.fault: Exception | None = None
        self._respond = respond
        self._greeted = False
        self._loop = asyncio.get_running_loop()
        self._receive: Callable[[bytes], None] | None = None
        self._closed: Callable[[TransportClosedError], None] | None = None

    def connect(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Take the callbacks of a client."""
        if self.refusal is not None:
            raise self.refusal
        self._receive = receive
        self._closed = closed

    def take(self, data: bytes) -> None:
        """Take one message of the client, and deliver what there is to say to it."""
        message = decoded(data)
        if "method" not in message:
            if self.fault is not None:
                raise self.fault
            self._loop.call_soon_threadsafe(self.replies.put_nowait, message)
        elif message["method"] == "initialize" and not self._greeted:
            self._greeted = True
            self.introduction = message["params"]
            self.deliver(result(message["id"], INITIALIZE_RESULT))
        elif "id" in message:
            self.requests.append(message)
            for answer in self._respond(message):
                self.deliver(answer)
        else:
            self.notifications.append(message)

    def deliver(self, data: bytes) -> None:
        """Send bytes to the client."""
        assert self._receive is not None
        self._receive(data)

    def notify(self, method: str, **params: object) -> None:
        """Send a notification to the client."""
        self.deliver(notification(method, **params))

    def ask(self, request_id: str | int, method: str, params: Message) -> None:
        """Send a request to the client."""
        self.deliver(request(request_id, method, **params))

    def hang_up(self) -> None:
        """End the connection from the server's side."""
        assert self._closed is not None
        self._closed(TransportClosedError("the server hung up"))

    async def reply(self) -> Message:
        """Wait for the client's next reply."""
        return await asyncio.wait_for(self.replies.get(), 10)


class MemoryTransport:
    """The sync way to a `MemoryServer`."""

    def __init__(self, server: MemoryServer) -> None:
        self.closed = 0
        self.aborted = 0
        self._server = server

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        self._server.connect(receive, closed)

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        self._server.take(data)

    def abort(self) -> None:
        self.aborted += 1

    def close(self) -> None:
        self.closed += 1


class AsyncMemoryTransport:
    """The async way to a `MemoryServer`."""

    def __init__(self, server: MemoryServer) -> None:
        self.closed = 0
        self.aborted = 0
        self._server = server

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        self._server.connect(receive, closed)

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        self._server.take(data)

    def abort(self) -> None:
        self.aborted += 1

    async def close(self) -> None:
        self.closed += 1
