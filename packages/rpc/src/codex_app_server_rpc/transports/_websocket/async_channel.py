"""A WebSocket connection on the event loop: the loop's own protocol object, and no task."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from typing import TYPE_CHECKING, cast

from codex_app_server_rpc.errors import TransportClosedError
from codex_app_server_rpc.transports.websocket import GOODBYE_GRACE, PING_INTERVAL, not_taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.transports._websocket.frames import Frames

__all__ = ["AsyncChannel"]


class AsyncChannel(asyncio.Protocol):
    """Carries the frames of one WebSocket connection; made in the running loop.

    Attributes:
        opened: Done when the opening handshake is; its result is why it failed, or ``None``.
    """

    def __init__(
        self,
        frames: Frames,
        headers: dict[str, str],
        receive: Callable[[bytes], None],
        closed: Callable[[Exception | None], None],
    ) -> None:
        """Keep what to do; the connection is made by the loop.

        Args:
            frames: The connection's frames.
            headers: More headers of the opening request.
            receive: Takes messages, a line each.
            closed: Takes what the operating system said of the end of an open connection.
        """
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[Exception | None] = self._loop.create_future()
        self._frames = frames
        self._headers = headers
        self._receive = receive
        self._closed = closed
        self._transport: asyncio.Transport | None = None
        self._lost: asyncio.Future[Exception | None] = self._loop.create_future()
        self._full = False
        self._waiting: deque[tuple[bytes, asyncio.Future[TransportClosedError | None]]] = deque()
        self._timers: list[asyncio.TimerHandle] = []
        self._heard = False

    # --- what the client does --------------------------------------------------------------

    async def send(self, data: bytes, timeout: float | None) -> None:
        """Send messages: at once if there is room, else when those who came before have had it.

        Args:
            data: Whole lines.
            timeout: How long to wait for room, in seconds; ``None`` for no limit.

        Raises:
            TransportClosedError: The connection is closed.
            CodexTimeoutError: There was no room in time; nothing was sent.
        """
        if not self._full:
            self._send_now(data)
            return
        sent: asyncio.Future[TransportClosedError | None] = self._loop.create_future()
        waiting = (data, sent)
        self._waiting.append(waiting)
        try:
            await asyncio.wait({sent}, timeout=timeout)
        finally:  # also when this is cancelled
            if not sent.done():
                self._waiting.remove(waiting)
        if not sent.done():
            raise not_taken(timeout)
        failure = sent.result()
        if failure is not None:
            raise failure

    def say_goodbye(self) -> None:
        """Begin the closing handshake; behind what is not sent yet."""
        self._write(self._frames.close())

    def drop(self) -> None:
        """End the connection at once; callable from anywhere, also when the loop is closed."""
        transport = self._transport
        if transport is None or self._lost.done():
            return
        with contextlib.suppress(OSError, TypeError):  # gone just now; uvloop's cannot do it
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(transport.abort)

    async def wait_for_end(self, timeout: float) -> None:
        """Wait until the loop has let go of the connection, for so many seconds at most."""
        if self._transport is not None:
            await asyncio.wait({self._lost}, timeout=timeout)

    # --- what the loop calls ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the opening handshake."""
        self._transport = cast("asyncio.Transport", transport)
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._write(self._frames.opening(self._headers))
        self._timers = [self._loop.call_later(PING_INTERVAL, self._ping)]

    def data_received(self, data: bytes) -> None:
        """Hand on the messages, and answer what is asked on the level of frames."""
        frames = self._frames
        lines = frames.receive(data)
        answer = frames.output()
        if answer and not self._full:  # who does not read gets no answers either
            self._write(answer)
        self._heard = True
        if not self.opened.done():
            refusal = frames.refusal()
            if refusal is not None or frames.opened:
                self.opened.set_result(refusal)
        if lines:
            self._receive(lines)
        if frames.closing and len(self._timers) == 1:  # it may say goodbye, but not hang up
            self._timers.append(self._loop.call_later(GOODBYE_GRACE, self.drop))

    def eof_received(self) -> None:
        """Take note of the end; what the server has not taken by now, it never will."""
        self.data_received(b"")
        self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake everybody who waits."""
        for timer in self._timers:
            timer.cancel()
        self._lost.set_result(exc)
        self.resume_writing()
        if not self.opened.done():
            self.opened.set_result(exc or self._frames.closed_error())
        elif self._frames.opened:
            self._closed(exc)

    def pause_writing(self) -> None:
        """Let senders wait."""
        self._full = True

    def resume_writing(self) -> None:
        """Send what waits, as far as there is room."""
        self._full = False
        while self._waiting and not self._full:
            data, sent = self._waiting.popleft()
            try:
                self._send_now(data)
            except TransportClosedError as error:
                sent.set_result(error)
            else:
                sent.set_result(None)

    def _ping(self) -> None:
        if not self._heard and not self._full:
            self._write(self._frames.ping())
        self._heard = False
        self._timers[0] = self._loop.call_later(PING_INTERVAL, self._ping)

    def _send_now(self, data: bytes) -> None:
        if self._writable() is None:
            raise self._frames.closed_error(self._lost.result() if self._lost.done() else None)
        self._write(self._frames.message(data))

    def _write(self, data: bytes) -> None:
        transport = self._writable()
        if data and transport is not None:
            transport.write(data)

    def _writable(self) -> asyncio.Transport | None:
        """Return the loop's transport unless it is closing: then uvloop's raise when written."""
        transport = None if self._lost.done() else self._transport
        return None if transport is None or transport.is_closing() else transport
