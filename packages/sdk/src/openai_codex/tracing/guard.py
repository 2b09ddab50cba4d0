"""Keeps what fails in tracing away from what is traced.

Processors, samplers and exporters are the program's own code, which runs where a span begins and
where it ends. Whatever they do, the call, the handler and the turn have the outcome that they have.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from codex_app_server_rpc.loggers import logger

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Guard"]

_logger = logger("tracing")


class Guard:
    """A context out of which no `Exception` comes: it is logged, loudly once and then softly.

    One serves a client; it may be entered again, and from several threads. Only what makes, tells
    and ends spans belongs in it.
    """

    _has_spoken = False

    def __enter__(self) -> None:
        """Begin; nothing is to be had."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Log an error and hold it back; let Ctrl-C and the end of the program through."""
        if not isinstance(exc, Exception):
            return False
        level = logging.DEBUG if self._has_spoken else logging.WARNING
        self._has_spoken = True
        _logger.log(level, "a span is lost or incomplete; what it is of goes on", exc_info=exc)
        return True
