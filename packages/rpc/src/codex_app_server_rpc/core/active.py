"""Which turns run, without IO.

A turn runs from its ``turn/started``, or from the answer that names it, to its
``turn/completed``. Some turns never complete: the runtime runs a review inside a second turn of
which it tells the start alone. What it does tell is that the thread is idle
(``thread/status/changed``), just before the ``turn/completed`` of the last turn: with that one,
everything has ended that ran on the thread.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_ACTIVE", "MAX_OVER", "ActiveTurns"]

MAX_ACTIVE: Final = 65_536
"""How many turns are remembered as running."""
MAX_OVER: Final = 16
"""How many turns are remembered as over: of those, a belated start is not believed."""


class ActiveTurns:
    """The turns that run, each with whether it was seen to start."""

    def __init__(self) -> None:
        """Start with none."""
        self._threads: dict[str, dict[str, bool]] = {}
        self._count = 0
        self._idle: dict[str, set[str]] = {}  # turns that ran when their thread became idle
        self._over: OrderedDict[tuple[str, str], None] = OrderedDict()

    def __len__(self) -> int:
        """Count them."""
        return self._count

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through them, as (thread, turn)."""
        for thread_id, turns in self._threads.items():
            for turn_id in turns:
                yield thread_id, turn_id

    def __contains__(self, turn: tuple[str, str]) -> bool:
        """Tell whether a turn runs."""
        thread_id, turn_id = turn
        return turn_id in self._threads.get(thread_id, ())

    def has_started(self, thread_id: str, turn_id: str) -> bool:
        """Tell whether a turn runs and was seen to start."""
        return self._threads.get(thread_id, {}).get(turn_id, False)

    def begin(self, thread_id: str, turn_id: str) -> None:
        """Take note that a turn was seen to start, unless it was over before."""
        if (thread_id, turn_id) not in self._over:
            self.add(thread_id, turn_id, started=True)

    def on(self, thread_id: str) -> list[str]:
        """List the turns that run on a thread."""
        return list(self._threads.get(thread_id, ()))

    def add(self, thread_id: str, turn_id: str, *, started: bool) -> None:
        """Take note that a turn runs; of too many, the oldest thread's oldest is forgotten."""
        turns = self._threads.setdefault(thread_id, {})
        if turn_id not in turns:
            self._count += 1
        turns[turn_id] = started
        self._idle.get(thread_id, set()).discard(turn_id)
        if self._count > MAX_ACTIVE:
            oldest = next(iter(self._threads))
            self.remove(oldest, next(iter(self._threads[oldest])))

    def remove(self, thread_id: str, turn_id: str) -> None:
        """Take note that a turn does not run, if it did."""
        turns = self._threads.get(thread_id, {})
        if turns.pop(turn_id, None) is not None:
            self._count -= 1
        if not turns:
            self._threads.pop(thread_id, None)
            self._idle.pop(thread_id, None)

    def note_idle(self, thread_id: str) -> None:
        """Take note that nothing runs on a thread any more, as its last turn will tell."""
        if thread_id in self._threads:
            self._idle[thread_id] = set(self._threads[thread_id])

    def complete(self, thread_id: str, turn_id: str) -> None:
        """Take note that a turn is over, and with it those of an idle thread."""
        for over in (turn_id, *self._idle.pop(thread_id, ())):
            self.remove(thread_id, over)
            self._over[thread_id, over] = None
        while len(self._over) > MAX_OVER:
            self._over.popitem(last=False)

    def clear(self) -> None:
        """Forget them all."""
        self._threads.clear()
        self._idle.clear()
        self._over.clear()
        self._count = 0
