"""Notifications of a turn, as the runtime sends them."""

from __future__ import annotations

from typing import Any

from codex_app_server_rpc import Notification

__all__ = ["completed", "delta", "event", "started"]

TURN: dict[str, Any] = {"threadId": "T1", "turnId": "U1"}
COMMAND: dict[str, Any] = {
    "type": "commandExecution",
    "id": "I1",
    "command": "ls",
    "commandActions": [],
    "cwd": "/ws",
    "status": "inProgress",
}


def event(method: str, **params: Any) -> Notification:
    """Make a notification of the turn."""
    return Notification(method, {**TURN, **params})


def started(item: dict[str, Any]) -> Notification:
    """Begin an item."""
    return event("item/started", item=item, startedAtMs=1)


def completed(item: dict[str, Any]) -> Notification:
    """Complete an item."""
    return event("item/completed", item=item, completedAtMs=2)


def delta(kind: str, text: str, item: str = "I1") -> Notification:
    """Let an item grow."""
    return event(f"item/{kind}", itemId=item, delta=text, summaryIndex=0)


def message(text: str, item: str = "M1") -> dict[str, Any]:
    """Give a message of the agent."""
    return {"type": "agentMessage", "id": item, "text": text}


def ended(output: str, exit_code: int | None = 0) -> dict[str, Any]:
    """Give a command that is over."""
    return {
        **COMMAND,
        "status": "declined" if exit_code is None else "completed",
        "aggregatedOutput": output,
        "exitCode": exit_code,
        "durationMs": 1234,
    }


def changed(path: str, diff: str, **kind: Any) -> dict[str, Any]:
    """Give a change of a file."""
    change = {"path": path, "diff": diff, "kind": {"type": "update", **kind}}
    return {"type": "fileChange", "id": "F1", "changes": [change], "status": "completed"}
