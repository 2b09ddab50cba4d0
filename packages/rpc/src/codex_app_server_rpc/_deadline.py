"""A time limit that several waits share."""

from __future__ import annotations

from time import monotonic

__all__ = ["Deadline"]


class Deadline:
    """The end of a time limit.

    Attributes:
        limit: The limit, in seconds; ``None`` for none.
    """

    __slots__ = ("_end", "limit")

    def __init__(self, limit: float | None) -> None:
        """Let the time run from now.

        Args:
            limit: In seconds; ``None`` for no limit.
        """
        self.limit: float | None = limit
        self._end = None if limit is None else monotonic() + limit

    def remaining(self) -> float | None:
        """Tell how many seconds are left, never less than none; ``None`` for no limit."""
        return None if self._end is None else max(0.0, self._end - monotonic())
