"""What has arrived for one consumer and was not taken yet, within a budget.

A consumer that keeps up gets every notification as it came. For one that has fallen behind by
`MERGE_ABOVE` notifications, the text deltas of one item are merged into one: no text is lost,
only the cuts between its pieces. Further on, first the deltas are dropped, whose text comes once
more with the completed item, and then everything but the ends of turns. The consumer is told what
is missing by a `Gap` in the place of the loss. So a flood that nobody reads takes a bounded amount
of memory.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from codex_app_server_rpc.notification import Notification

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

__all__ = [
    "CROWDED_ABOVE",
    "MAX_BYTES",
    "MAX_BYTES_WITH_DELTAS",
    "MAX_EVENTS",
    "MAX_EVENTS_WITH_DELTAS",
    "MERGE_ABOVE",
    "TURN_COMPLETED",
    "Backlog",
    "Gap",
    "Losses",
    "Waiting",
]

CROWDED_ABOVE: Final = 1024
"""How many notifications wait before the consumer should be let to its work."""
MERGE_ABOVE: Final = 4096
"""How many notifications wait before the text deltas of one item are merged."""
MAX_EVENTS: Final = 8192
"""How many notifications wait at most; as many ends of turns are kept beyond it."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""How much waits at most, in bytes of the wire, beside the longest notification."""
MAX_EVENTS_WITH_DELTAS: Final = 6144
"""How many notifications wait before text deltas that cannot be merged are dropped."""
MAX_BYTES_WITH_DELTAS: Final = 3 * 1024 * 1024
"""How much waits, in bytes, before text deltas are dropped."""

PIECES: Final = 256
"""How many short strings a merged text consists of at most."""

TURN_COMPLETED: Final = "turn/completed"

_TEXT_DELTAS: Final = frozenset(
    {
        "item/agentMessage/delta",
        "item/commandExecution/outputDelta",
        "item/fileChange/outputDelta",
        "item/plan/delta",
        "item/reasoning/summaryTextDelta",
        "item/reasoning/textDelta",
    }
)
"""Notifications whose ``delta`` is text that goes on where the last one of the item ended."""


class Gap:
    """A mark in the place of notifications that were dropped.

    Attributes:
        dropped: How many they are.
        only_deltas: Whether all of them are text deltas, whose text the completed items have too.
    """

    __slots__ = ("dropped", "only_deltas")

    def __init__(self) -> None:
        """Mark a place where nothing was dropped yet."""
        self.dropped: int = 0
        self.only_deltas: bool = True


Waiting: TypeAlias = Notification | Gap
"""What a consumer finds in its queue."""


@dataclass
class Losses:
    """What the backlogs of a connection could not keep as it came.

    Attributes:
        missed: Notifications that were dropped because their consumer had fallen behind.
        merged: Text deltas that became part of an earlier one; nothing of them is lost.
    """

    missed: int = 0
    merged: int = 0


class Backlog:
    """A queue of notifications that forgets rather than grows beyond its budget."""

    __slots__ = ("_bytes", "_delta_gap", "_gap", "_longest", "_losses", "_queue", "_texts")

    def __init__(self, losses: Losses | None = None) -> None:
        """Start empty.

        Args:
            losses: Where to count what is merged or dropped.
        """
        self._losses = Losses() if losses is None else losses
        self._queue: deque[Waiting] = deque()
        self._bytes = 0
        self._longest = 0  # of what waits; it takes no room from what comes behind it
        self._gap: Gap | None = None  # the last in the queue
        self._delta_gap: Gap | None = None
        self._texts: dict[tuple[str, str], _Text] = {}

    def __len__(self) -> int:
        """Count what waits."""
        return len(self._queue)

    @property
    def is_crowded(self) -> bool:
        """Whether deltas would soon be merged; not if they are already."""
        return CROWDED_ABOVE < len(self._queue) < MERGE_ABOVE

    def append(self, notification: Notification) -> None:
        """Let one more notification wait, as far as there is room."""
        size = self._bytes + notification.size
        longest = self._longest if self._longest > notification.size else notification.size
        if len(self._queue) < MERGE_ABOVE and size - longest <= MAX_BYTES_WITH_DELTAS:
            self._bytes = size
            self._longest = longest
            self._gap = None
            self._queue.append(notification)
        else:
            self._append_late(notification)

    def miss(self, count: int, *, only_deltas: bool = False) -> None:
        """Mark that notifications are missing here.

        Args:
            count: How many.
            only_deltas: Whether all of them are text deltas.
        """
        self._finish_texts()  # a text must not go on over a gap
        if only_deltas and self._gap is None and self._delta_gap is not None:
            self._delta_gap.dropped += count  # one for all: their text comes with the items
            return
        if self._gap is None:
            self._gap = Gap()
            self._queue.append(self._gap)
        self._gap.dropped += count
        self._gap.only_deltas = self._gap.only_deltas and only_deltas
        if self._gap.only_deltas:
            self._delta_gap = self._gap
        elif self._delta_gap is self._gap:
            self._delta_gap = None

    def take(self) -> deque[Waiting]:
        """Hand over everything that waits, and start anew."""
        self._finish_texts()
        self._bytes = self._longest = 0
        self._gap = self._delta_gap = None
        taken, self._queue = self._queue, deque()
        return taken

    def peek(self) -> list[Waiting]:
        """Look at everything that waits, and leave it there."""
        self._finish_texts()
        return list(self._queue)

    def _append_late(self, notification: Notification) -> None:
        key = _text_key(notification)
        if key is None:
            self._finish_texts()  # what comes after this belongs after it
        elif self._merge(key, notification):
            return
        if not self._has_room(notification, is_delta=key is not None):
            self._losses.missed += 1
            self.miss(1, only_deltas=key is not None)
            return
        if key is not None:
            if key in self._texts:
                self._texts[key].finish()
            text = self._texts[key] = _Text(notification)
            notification = text.notification
        self._gap = None
        self._bytes += notification.size
        self._longest = max(self._longest, notification.size)
        self._queue.append(notification)

    def _has_room(self, notification: Notification, *, is_delta: bool) -> bool:
        longest = max(self._longest, notification.size)
        waiting, size = len(self._queue), self._bytes + notification.size - longest
        if not waiting:
            return True
        if notification.method == TURN_COMPLETED:
            return waiting < 2 * MAX_EVENTS
        if is_delta:
            return waiting < MAX_EVENTS_WITH_DELTAS and size <= MAX_BYTES_WITH_DELTAS
        return waiting < MAX_EVENTS and size <= MAX_BYTES

    def _merge(self, key: tuple[str, str], notification: Notification) -> bool:
        """Let a text go on where the last delta of its item ended, if that one still waits."""
        text = self._texts.get(key)
        if text is None or not text.takes(notification):
            return False
        delta = _members(notification)["delta"]
        size = self._bytes + len(str(delta))
        if size - self._longest > MAX_BYTES_WITH_DELTAS:
            return False
        text.append(delta)
        self._bytes = size
        self._losses.merged += 1
        return True

    def _finish_texts(self) -> None:
        for text in self._texts.values():
            text.finish()
        self._texts.clear()


class _Text:
    """A text delta that waits and takes in those that follow it.

    Attributes:
        notification: The delta, a copy of its own: other consumers may wait for the original.
    """

    __slots__ = ("_joined", "_pieces", "notification")

    def __init__(self, first: Notification) -> None:
        self.notification: Notification = Notification(
            first.method, first.params, first.emitted_at_ms, first.size
        )
        self._joined: list[str] = []
        self._pieces: list[str] = []
        self.append(_members(first)["delta"])

    def takes(self, notification: Notification) -> bool:
        """Tell whether a delta differs from this one in its text only."""
        known, members = _members(self.notification), _members(notification)
        return members.keys() == known.keys() and all(
            members[name] == known[name] for name in members if name != "delta"
        )

    def append(self, delta: JsonValue) -> None:
        assert isinstance(delta, str)  # seen to by `_text_key`
        self._pieces.append(delta)
        if len(self._pieces) >= PIECES:
            # A short string takes ten times the room of its letters.
            self._joined.append("".join(self._pieces))
            self._pieces.clear()

    def finish(self) -> None:
        text = "".join([*self._joined, *self._pieces])
        self.notification.params = {**_members(self.notification), "delta": text}


def _text_key(notification: Notification) -> tuple[str, str] | None:
    """Tell which text a delta belongs to; ``None`` for every other notification."""
    if notification.method not in _TEXT_DELTAS:
        return None
    members = _members(notification)
    item_id = members.get("itemId")
    if not isinstance(item_id, str) or not isinstance(members.get("delta"), str):
        return None
    return notification.method, item_id


def _members(notification: Notification) -> dict[str, JsonValue]:
    params = notification.params
    return params if isinstance(params, dict) else {}
