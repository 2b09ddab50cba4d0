"""Meters: how far something long has come, for whoever shows it."""

from __future__ import annotations

from typing import Final, Protocol


class Meter(Protocol):
    """Takes the progress of one step, in bytes."""

    def expect(self, total: int) -> None:
        """Take how many bytes the step will have, as far as that is known."""

    def add(self, count: int) -> None:
        """Take how many bytes were done since the last call."""


class _Silent:
    def expect(self, total: int) -> None:
        pass

    def add(self, count: int) -> None:
        pass


SILENT: Final[Meter] = _Silent()
"""Shows nothing."""

PACKED: Final = 0.38
"""Bytes of a packed program for each byte of it, roughly: for progress only."""
