"""Requests as the runtime sends them."""

from __future__ import annotations

from typing import Any

from codex_app_server_rpc import ServerRequest
from openai_codex.requests.approvals import (
    CommandApproval,
    FileChangeApproval,
    McpToolApproval,
    PermissionsApproval,
)

__all__ = ["change", "command", "file_change", "mcp_tool", "permissions"]

ADDRESS = {"threadId": "T1", "turnId": "U1", "itemId": "call_1", "startedAtMs": 1795206195156}
PREFIX = ["touch", "out.txt"]


def command(text: str | None = "/bin/bash -lc 'touch out.txt'", **more: Any) -> CommandApproval:
    """A command, with the decisions that the runtime offers unless told otherwise."""
    offered = ["accept", {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": PREFIX}}]
    params = {
        **ADDRESS,
        "kind": "command",
        "command": text,
        "cwd": "/ws",
        "proposedExecpolicyAmendment": PREFIX,
        "availableDecisions": [*offered, "cancel"],
        **more,
    }
    return CommandApproval.of(ServerRequest(0, CommandApproval.method, params))


def change(path: str, kind: str = "add", **more: Any) -> dict[str, Any]:
    """One change of a file."""
    return {"path": path, "kind": {"type": kind, **more}, "diff": "hello\n"}


def file_change(*changes: dict[str, Any], **more: Any) -> FileChangeApproval:
    """A change of files."""
    params = {**ADDRESS, "reason": None, "grantRoot": None, **more}
    return FileChangeApproval.of(
        ServerRequest(0, FileChangeApproval.method, params), changes=list(changes)
    )


def permissions(asked: dict[str, Any], **more: Any) -> PermissionsApproval:
    """Permissions, in the protocol's words."""
    params = {**ADDRESS, "cwd": "/ws", "reason": "need it", "permissions": asked, **more}
    return PermissionsApproval.of(ServerRequest(0, PermissionsApproval.method, params))


def mcp_tool(**meta: Any) -> McpToolApproval:
    """A tool of an MCP server."""
    params: dict[str, Any] = {
        "threadId": "T1",
        "turnId": "U1",
        "serverName": "tiny",
        "mode": "form",
        "_meta": {"codex_approval_kind": "mcp_tool_call", **meta},
        "message": 'Allow the tiny MCP server to run tool "danger"?',
        "requestedSchema": {"type": "object", "properties": {}},
    }
    return McpToolApproval.of(ServerRequest(0, McpToolApproval.method, params))
