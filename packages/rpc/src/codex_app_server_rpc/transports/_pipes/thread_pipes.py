"""A child's three pipes served by threads, for event loops that cannot watch pipes (Windows).

The threads are this object's own: the loop's executor belongs to the application.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.transports._pipes.line import Line
from codex_app_server_rpc.transports._pipes.pipe_writer import unread
from codex_app_server_rpc.transports._pipes.thread_writer import ThreadWriter
from codex_app_server_rpc.transports._process.process import KILL_GRACE
from codex_app_server_rpc.transports._process.pump import pump

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.transports._process.process import ServerProcess

__all__ = ["ThreadPipes"]

PIECES_AHEAD: Final = 16
"""How many pieces the reading thread may be ahead of the loop."""


class ThreadPipes:
    """Serves a child's pipes from threads, and calls back in the event loop."""

    def __init__(
        self,
        process: ServerProcess,
        receive: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        """Begin to serve; as `LoopPipes`, with the same callbacks."""
        self._loop = asyncio.get_running_loop()
        self._process = process
        self._receive = receive
        self._ended = ended
        self._ahead = threading.Semaphore(PIECES_AHEAD)
        self._line = Line()
        self._writer = ThreadWriter(process.stdin, lambda: self._call(self._line.notify))
        self._reader = threading.Thread(target=self._read, name="codex-reader", daemon=True)
        process.keeper = self._reader
        self._reader.start()

    async def send(self, data: bytes, timeout: float | None) -> None:
        """Hand a message to the writing thread; waits before it; as `LoopPipes.send`."""
        must_wait = self._line or not self._writer.has_room
        if must_wait and not await self._line.wait(self._has_room, timeout):
            assert timeout is not None
            raise unread(timeout)
        self._writer.offer(data)  # it is this loop alone that offers, so there is room

    def close_stdin(self) -> None:
        """Close the child's stdin, once the message in work is written. Idempotent."""
        self._writer.close(0)
        self._line.notify()

    def _has_room(self) -> bool:
        return self._writer.has_room

    def _read(self) -> None:
        try:
            pump(self._process, self._deliver)
        finally:
            self._writer.close(KILL_GRACE)
            self._process.finish()
            self._call(self._finish)

    def _deliver(self, data: bytes) -> None:
        # A loop that was closed takes nothing any more: there is nobody to wait for.
        while not self._ahead.acquire(timeout=KILL_GRACE):
            if self._loop.is_closed():
                break
        self._call(self._take, data)

    def _take(self, data: bytes) -> None:
        self._ahead.release()
        self._receive(data)

    def _finish(self) -> None:
        self._reader.join()  # it is through: this was its last act
        self._line.notify()
        self._ended()

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop was closed without a close of the client
            self._process.kill()
