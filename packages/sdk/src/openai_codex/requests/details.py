"""What a request for approval asks for, in full, for the person who decides.

Nothing of it is left out because something else seems to say it: the agent writes the commands and
the reasons, and would so decide what is hidden.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from codex_app_server_types import CommandExecutionApprovalKind

from openai_codex.requests.approvals import (
    CommandApproval,
    FileChangeApproval,
    McpToolApproval,
    PermissionsApproval,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codex_app_server_types import JsonValue

    from openai_codex.requests.approvals import ApprovalRequest

__all__ = ["details_of", "subject_of"]

_LABELS: Final[Mapping[str, str]] = {
    "serverName": "Server",
    "message": "Message",
    "toolParams": "Arguments",
    "command": "Command",
    "networkApprovalContext": "Network",
    "cwd": "Folder",
    "environmentId": "Machine",
    "reason": "Reason",
    "permissions": "Permissions",
    "additionalPermissions": "Permissions",
    "grantRoot": "Below",
    "changes": "Files",
}

_LOCAL: Final = "local"
"""The runtime's name for the machine that it runs on itself."""


def subject_of(request: ApprovalRequest) -> str:
    """Say what kind of thing is asked for, in no words but our own."""
    match request:
        case CommandApproval(network_approval_context=context) if context is not None:
            return "access to a host"
        case CommandApproval(kind=CommandExecutionApprovalKind.write_stdin):
            return "input for a command that runs"
        case CommandApproval():
            return "a command"
        case FileChangeApproval():
            return "changes of files"
        case PermissionsApproval():
            return "permissions"
        case McpToolApproval():
            return "a call of a tool of an MCP server"


def details_of(request: ApprovalRequest) -> Iterator[tuple[str, str | None]]:
    """Give all that is asked for, a label and a text each.

    Args:
        request: The request.

    Yields:
        Our label, and the text of the agent or the runtime, of one line or more; ``None`` for what
        the runtime should have told, and did not.
    """
    wire = request.to_wire()
    meta = wire.get("_meta")
    if isinstance(meta, dict):
        wire["toolParams"] = meta.get("tool_params")
    expected = _expected(request)
    for key, label in _LABELS.items():
        value = wire.get(key)
        if key == "environmentId" and value == _LOCAL:
            continue
        if key == expected and not value:
            yield label, None
        elif value is not None:
            yield label, value if isinstance(value, str) else _listed(value)


def _expected(request: ApprovalRequest) -> str | None:
    """Give the one detail without which it is not known what is asked for."""
    if isinstance(request, CommandApproval):
        return "command" if request.network_approval_context is None else None
    return "changes" if isinstance(request, FileChangeApproval) else None


def _listed(value: JsonValue) -> str:
    if isinstance(value, list) and all(isinstance(one, dict) and "path" in one for one in value):
        return "\n".join(_change(one) for one in value if isinstance(one, dict))
    return json.dumps(value, ensure_ascii=False)


def _change(change: Mapping[str, JsonValue]) -> str:
    kind = change.get("kind")
    kinds = kind if isinstance(kind, dict) else {}
    moved = kinds.get("move_path")
    head = f"{kinds.get('type', 'change')} {json.dumps(change['path'], ensure_ascii=False)}"
    head += f" to {json.dumps(moved, ensure_ascii=False)}" if moved else ""
    return f"{head}\n{change.get('diff') or ''}".rstrip("\n")
