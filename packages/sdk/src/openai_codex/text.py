"""The text of a turn's final answer as it grows, without IO."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue

__all__ = ["AnswerText"]

_DELTA: Final = "item/agentMessage/delta"
_STARTED: Final = "item/started"
_COMPLETED: Final = "item/completed"


class AnswerText:
    """Picks the text of the answer out of a turn's notifications.

    A message says with its start whether it is commentary or the final answer; some models do not
    say, and then each of their messages counts as answer. Of a message whose start was not seen
    here, nothing is given before its completion, which says it too.
    """

    def __init__(self) -> None:
        """Have seen nothing yet."""
        self._given: dict[str, int] = {}  # how much of each message of the answer was given
        self._commentary: set[str] = set()
        self._torn: set[str] = set()  # messages of which deltas went elsewhere

    def miss(self) -> None:
        """Take note that notifications were dropped here, or went elsewhere.

        What is missing of the messages under way comes with their completion.
        """
        self._torn.update(self._given)

    def added_by(self, notification: Notification) -> str:
        """Give the text that a notification adds to the answer; mostly none.

        What deltas have left out, because they were dropped or never sent, comes with the
        completion of their message.
        """
        params = notification.params
        if not isinstance(params, dict):
            return ""
        if notification.method == _DELTA:
            item_id, delta = params.get("itemId"), params.get("delta")
            if isinstance(item_id, str) and isinstance(delta, str):
                is_whole = item_id in self._given and item_id not in self._torn
                return self._add(item_id, delta) if is_whole else ""
        elif notification.method in (_STARTED, _COMPLETED):
            return self._message(params.get("item"))
        return ""

    def _message(self, item: JsonValue) -> str:
        """Learn of a message that begins or is complete."""
        if not isinstance(item, dict) or item.get("type") != "agentMessage":
            return ""
        item_id, text = item.get("id"), item.get("text")
        if not isinstance(item_id, str) or not isinstance(text, str):
            return ""
        if item.get("phase") == "commentary":
            self._commentary.add(item_id)
        return self._add(item_id, text[self._given.get(item_id, 0) :])

    def _add(self, item_id: str, text: str) -> str:
        if item_id in self._commentary:
            return ""
        self._given[item_id] = self._given.get(item_id, 0) + len(text)
        return text
