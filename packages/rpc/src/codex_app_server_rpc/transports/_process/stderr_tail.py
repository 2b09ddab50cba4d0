"""What the server's program last wrote to stderr, and its way into the log."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LOGGED_PER_SECOND", "STDERR_TAIL", "StderrTail"]

STDERR_TAIL: Final = 8192
"""How much of the program's last stderr output is kept, in bytes."""

LOGGED_PER_SECOND: Final = 256 * 1024
"""How much of it is logged at most, in bytes a second.

Whoever reads stderr also reads the server's messages, and must not be held up by a flood that a
log handler writes to a terminal.
"""

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_logger = logging.getLogger("codex_app_server_rpc.stderr")


class StderrTail:
    """The last bytes that the program wrote to stderr."""

    __slots__ = ("_budget", "_clock", "_counted_from", "_data", "_unlogged")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start empty.

        Args:
            clock: Tells the time, in seconds.
        """
        self._data = b""
        self._clock = clock
        self._counted_from = clock()
        self._budget = LOGGED_PER_SECOND
        self._unlogged = 0

    def feed(self, data: bytes) -> None:
        """Take in the next bytes; they are also logged at level DEBUG, within bounds."""
        self._data = (self._data + data)[-STDERR_TAIL:]
        if _logger.isEnabledFor(logging.DEBUG):
            self._log(data)

    def text(self) -> str:
        """The tail as text, decoded leniently, without the colours of a terminal."""
        return _COLOURS.sub("", self._data.decode("utf-8", "replace")).strip()

    def _log(self, data: bytes) -> None:
        now = self._clock()
        if now - self._counted_from >= 1:
            self._counted_from, self._budget = now, LOGGED_PER_SECOND
        if len(data) > self._budget:
            self._unlogged += len(data)
            return
        self._budget -= len(data)
        if self._unlogged:
            _logger.debug("(%d bytes of a flood are not logged)", self._unlogged)
            self._unlogged = 0
        _logger.debug("%s", data.decode("utf-8", "replace").rstrip())
