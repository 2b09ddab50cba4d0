"""How many requests may be in flight at once, and who is next; without IO.

The server queues a bounded number of requests and refuses the next ones as overloaded. So a
client sends only so many before one of them is answered or given up; the others wait in line,
first come, first served, each within its own deadline.
"""

from __future__ import annotations

from typing import Protocol

from codex_app_server_rpc.defaults import DEFAULT_MAX_IN_FLIGHT
from codex_app_server_rpc.errors import InvalidArgumentError

__all__ = ["Guest", "Window"]


class Guest(Protocol):
    """Who takes a place."""

    def admit(self) -> None:
        """Wake whoever waits in line: the place is theirs. Must not block."""
        ...


class Window:
    """A number of places, and the line of those who wait for one."""

    def __init__(self, size: int = DEFAULT_MAX_IN_FLIGHT) -> None:
        """Start with every place free.

        Args:
            size: How many places there are.

        Raises:
            InvalidArgumentError: There is none.
        """
        if size < 1:
            raise InvalidArgumentError(f"max_in_flight is at least 1, not {size}")
        self._size = size
        self._inside: set[Guest] = set()
        self._line: dict[Guest, None] = {}

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """How many wait in line."""
        return len(self._line)

    def enter(self, guest: Guest) -> bool:
        """Take a place, or get in line for one.

        Returns:
            Whether there was one; if not, the guest is told by `Guest.admit` when there is.
        """
        if len(self._inside) < self._size:
            self._inside.add(guest)
            return True
        self._line[guest] = None
        return False

    def leave(self, guest: Guest) -> None:
        """Give a place back, or get out of the line; idempotent."""
        self._line.pop(guest, None)
        if guest in self._inside:
            self._inside.remove(guest)
            self._admit_next()

    def close(self) -> None:
        """Let everybody in: there is nothing to wait for any more."""
        while self._line:
            self._admit_next()

    def _admit_next(self) -> None:
        if self._line:
            guest = next(iter(self._line))
            del self._line[guest]
            self._inside.add(guest)
            guest.admit()
