"""The changes that the agent is about to make to files.

A request for their approval does not tell them: they come before it, with the ``item/started`` of
its item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue

__all__ = ["FileChanges"]

MAX_ITEMS: Final = 256
"""How many items are remembered that were never completed; a turn has one at a time."""


class FileChanges:
    """What is known of the file changes that are in progress."""

    def __init__(self) -> None:
        """Know of none."""
        self._of: dict[tuple[str | None, str], JsonValue] = {}

    def begin(self, notification: Notification) -> None:
        """Take notice of an ``item/started``. Called by the reader: in no time."""
        item = _item(notification)
        if item is not None:
            self._of[notification.thread_id, _id(item)] = item.get("changes")
            if len(self._of) > MAX_ITEMS:
                self._of.pop(next(iter(self._of)))

    def end(self, notification: Notification) -> None:
        """Take notice of an ``item/completed``. Called by the reader: in no time."""
        item = _item(notification)
        if item is not None:
            self._of.pop((notification.thread_id, _id(item)), None)

    def of(self, thread_id: str, item_id: str) -> JsonValue:
        """Give the ``changes`` of an item; an empty list if they are not known."""
        return self._of.get((thread_id, item_id)) or []


def _item(notification: Notification) -> dict[str, JsonValue] | None:
    """Give the item of a notification, if that is a change of files."""
    params = notification.params
    item = params.get("item") if isinstance(params, dict) else None
    return item if isinstance(item, dict) and item.get("type") == "fileChange" else None


def _id(item: dict[str, JsonValue]) -> str:
    return str(item.get("id"))
