"""What the server's program last wrote to stderr, and its way into the log."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import RUNTIME, logger
from codex_app_server_rpc.transports._process.runtime_events import (
    EVENT_START,
    LONGEST_EVENT,
    RuntimeEvent,
)

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
_logger = logger(RUNTIME)


class StderrTail:
    """The last bytes that the program wrote to stderr."""

    __slots__ = ("_budget", "_clock", "_counted_from", "_data", "_event", "_unlogged")

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
        self._event = b""  # the beginning of one

    def feed(self, data: bytes) -> None:
        """Take in the next bytes; they are also logged, within bounds.

        Text is logged at level DEBUG, line by line, events in JSON at their own level.
        """
        self._data = (self._data + data)[-STDERR_TAIL:]
        self._log_lines(self._event + data)

    def text(self) -> str:
        """The tail as text, decoded leniently, without the colours of a terminal."""
        return _COLOURS.sub("", self._data.decode("utf-8", "replace")).strip()

    def _log_lines(self, data: bytes) -> None:
        text_is_logged = _logger.isEnabledFor(logging.DEBUG)
        if not text_is_logged and EVENT_START[:1] not in data:
            return  # a flood of text that nobody wants to see costs next to nothing
        *lines, rest = data.split(b"\n")
        if len(rest) > LONGEST_EVENT or not _begins_an_event(rest):
            lines.append(rest)
            rest = b""
        self._event = rest
        for line in lines:
            event = RuntimeEvent.parse(line) if line.startswith(EVENT_START) else None
            if event is None:
                if text_is_logged and line.strip():
                    self._log(_logger, logging.DEBUG, len(line), line)
            elif event.logger.isEnabledFor(event.level):
                self._log(event.logger, event.level, len(line), event)

    def _log(
        self, logger: logging.Logger, level: int, size: int, said: bytes | RuntimeEvent
    ) -> None:
        now = self._clock()
        if now - self._counted_from >= 1:
            self._counted_from, self._budget = now, LOGGED_PER_SECOND
        if size > self._budget:
            self._unlogged += size
            return
        self._budget -= size
        if self._unlogged:
            _logger.debug("(%d bytes of a flood are not logged)", self._unlogged)
            self._unlogged = 0
        if isinstance(said, bytes):
            logger.log(level, "%s", said.decode("utf-8", "replace").rstrip())
        else:
            extra = {"runtime_target": said.target, "runtime_fields": said.fields}
            logger.log(level, "%s", said.text, extra=extra)


def _begins_an_event(data: bytes) -> bool:
    """Tell whether these bytes, few as they may be, look like the beginning of an event."""
    return data[: len(EVENT_START)] == EVENT_START[: len(data)] != b""
