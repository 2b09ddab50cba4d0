"""Logging the lines that were no message, without drowning the log under a flood of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import CONNECTION, logger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codex_app_server_rpc.core.inbound import Skipped

__all__ = ["SkippedLog"]

_ALL_UP_TO: Final = 16
_logger = logger(CONNECTION)


class SkippedLog:
    """Logs the first skipped lines of a connection, then ever fewer of them."""

    def __init__(self) -> None:
        """Start with nothing logged."""
        self._seen = 0

    def write(self, lines: Iterable[Skipped]) -> None:
        """Log lines: each of the first ones, then the 32nd, the 64th, the 128th, ..."""
        from codex_app_server_rpc.redaction import redact_text

        for line in lines:
            if line.late:
                _logger.debug("skipped %s: %r", line.reason, redact_text(line.excerpt))
                continue
            self._seen += 1
            count = self._seen
            if count <= _ALL_UP_TO or count & (count - 1) == 0:
                excerpt = redact_text(line.excerpt)
                _logger.warning("skipped a line (no. %d): %s: %r", count, line.reason, excerpt)
