"""What a server says of a turn."""

from __future__ import annotations

from codex_app_server_types import TurnStartParams

from tests.rpc.wire import notification, result

__all__ = ["closed", "completed", "delta", "params", "started", "turn_result"]


def params(thread_id: str = "T") -> TurnStartParams:
    """Make the params of ``turn/start``."""
    return TurnStartParams(thread_id=thread_id, input=[])


def turn_result(request_id: object, turn_id: str = "U") -> bytes:
    """Answer a ``turn/start``."""
    return result(request_id, {"turn": _turn(turn_id, "inProgress")})


def started(turn_id: str = "U", thread_id: str = "T") -> bytes:
    """Tell that a turn has started."""
    return notification("turn/started", threadId=thread_id, turn=_turn(turn_id, "inProgress"))


def delta(text: str, turn_id: str = "U", thread_id: str = "T") -> bytes:
    """Tell a piece of the agent's message."""
    return notification(
        "item/agentMessage/delta", threadId=thread_id, turnId=turn_id, itemId="i", delta=text
    )


def completed(turn_id: str = "U", thread_id: str = "T", status: str = "completed") -> bytes:
    """Tell that a turn is over."""
    return notification("turn/completed", threadId=thread_id, turn=_turn(turn_id, status))


def closed(thread_id: str = "T") -> bytes:
    """Tell that a thread was closed."""
    return notification("thread/closed", threadId=thread_id)


def _turn(turn_id: str, status: str) -> dict[str, object]:
    return {"id": turn_id, "items": [], "status": status}
