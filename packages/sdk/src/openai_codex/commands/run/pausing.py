"""When a display may write: not while somebody is asked on the terminal."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["Pausing"]


class Pausing:
    """Has what a display writes wait while somebody is asked.

    Only the writing waits, never who has something to write: the thread that shows the events of
    a turn has to notice that its time is up, that the runtime is dead, or Ctrl-C.
    """

    def __init__(self) -> None:
        """Nobody is asked yet."""
        self._lock = threading.RLock()
        self._asked = 0
        self._waiting: list[Callable[[], None]] = []
        self._is_over = False

    def write(self, write: Callable[[], None]) -> None:
        """Write now; or later, if somebody is asked."""
        with self._lock:
            if self._asked and not self._is_over:
                self._waiting.append(write)
            else:
                write()

    @contextmanager
    def paused(self, stop: Callable[[], None], resume: Callable[[], None]) -> Generator[None]:
        """Have writing wait while this context is open, in any thread.

        Args:
            stop: Called before, to leave the terminal to somebody else.
            resume: Called after what has waited is written.
        """
        with self._lock:
            if not self._asked:
                stop()
            self._asked += 1
        try:
            yield
        finally:
            with self._lock:
                self._asked -= 1
                if not self._asked and not self._is_over:
                    self._catch_up()
                    resume()

    def end(self, break_off: Callable[[], None]) -> None:
        """Write what waits, and nothing waits any more: no answer will be heard.

        Args:
            break_off: Called before, if somebody is still asked: the cursor is in their line.
        """
        with self._lock:
            self._is_over = True
            if self._asked:
                break_off()
            self._catch_up()

    def _catch_up(self) -> None:
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            write()
