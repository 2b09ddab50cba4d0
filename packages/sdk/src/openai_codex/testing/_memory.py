"""Ways to a server in this process: no program, no pipe, no socket.

A `FarEnd` is the server's side. It may be called, and may call, on any thread; what it says is
delivered in order, by one thread to a sync client, in the event loop to an async one.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Final, Protocol

from codex_app_server_rpc.errors import TransportClosedError, UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    Receive = Callable[[bytes], None]
    Closed = Callable[[TransportClosedError], None]

__all__ = ["AsyncMemoryTransport", "FarEnd", "MemoryLine", "MemoryTransport"]

_CLOSED: Final = "this client is closed"
_JOIN_SECONDS: Final = 5.0


class MemoryLine(Protocol):
    """A connection, as the server sees it."""

    def deliver(self, data: bytes) -> None:
        """Send bytes to the client, in pieces of any length; nothing after the end."""
        ...

    def end(self, error: TransportClosedError) -> None:
        """End the connection: the client gets what was sent before, then this error; idempotent."""
        ...


class FarEnd(Protocol):
    """The server's side of the memory transports."""

    def connect(self, line: MemoryLine) -> None:
        """Take a client.

        Raises:
            TransportClosedError: It is not taken.
        """
        ...

    def take(self, line: MemoryLine, data: bytes) -> None:
        """Take one whole message of a client; must not wait for that client.

        Raises:
            CodexError: What the client is to get from its call.
        """
        ...

    def leave(self, line: MemoryLine) -> None:
        """Learn that a client is gone, or that the connection was ended; idempotent."""
        ...


class MemoryTransport:
    """The way to a server in this process, for `Codex` and the raw `Client`."""

    def __init__(self, far_end: FarEnd) -> None:
        """Lead to a server; nothing happens before `start`.

        Args:
            far_end: The server, such as one of your own.
        """
        self._far_end = far_end
        self._line: _ThreadLine | None = None

    def start(self, receive: Receive, closed: Closed) -> None:
        """Connect, and start the thread that delivers; see `Transport.start`."""
        if self._line is not None:
            raise UsageError("a transport is started once; make another one")
        self._line = _ThreadLine(receive, closed)
        self._far_end.connect(self._line)
        self._line.start()

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Hand one message to the server; see `Transport.send`. It never waits."""
        if self._line is None or self._line.reason is not None:
            reason = None if self._line is None else self._line.reason
            raise TransportClosedError() if reason is None else reason.again()
        self._far_end.take(self._line, data)

    def abort(self) -> None:
        """End the connection at once; see `Transport.abort`."""
        if self._line is not None:
            self._line.drop()
            self._far_end.leave(self._line)

    def close(self) -> None:
        """End the connection, and wait for the thread that delivers; see `Transport.close`."""
        self.abort()
        if self._line is not None:
            self._line.join()


class AsyncMemoryTransport:
    """The way to a server in this process, for `AsyncCodex` and the raw `AsyncClient`."""

    def __init__(self, far_end: FarEnd) -> None:
        """Lead to a server; as `MemoryTransport`."""
        self._far_end = far_end
        self._line: _LoopLine | None = None

    async def start(self, receive: Receive, closed: Closed) -> None:
        """Connect to the server; see `AsyncTransport.start`."""
        if self._line is not None:
            raise UsageError("a transport is started once; make another one")
        self._line = _LoopLine(receive, closed)
        self._far_end.connect(self._line)

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Hand one message to the server; see `AsyncTransport.send`. It never waits."""
        if self._line is None or self._line.reason is not None:
            reason = None if self._line is None else self._line.reason
            raise TransportClosedError() if reason is None else reason.again()
        self._far_end.take(self._line, data)

    def abort(self) -> None:
        """End the connection at once; see `AsyncTransport.abort`."""
        if self._line is not None:
            self._line.drop()
            self._far_end.leave(self._line)

    async def close(self) -> None:
        """End the connection; see `AsyncTransport.close`."""
        self.abort()
        if self._line is not None:
            await self._line.over.wait()


class _ThreadLine:
    """Delivers on a thread of its own."""

    def __init__(self, receive: Receive, closed: Closed) -> None:
        self.reason: TransportClosedError | None = None
        self._receive = receive
        self._closed = closed
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._dropped = False
        self._thread = threading.Thread(target=self._run, name="codex-memory", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def deliver(self, data: bytes) -> None:
        with self._lock:
            if self.reason is None:
                self._queue.put(data)

    def end(self, error: TransportClosedError) -> None:
        with self._lock:
            if self.reason is None:
                self.reason = error
                self._queue.put(None)

    def drop(self) -> None:
        """End it for the client, who wants nothing more of what is on its way."""
        self._dropped = True
        self.end(TransportClosedError(_CLOSED))

    def join(self) -> None:
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            if not self._dropped:
                self._receive(data)
        assert self.reason is not None
        self._closed(self.reason)


class _LoopLine:
    """Delivers in the event loop that it was made in."""

    def __init__(self, receive: Receive, closed: Closed) -> None:
        import asyncio

        self.reason: TransportClosedError | None = None
        self.over: asyncio.Event = asyncio.Event()
        self._receive = receive
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._dropped = False

    def deliver(self, data: bytes) -> None:
        with self._lock:
            if self.reason is None:
                self._call(lambda: None if self._dropped else self._receive(data))

    def end(self, error: TransportClosedError) -> None:
        with self._lock:
            if self.reason is None:
                self.reason = error
                self._call(lambda: self._finish(error))

    def drop(self) -> None:
        """End it for the client, who wants nothing more of what is on its way."""
        self._dropped = True
        self.end(TransportClosedError(_CLOSED))

    def _finish(self, error: TransportClosedError) -> None:
        self.over.set()
        self._closed(error)

    def _call(self, job: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and with it the client
            self._loop.call_soon_threadsafe(job)
