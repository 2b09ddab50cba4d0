"""What an app-server says, as JSON values: threads, turns, items, and the messages around them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from openai_codex._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai_codex.testing._replies import Usage

Json: TypeAlias = dict[str, Any]
"""A JSON object. Its shape is the protocol's; a typed union would have tests narrow everywhere."""

NOW: Final = 1_750_000_000
"""The time of a scripted server, in Unix time (seconds): it stands still, so that tests repeat."""

NOW_MS: Final = NOW * 1000
"""The same in milliseconds."""

MODEL: Final = "gpt-5.5"
PROVIDER: Final = "scripted"
HOME: Final = "/scripted/codex"
CWD: Final = "/scripted/workspace"


def line(message: Mapping[str, object]) -> bytes:
    """Write a message as it is on the wire."""
    return json.dumps(message).encode() + b"\n"


def introduction(client_name: str, version: str = __version__) -> Json:
    """Answer ``initialize``."""
    return {
        "userAgent": f"{client_name}/{version} (scripted; memory)",
        "codexHome": HOME,
        "platformFamily": "unix",
        "platformOs": "linux",
    }


def thread(thread_id: str, params: Json, **members: object) -> Json:
    """Describe a thread that is loaded and idle, as its ``thread/start`` asked for it."""
    return {
        "id": thread_id,
        "sessionId": thread_id,
        "cliVersion": __version__,
        "createdAt": NOW,
        "updatedAt": NOW,
        "cwd": params.get("cwd") or CWD,
        "ephemeral": bool(params.get("ephemeral")),
        "model": params.get("model") or MODEL,
        "modelProvider": params.get("modelProvider") or PROVIDER,
        "name": None,
        "preview": "",
        "projectId": None,
        "source": "appServer",
        "status": {"type": "idle"},
        "turns": [],
        **members,
    }


def thread_result(described: Json, params: Json) -> Json:
    """Answer ``thread/start``, ``thread/resume`` or ``thread/fork``."""
    sandbox: Json = _SANDBOXES.get(str(params.get("sandbox")), {"type": "readOnly"})
    return {
        "thread": described,
        "model": described["model"],
        "modelProvider": described["modelProvider"],
        "cwd": described["cwd"],
        "approvalPolicy": params.get("approvalPolicy") or "on-request",
        "approvalsReviewer": params.get("approvalsReviewer") or "user",
        "sandbox": sandbox,
    }


def turn(turn_id: str, status: str, error: Json | None = None) -> Json:
    """Describe a turn, without its items, as the notifications do."""
    over = status != "inProgress"
    return {
        "id": turn_id,
        "items": [],
        "itemsView": "notLoaded",
        "status": status,
        "error": error,
        "startedAt": NOW,
        "completedAt": NOW if over else None,
        "durationMs": 0 if over else None,
    }


def token_usage(total: Usage, last: Usage) -> Json:
    """Describe what a thread has cost, in all and last."""
    return {"total": _tokens(total), "last": _tokens(last), "modelContextWindow": 258_400}


def model(name: str = MODEL) -> Json:
    """Describe a model, as ``model/list`` does."""
    return {
        "id": name,
        "model": name,
        "displayName": name,
        "description": "A scripted model.",
        "hidden": False,
        "isDefault": True,
        "defaultReasoningEffort": "medium",
        "supportedReasoningEfforts": [{"reasoningEffort": "medium", "description": "Scripted."}],
    }


def text_of(user_input: object) -> str:
    """Join the texts of an input of a turn."""
    # It is any JSON: its types are looked at here, and pyright knows no more of its parts.
    items = user_input if isinstance(user_input, list) else []  # pyright: ignore[reportUnknownVariableType]
    texts = [item.get("text") for item in items if isinstance(item, dict)]  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return "\n".join(text for text in texts if isinstance(text, str))  # pyright: ignore[reportUnknownVariableType]


def _tokens(usage: Usage) -> Json:
    return {
        "inputTokens": usage.input_tokens,
        "cachedInputTokens": usage.cached_input_tokens,
        "outputTokens": usage.output_tokens,
        "reasoningOutputTokens": usage.reasoning_output_tokens,
        "totalTokens": usage.input_tokens + usage.output_tokens,
    }


_SANDBOXES: Final[dict[str, Json]] = {
    "danger-full-access": {"type": "dangerFullAccess"},
    "workspace-write": {"type": "workspaceWrite"},
}
