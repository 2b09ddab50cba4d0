"""The turns whose spans have not ended: whose what the runtime asks for is."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openai_codex.tracing.turns import TurnSpan

__all__ = ["RunningTurns"]

_MOST: Final = 1024
"""How many there may be; more are turns that nobody will follow any more."""


class RunningTurns:
    """The turns whose spans have not ended, by their id."""

    def __init__(self) -> None:
        """Know of none."""
        self._turns: OrderedDict[str, TurnSpan] = OrderedDict()
        # The runtime may ask for something before whoever starts a turn has read its id.
        self._starting: dict[str, TurnSpan] = {}

    def start(self, span: TurnSpan) -> None:
        """Take in a turn that is about to start on a thread that is not busy."""
        self._starting.setdefault(span.thread_id, span)

    def add(self, turn_id: str, span: TurnSpan) -> None:
        """Take in a turn that has started."""
        self._turns[turn_id] = span
        self._started(span)
        if len(self._turns) > _MOST:
            self._turns.popitem(last=False)[1].leave("unknown")

    def remove(self, span: TurnSpan) -> None:
        """Forget a turn whose span is over."""
        self._started(span)
        if span.turn_id is not None and self._turns.get(span.turn_id) is span:
            del self._turns[span.turn_id]

    def find(self, thread_id: str | None, turn_id: str | None) -> TurnSpan | None:
        """Find the turn that something belongs to.

        Args:
            thread_id: Its thread; ``None`` if it names none.
            turn_id: Its turn; ``None`` if it names none, and belongs to what runs on the thread.
        """
        found = None if turn_id is None else self._turns.get(turn_id)
        if found is None and thread_id is not None:
            found = self._starting.get(thread_id)
            if turn_id is None:
                own = [turn for turn in self.all() if turn.thread_id == thread_id]
                found = own[-1] if own else found
        return found

    def all(self) -> list[TurnSpan]:
        """Give those that have started, the oldest first."""
        return list(self._turns.values())

    def _started(self, span: TurnSpan) -> None:
        if self._starting.get(span.thread_id) is span:
            del self._starting[span.thread_id]
