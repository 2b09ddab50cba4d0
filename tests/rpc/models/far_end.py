"""The server's end of a connection, where nothing is answered by itself, and the ways there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from codex_app_server_rpc import CodexTimeoutError, TransportClosedError
from codex_app_server_rpc._primitives import AsyncSignal, Signal

from tests.rpc.wire import INITIALIZE_RESULT, decoded, result

__all__ = ["Asked", "AsyncWay", "FarEnd", "Way"]


@dataclass(eq=False)
class Asked:
    """A request of the client.

    Attributes:
        id: Its id.
        method: Its method.
        params: Its params.
        answered: Whether it was answered.
    """

    id: int
    method: str
    params: dict[str, Any]
    answered: bool = False


class FarEnd:
    """What the client has sent; and the way back.

    Attributes:
        requests: The client's requests after the handshake, in order.
        replies: The client's replies to the server's own requests, in order.
        lines: How many lines were delivered.
        is_gone: Whether the connection has ended.
        is_congested: Whether requests do not get through at present.
        blocked: Those who wait because of that.
    """

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.replies: list[dict[str, Any]] = []
        self.lines = 0
        self.is_gone = False
        self.is_congested = False
        self.blocked: list[Signal | AsyncSignal] = []
        self._receive: Callable[[bytes], None] | None = None
        self._closed: Callable[[TransportClosedError], None] | None = None
        self._replied = threading.Condition()

    def connect(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Take the callbacks of a client."""
        self._receive = receive
        self._closed = closed

    def take(self, data: bytes) -> None:
        """Take one message of the client; replies may come from any thread."""
        message = decoded(data)
        if "method" not in message:
            with self._replied:
                self.replies.append(message)
                self._replied.notify_all()
        elif message["method"] == "initialize":
            self.deliver(result(message["id"], INITIALIZE_RESULT))
        elif "id" in message:
            self.requests.append(Asked(message["id"], message["method"], message["params"]))

    def deliver(self, data: bytes) -> None:
        """Send whole lines to the client."""
        if not self.is_gone:
            assert self._receive is not None
            self.lines += data.count(b"\n")
            self._receive(data)

    def hang_up(self, reason: str) -> None:
        """End the connection; idempotent."""
        if not self.is_gone:
            self.is_gone = True
            self.decongest()
            assert self._closed is not None
            self._closed(TransportClosedError(reason))

    def decongest(self) -> None:
        """Let requests get through again."""
        self.is_congested = False
        for signal in self.blocked:
            signal.notify()

    def await_replies(self, count: int) -> None:
        """Wait until so many replies have come, from whatever thread."""
        with self._replied:
            assert self._replied.wait_for(lambda: len(self.replies) >= count, 20)

    def check(self) -> None:
        if self.is_gone:
            raise TransportClosedError("the far end is gone")


def _is_reply(data: bytes) -> bool:
    return "method" not in decoded(data)


class Way:
    """The sync way to the far end."""

    def __init__(self, far: FarEnd) -> None:
        self._far = far

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        self._far.connect(receive, closed)

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        far = self._far
        signal = Signal()
        far.blocked.append(signal)
        try:
            # Replies come from threads that the world does not steer.
            while far.is_congested and not _is_reply(data):
                if not signal.wait(timeout):
                    raise CodexTimeoutError("congested", timeout=timeout or 0)
        finally:
            far.blocked.remove(signal)
        far.check()
        far.take(data)

    def abort(self) -> None:
        """Nothing is to be killed."""

    def close(self) -> None:
        self._far.hang_up("closed by this side")


class AsyncWay:
    """The async way to the far end."""

    def __init__(self, far: FarEnd) -> None:
        self._far = far

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        self._far.connect(receive, closed)

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        far = self._far
        signal = AsyncSignal()
        far.blocked.append(signal)
        try:
            while far.is_congested and not _is_reply(data):
                if not await signal.wait(timeout):
                    raise CodexTimeoutError("congested", timeout=timeout or 0)
        finally:
            far.blocked.remove(signal)
        far.check()
        far.take(data)

    def abort(self) -> None:
        """Nothing is to be killed."""

    async def close(self) -> None:
        self._far.hang_up("closed by this side")
