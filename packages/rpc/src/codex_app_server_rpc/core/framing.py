"""Bytes in, lines out: the framing of the stdio transport.

One JSON object a line, ended by a newline; there is no length prefix. A message may be tens
of megabytes long and arrive in any pieces, so the unfinished part is kept as a list and joined
once, when its newline comes.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DEFAULT_MAX_LINE", "LineSplitter"]

DEFAULT_MAX_LINE: Final = 256 * 1024 * 1024
"""The longest line that is kept, in bytes; a longer one is skipped and counted."""


class LineSplitter:
    """Cuts a stream of bytes into lines.

    Attributes:
        oversized: How many lines were longer than the limit and were left out.
    """

    __slots__ = ("_discarding", "_max_line", "_parts", "_size", "oversized")

    def __init__(self, max_line: int = DEFAULT_MAX_LINE) -> None:
        """Start with nothing buffered.

        Args:
            max_line: The longest line to keep, in bytes.
        """
        self._max_line = max_line
        self._parts: list[bytes] = []
        self._size = 0
        self._discarding = False
        self.oversized: int = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream.

        Args:
            data: Any piece of the stream, of any length.

        Returns:
            The lines that are complete now, in order, without their newlines.
        """
        lines = data.split(b"\n")
        tail = lines.pop()
        if lines:
            if self._discarding:
                del lines[0]
                self._discarding = False
            elif self._parts:
                self._parts.append(lines[0])
                lines[0] = b"".join(self._parts)
            self._parts = []
            self._size = 0
            if len(data) > self._max_line or (lines and len(lines[0]) > self._max_line):
                lines = self._without_oversized(lines)
        if tail:
            self._keep(tail)
        return lines

    def finish(self) -> bytes:
        """Take what is left at the end of the stream: a last line without its newline."""
        rest = b"".join(self._parts)
        self._parts = []
        self._size = 0
        self._discarding = False
        return rest

    def _keep(self, tail: bytes) -> None:
        if self._discarding:
            return
        self._size += len(tail)
        if self._size > self._max_line:
            self._parts = []
            self._size = 0
            self._discarding = True
            self.oversized += 1
        else:
            self._parts.append(tail)

    def _without_oversized(self, lines: list[bytes]) -> list[bytes]:
        kept = [line for line in lines if len(line) <= self._max_line]
        self.oversized += len(lines) - len(kept)
        return kept
