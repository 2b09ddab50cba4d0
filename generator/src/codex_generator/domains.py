"""Domains: in which module a type, a method or a notification lives.

The domain of a method is the first segment of its path; the tables below split what would be
too large and merge what would be too small, for the eyes only: a segment that no table names
gets a module of its own, so a new runtime needs no edit here.

A type belongs to the domain whose methods, notifications and server requests reach it. What
several reach goes one layer down, so modules import each other in one direction:
domain -> `shared` -> `items`.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Final

from codex_generator.names import snake_case

ITEMS: Final = "items"
SHARED: Final = "shared"
UNLISTED: Final = "unlisted"
ITEMS_ROOT: Final = "ThreadItem"

_SPLIT: Final = {
    "account": {
        "bedrock": "account_login",
        "chatgpt_auth_tokens": "account_login",
        "gateway_oauth": "account_login",
        "login": "account_login",
        "logout": "account_login",
    },
    "item": {"auto_approval_review": "auto_approval_review"},
    "mcp_server": {"elicitation": "mcp_elicitation"},
    "plugin": {"share": "plugin_share"},
    "thread": {
        "attachment": "thread_attachment",
        "attachment_owner": "thread_attachment",
        "goal": "thread_goal",
        "items": "thread_history",
        "list": "thread_history",
        "loaded": "thread_history",
        "memory_mode": "thread_settings",
        "metadata": "thread_settings",
        "name": "thread_settings",
        "queue": "thread_queue",
        "read": "thread_history",
        "read_state": "thread_settings",
        "realtime": "thread_realtime",
        "resume": "thread_resume",
        "search": "thread_history",
        "search_occurrences": "thread_history",
        "section": "thread_section",
        "settings": "thread_settings",
        "timeline": "thread_history",
        "turns": "thread_history",
    },
}
"""Second segments that have a module of their own, by the first."""

_MERGED: Final = {
    "apply_patch_approval": "approvals",
    "attestation": "server",
    "collaboration_mode": "model",
    "config_warning": "server",
    "current_time": "server",
    "deprecation_notice": "server",
    "error": "turn",
    "exec_command_approval": "approvals",
    "experimental_feature": "config",
    "feedback": "server",
    "guardian_warning": "server",
    "hooks": "hook",
    "initialize": "server",
    "mcp_server_status": "mcp_server",
    "memory": "server",
    "mock": "server",
    "model_provider": "model",
    "permission_profile": "config",
    "process": "command",
    "raw_response": "turn",
    "raw_response_item": "turn",
    "review": "turn",
    "rollout": "server",
    "server_request": "server",
    "warning": "server",
    "windows": "windows",
    "windows_sandbox": "windows",
}
"""First segments that share a module."""

_TAKEN: Final = {"items", "jsonrpc", "origin", "shared", "stability", "unlisted"}

ENVELOPES: Final = {
    "ClientRequest": "client_requests",
    "ClientNotification": "client_notifications",
    "ServerRequest": "server_requests",
    "ServerNotification": "server_notifications",
}
"""The modules of the unions of everything that goes over the wire."""


def domain_of(method: str) -> str:
    """Return the domain of a method, a notification or a server request."""
    first, *rest = (snake_case(segment) for segment in method.split("/"))
    if rest and rest[0] in _SPLIT.get(first, {}):
        return _SPLIT[first][rest[0]]
    domain = _MERGED.get(first, first)
    # A domain must not take the name of another kind of module, nor of nothing at all.
    return f"{domain}_" if keyword.iskeyword(domain) or domain in _TAKEN or not domain else domain


def family_of(method: str) -> str:
    """Return the domain of a call as if no domain were split."""
    first = snake_case(method.split("/")[0])
    return domain_of(method) if first not in _SPLIT else first


def place_definitions(
    references: Mapping[str, frozenset[str]], roots: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    """Return the module of every definition.

    Args:
        references: the definitions that each definition refers to.
        roots: by domain, the definitions that its methods, notifications and server requests
            name.
    """
    items = reachable(references, [ITEMS_ROOT])
    domains: dict[str, set[str]] = {name: set() for name in references}
    for domain, names in roots.items():
        for name in reachable(references, names):
            domains[name].add(domain)
    return {
        name: _place(name, items=items, reached_from=domains[name]) for name in sorted(references)
    }


def _place(name: str, *, items: set[str], reached_from: set[str]) -> str:
    if name in ENVELOPES:
        return ENVELOPES[name]
    if name in items:
        return ITEMS
    if len(reached_from) == 1:
        return next(iter(reached_from))
    if reached_from:
        return SHARED
    # No method names it: the JSON-RPC envelopes, and what only a reader of logs may want.
    return "jsonrpc" if name.startswith("JSONRPC") else UNLISTED


def reachable(references: Mapping[str, frozenset[str]], start: Iterable[str]) -> set[str]:
    """Return everything that can be reached from some definitions, themselves included."""
    found: set[str] = set()
    waiting = [name for name in start if name in references]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += references[name]
    return found
