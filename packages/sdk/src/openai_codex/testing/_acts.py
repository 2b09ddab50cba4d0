"""How the steps of a scripted turn are played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openai_codex.testing._gate import Gate
from openai_codex.testing._server_messages import NOW_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai_codex.testing._replies import Phase
    from openai_codex.testing._server_messages import Json
    from openai_codex.testing._stage import Stage

__all__ = [
    "ask_permissions",
    "ask_user",
    "call_tool",
    "change_files",
    "run_command",
    "say",
    "show_item",
    "think",
]

_ACCEPTED = ("accept", "acceptForSession")


def say(stage: Stage, pieces: tuple[str | Gate, ...], phase: Phase | None) -> None:
    """Stream an agent message."""
    item: Json = {"type": "agentMessage", "id": stage.new_id("message"), "phase": phase}
    stage.start_item({**item, "text": ""})
    for piece in pieces:
        if isinstance(piece, Gate):
            stage.pause(piece)
        else:
            stage.notify("item/agentMessage/delta", {"itemId": item["id"], "delta": piece})
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    stage.complete_item({**item, "text": text})


def think(stage: Stage, summary: str) -> None:
    """Show a summary of reasoning."""
    item: Json = {"type": "reasoning", "id": stage.new_id("reasoning")}
    place = {"itemId": item["id"], "summaryIndex": 0}
    stage.start_item({**item, "summary": [], "content": []})
    stage.notify("item/reasoning/summaryPartAdded", place)
    stage.notify("item/reasoning/summaryTextDelta", {**place, "delta": summary})
    stage.complete_item({**item, "summary": [summary], "content": []})


def run_command(
    stage: Stage, command: str, output: str, exit_code: int, approval: bool, reason: str | None
) -> None:
    """Claim to run a command, if it is approved where that is asked for."""
    told: Json = {
        "command": command,
        "cwd": stage.cwd,
        "commandActions": [{"type": "unknown", "command": command}],
    }
    item: Json = {"type": "commandExecution", "id": stage.new_id("command"), **told}
    stage.start_item({**item, "status": "inProgress"})
    method = "item/commandExecution/requestApproval"
    if approval and not _approved(stage, method, item, {"reason": reason, **told}):
        return
    if output:
        stage.notify("item/commandExecution/outputDelta", {"itemId": item["id"], "delta": output})
    status = "completed" if exit_code == 0 else "failed"
    done = {"status": status, "aggregatedOutput": output, "exitCode": exit_code, "durationMs": 0}
    stage.complete_item({**item, **done})


def change_files(
    stage: Stage, changes: Mapping[str, str], approval: bool, reason: str | None
) -> None:
    """Claim to change files, if that is approved where it is asked for."""
    item: Json = {
        "type": "fileChange",
        "id": stage.new_id("change"),
        "changes": [
            {"path": path, "kind": {"type": "update"}, "diff": diff}
            for path, diff in changes.items()
        ],
    }
    stage.start_item({**item, "status": "inProgress"})
    method = "item/fileChange/requestApproval"
    if not approval or _approved(stage, method, item, {"reason": reason}):
        stage.complete_item({**item, "status": "completed"})


def call_tool(
    stage: Stage, tool: str, arguments: Mapping[str, object], namespace: str | None
) -> None:
    """Call a tool of the client's program."""
    told = {"namespace": namespace, "tool": tool, "arguments": dict(arguments)}
    item: Json = {"type": "dynamicToolCall", "id": stage.new_id("call"), **told}
    stage.start_item({**item, "status": "inProgress"})
    result = stage.ask("item/tool/call", {**told, "callId": item["id"]}).result
    success = result.get("success", False)
    done = {"contentItems": result.get("contentItems", []), "success": success, "durationMs": 0}
    stage.complete_item({**item, **done, "status": "completed" if success else "failed"})


def ask_user(stage: Stage, question: Json) -> None:
    """Ask the user a question."""
    params = {"itemId": stage.new_id("question"), "isBlocking": True, "questions": [question]}
    stage.ask("item/tool/requestUserInput", params, "waitingOnUserInput")


def ask_permissions(stage: Stage, permissions: Mapping[str, object], reason: str | None) -> None:
    """Ask for more permissions."""
    params = {
        "itemId": stage.new_id("permissions"),
        "cwd": stage.cwd,
        "startedAtMs": NOW_MS,
        "permissions": dict(permissions),
        "reason": reason,
    }
    stage.ask("item/permissions/requestApproval", params, "waitingOnApproval")


def show_item(stage: Stage, item: Mapping[str, Any]) -> None:
    """Start and complete an item."""
    whole = {"id": stage.new_id("item"), **item}
    stage.start_item(whole)
    stage.complete_item(whole)


def _approved(stage: Stage, method: str, item: Json, told: Json) -> bool:
    """Ask for approval of an item; without it, complete the item as declined."""
    params = {"itemId": item["id"], "startedAtMs": NOW_MS, **told}
    decision = stage.ask(method, params, "waitingOnApproval").result.get("decision")
    if isinstance(decision, dict) or decision in _ACCEPTED:
        return True
    stage.complete_item({**item, "status": "declined"})
    if decision == "cancel":
        stage.end("interrupted")
        stage.check()
    return False
