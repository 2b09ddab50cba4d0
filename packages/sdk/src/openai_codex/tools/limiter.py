"""Letting only so many do something at a time, whatever thread and event loop they come from."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from types import TracebackType

__all__ = ["Limiter", "Place"]


class Limiter:
    """Lets so many in at a time, first come, first served.

    What asyncio has for that belongs to one event loop; the sync client has one for each call.
    """

    def __init__(self, count: int | None) -> None:
        """Have so many places; ``None`` for no limit."""
        self._free = count
        self._lock = threading.Lock()
        self._line: deque[tuple[AbstractEventLoop, Future[None]]] = deque()

    async def place(self) -> Place:
        """Wait for a place; whoever has it leaves it."""
        if self._free is None:
            return Place(None)
        from asyncio import get_running_loop  # not needed by a program that has no tools

        loop = get_running_loop()
        turn: Future[None] = loop.create_future()
        with self._lock:
            if self._free:
                self._free -= 1
                return Place(self)
            self._line.append((loop, turn))
        try:
            await turn
        except BaseException:
            with self._lock:
                still_waits = (loop, turn) in self._line
                if still_waits:
                    self._line.remove((loop, turn))
            if not still_waits:
                self.let_in_next()
            raise
        return Place(self)

    def let_in_next(self) -> None:
        """Give a place that was left to the next in line."""
        with self._lock:
            assert self._free is not None  # else there are no places to leave
            while self._line:
                loop, turn = self._line.popleft()
                try:
                    loop.call_soon_threadsafe(_let_in, turn)
                except RuntimeError:  # its loop was closed meanwhile
                    continue
                return
            self._free += 1


class Place:
    """A place that somebody has. May be left from any thread, once or more often."""

    __slots__ = ("_limiter",)

    def __init__(self, limiter: Limiter | None) -> None:
        """Have a place of a limiter; of ``None`` there are always more."""
        self._limiter = limiter

    def leave(self) -> None:
        """Let the next one in."""
        limiter, self._limiter = self._limiter, None
        if limiter is not None:
            limiter.let_in_next()

    def __enter__(self) -> None:
        """Have it for the time of a block."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave it."""
        self.leave()


def _let_in(turn: Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)
