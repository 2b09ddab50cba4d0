"""The threads that an agent starts for helpers of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_app_server_rpc import Notification

__all__ = ["children_in"]


def children_in(notification: Notification) -> list[str]:
    """List the threads that a thread has started, according to an ``item/completed`` of it.

    Called by the reader: in no time.
    """
    params = notification.params
    item = params.get("item") if isinstance(params, dict) else None
    if not isinstance(item, dict) or item.get("type") != "collabAgentToolCall":
        return []
    receivers = item.get("receiverThreadIds")
    if item.get("tool") != "spawnAgent" or not isinstance(receivers, list):
        return []
    return [child for child in receivers if isinstance(child, str)]
