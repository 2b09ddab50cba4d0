"""Waiting for room in the order of coming, on an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Line"]


class Line:
    """Those who wait for the same thing; only the first one in line may take it.

    True while anybody waits: whoever comes then joins the end, also if there is room by now and
    the first one in line has only not run yet.
    """

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._places: deque[_Place] = deque()

    def __bool__(self) -> bool:
        """Tell whether anybody waits."""
        return bool(self._places)

    def notify(self) -> None:
        """Have the first one in line look again."""
        if self._places:
            self._places[0].wake()

    async def wait(self, is_free: Callable[[], bool], timeout: float | None) -> bool:
        """Join the line, and wait until one is the first in it and there is room.

        Args:
            is_free: Tells whether there is room.
            timeout: How long to wait at most, in seconds; ``None`` for no limit.

        Returns:
            Whether that came in time. Then the caller has left the line and must take the room
            before it waits for anything else.
        """
        place = _Place()
        timer = None
        if timeout is not None:
            timer = asyncio.get_running_loop().call_later(timeout, place.expire)
        self._places.append(place)
        try:
            while self._places[0] is not place or not is_free():
                if place.has_expired:
                    return False
                await place.woken()
            return True
        finally:
            if timer is not None:
                timer.cancel()
            self._places.remove(place)
            self.notify()


class _Place:
    """A place in line."""

    def __init__(self) -> None:
        self.has_expired = False
        self._waiting: asyncio.Future[None] | None = None

    def expire(self) -> None:
        self.has_expired = True
        self.wake()

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def woken(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting
