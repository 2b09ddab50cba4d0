"""What threads and turns can be told: every option and input, and what is sent for it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import codex_app_server_types as types
from openai_codex import (
    ApprovalMode,
    ImageInput,
    LocalImageInput,
    MentionInput,
    Sandbox,
    SkillInput,
    TextInput,
)

__all__ = [
    "DERIVED",
    "INPUTS",
    "NEVER_NULL",
    "NOT_SENT",
    "OF_ALL",
    "OF_FORK",
    "OF_LIST",
    "OF_RESUME",
    "OF_START",
    "OF_TURNS",
    "Option",
]

ASKED = types.AskForApprovalValue.on_request
GRANULAR = types.GranularAskForApproval(
    granular=types.GranularAskForApprovalPayload(
        mcp_elicitations=True, rules=False, sandbox_approval=True
    )
)
GRANULAR_WIRE = {"mcp_elicitations": True, "rules": False, "sandbox_approval": True}
SCHEMA = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]}

Option = tuple[str, Any, dict[str, Any]]
"""A keyword, its value, and what it adds to the params."""

APPROVALS: list[Option] = [
    ("approval_mode", ApprovalMode.deny_all, {"approvalPolicy": "never"}),
    (
        "approval_mode",
        ApprovalMode.auto_review,
        {"approvalPolicy": "on-request", "approvalsReviewer": "auto_review"},
    ),
    (
        "approval_mode",
        ApprovalMode.on_request,
        {"approvalPolicy": "on-request", "approvalsReviewer": "user"},
    ),
    (
        "approval_mode",
        ApprovalMode.untrusted,
        {"approvalPolicy": "untrusted", "approvalsReviewer": "user"},
    ),
    (
        "approval_mode",
        "auto_review",
        {"approvalPolicy": "on-request", "approvalsReviewer": "auto_review"},
    ),
    ("approval_mode", ASKED, {"approvalPolicy": "on-request"}),
    ("approval_mode", GRANULAR, {"approvalPolicy": {"granular": GRANULAR_WIRE}}),
]
SHARED: list[Option] = [
    ("cwd", "/some/where", {"cwd": "/some/where"}),
    ("cwd", Path("/some/where"), {"cwd": str(Path("/some/where"))}),
    ("model", "gpt-x", {"model": "gpt-x"}),
    ("service_tier", "flex", {"serviceTier": "flex"}),
    *APPROVALS,
]
OF_THREADS: list[Option] = [
    *SHARED,
    ("base_instructions", "Be.", {"baseInstructions": "Be."}),
    ("config", {"a.b": [1, {"c": None}]}, {"config": {"a.b": [1, {"c": None}]}}),
    ("config", MappingProxyType({"a": True}), {"config": {"a": True}}),
    ("developer_instructions", "Do.", {"developerInstructions": "Do."}),
    ("model_provider", "azure", {"modelProvider": "azure"}),
    ("sandbox", Sandbox.read_only, {"sandbox": "read-only"}),
    ("sandbox", Sandbox.workspace_write, {"sandbox": "workspace-write"}),
    ("sandbox", Sandbox.full_access, {"sandbox": "danger-full-access"}),
    ("sandbox", "full-access", {"sandbox": "danger-full-access"}),
    ("sandbox", types.SandboxMode.danger_full_access, {"sandbox": "danger-full-access"}),
]
OF_START: list[Option] = [
    *OF_THREADS,
    ("ephemeral", True, {"ephemeral": True}),
    ("ephemeral", False, {"ephemeral": False}),
    ("personality", types.Personality.friendly, {"personality": "friendly"}),
    ("service_name", "billing", {"serviceName": "billing"}),
    ("session_start_source", types.ThreadStartSource.clear, {"sessionStartSource": "clear"}),
    ("thread_source", "cron", {"threadSource": "cron"}),
]
OF_RESUME: list[Option] = [
    *OF_THREADS,
    ("include_turns", True, {"excludeTurns": False}),
    ("include_turns", False, {"excludeTurns": True}),
    ("personality", types.Personality.pragmatic, {"personality": "pragmatic"}),
]
OF_FORK: list[Option] = [
    *OF_THREADS,
    ("ephemeral", True, {"ephemeral": True}),
    ("include_turns", True, {"excludeTurns": False}),
    ("last_turn_id", "U9", {"lastTurnId": "U9"}),
    ("thread_source", "cron", {"threadSource": "cron"}),
]
OF_LISTS: list[Option] = [
    ("archived", True, {"archived": True}),
    ("archived", False, {"archived": False}),
    ("cwd", "/a", {"cwd": "/a"}),
    ("cwd", ["/a", "/b"], {"cwd": ["/a", "/b"]}),
    ("model_providers", [], {"modelProviders": []}),
    ("model_providers", ("a", "b"), {"modelProviders": ["a", "b"]}),
    ("search_term", "x", {"searchTerm": "x"}),
    ("section_id", "S1", {"sectionId": "S1"}),
    ("sort_direction", types.SortDirection.asc, {"sortDirection": "asc"}),
    ("sort_key", types.ThreadSortKey.recency_at, {"sortKey": "recency_at"}),
    ("source_kinds", [types.ThreadSourceKind.app_server], {"sourceKinds": ["appServer"]}),
    ("use_state_db_only", True, {"useStateDbOnly": True}),
    ("use_state_db_only", False, {"useStateDbOnly": False}),
]
OF_LIST: list[Option] = [
    *OF_LISTS,
    ("cursor", "C1", {"cursor": "C1"}),
    ("limit", 7, {"limit": 7}),
]
OF_ALL: list[Option] = [*OF_LISTS, ("page_size", 7, {"limit": 7})]
OF_TURNS: list[Option] = [
    *SHARED,
    ("effort", "high", {"effort": "high"}),
    ("output_schema", SCHEMA, {"outputSchema": SCHEMA}),
    ("personality", types.Personality.none, {"personality": "none"}),
    ("sandbox", Sandbox.read_only, {"sandboxPolicy": {"type": "readOnly"}}),
    ("sandbox", Sandbox.workspace_write, {"sandboxPolicy": {"type": "workspaceWrite"}}),
    ("sandbox", Sandbox.full_access, {"sandboxPolicy": {"type": "dangerFullAccess"}}),
    ("sandbox", "read-only", {"sandboxPolicy": {"type": "readOnly"}}),
    (
        "sandbox",
        types.WorkspaceWriteSandboxPolicy(network_access=True, writable_roots=["/w"]),
        {
            "sandboxPolicy": {
                "type": "workspaceWrite",
                "networkAccess": True,
                "writableRoots": ["/w"],
            }
        },
    ),
    ("source", "cron", {"turnTrigger": "cron"}),
    ("summary", types.ReasoningSummary.concise, {"summary": "concise"}),
    ("turn_service_tier", "priority", {"serviceTierForTurn": "priority"}),
]

NOT_SENT = {"timeout", "idle_timeout", "on_cancel", "if_busy", "check", "retries"} | {
    "approvals",
    "questions",
    "elicitations",
}
"""Keywords that are for this side only."""
DERIVED = {"output_type", "tools"}
"""Keywords of which something else is derived; they have tests of their own."""

NEVER_NULL: dict[tuple[str, str], dict[str, Any]] = {
    ("thread_resume", "include_turns"): {"excludeTurns": True},
    ("thread_fork", "include_turns"): {"excludeTurns": True},
    ("thread_fork", "ephemeral"): {},
    ("thread_list", "use_state_db_only"): {},
    ("threads", "use_state_db_only"): {},
}
"""What the protocol has no ``null`` for, and what ``None`` sends then."""

HI = {"type": "text", "text": "Hi."}
INPUTS: list[tuple[Any, list[dict[str, Any]]]] = [
    ("Hi.", [HI]),
    (["Hi."], [HI]),
    (("Hi.",), [HI]),
    (TextInput("Hi."), [HI]),
    (types.TextUserInput(text="Hi."), [HI]),
    (ImageInput("data:,a"), [{"type": "image", "url": "data:,a"}]),
    (
        ImageInput("data:,a", detail=types.ImageDetail.original),
        [{"type": "image", "url": "data:,a", "detail": "original"}],
    ),
    (LocalImageInput("/a.png"), [{"type": "localImage", "path": "/a.png"}]),
    (
        LocalImageInput(Path("a.png"), types.ImageDetail.low),
        [{"type": "localImage", "path": "a.png", "detail": "low"}],
    ),
    (SkillInput("s", Path("SKILL.md")), [{"type": "skill", "name": "s", "path": "SKILL.md"}]),
    (MentionInput("m", "app://m"), [{"type": "mention", "name": "m", "path": "app://m"}]),
    (types.LocalAudioUserInput(path="/a"), [{"type": "localAudio", "path": "/a"}]),
    (
        ["a", TextInput("b"), ImageInput("c"), types.SkillUserInput(name="d", path="e"), "f"],
        [
            {"type": "text", "text": "a"},
            {"type": "text", "text": "b"},
            {"type": "image", "url": "c"},
            {"type": "skill", "name": "d", "path": "e"},
            {"type": "text", "text": "f"},
        ],
    ),
    ("half of \ud83d", [{"type": "text", "text": "half of \ufffd"}]),
]
"""What can be said, and what is sent for it."""
