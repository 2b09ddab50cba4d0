"""A time limit that several waits share."""

from __future__ import annotations

from math import isnan
from time import monotonic
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import InvalidArgumentError

if TYPE_CHECKING:
    from typing import TypeGuard

__all__ = ["Deadline", "check_limit", "is_seconds"]


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

        Raises:
            InvalidArgumentError: It is no number of seconds.
        """
        check_limit(limit)
        self.limit: float | None = limit
        self._end = None if limit is None else monotonic() + limit

    def remaining(self) -> float | None:
        """Tell how many seconds are left, never less than none; ``None`` for no limit."""
        return None if self._end is None else max(0.0, self._end - monotonic())

    def within(self, limit: float | None) -> Deadline:
        """Give the end of a limit that begins now, or this one if it is sooner.

        Args:
            limit: In seconds; ``None`` for no limit.
        """
        left = self.remaining()
        return self if limit is None or (left is not None and left <= limit) else Deadline(limit)


def check_limit(limit: object) -> None:
    """Refuse what is no time limit.

    Less than no time is a limit: it may be what is left of a caller's own.

    Raises:
        InvalidArgumentError: It is neither ``None`` nor a number of seconds.
    """
    if limit is not None and not is_seconds(limit):
        raise InvalidArgumentError(
            f"a timeout is a number of seconds, or None for no limit; not {limit!r}"
        )


def is_seconds(value: object) -> TypeGuard[float]:
    """Tell whether something is a number of seconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return not isnan(value)
    except OverflowError:  # an integer that no float can hold
        return False
