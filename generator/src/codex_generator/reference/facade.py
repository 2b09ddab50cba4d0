"""What of the facade stands on which call: the one thing here that the schema does not know.

A test holds it equal to what the facade's sources call, and looks every name up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from codex_generator.reference.pages import Name

FACADE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "account/login/cancel": ("ChatgptLoginHandle.cancel", "DeviceCodeLoginHandle.cancel"),
        "account/login/start": (
            "Codex.login_api_key",
            "Codex.login_chatgpt",
            "Codex.login_chatgpt_device_code",
        ),
        "account/logout": ("Codex.logout",),
        "account/rateLimits/read": ("Codex.account_rate_limits",),
        "account/read": ("Codex.account",),
        "account/usage/read": ("Codex.account_usage",),
        "initialize": ("Codex",),
        "model/list": ("Codex.models",),
        "review/start": ("Thread.review",),
        "thread/archive": ("Codex.thread_archive",),
        "thread/compact/start": ("Thread.compact",),
        "thread/fork": ("Codex.thread_fork",),
        "thread/goal/clear": ("Thread.clear_goal",),
        "thread/goal/get": ("Thread.goal",),
        "thread/goal/set": ("Thread.set_goal",),
        "thread/items/list": ("Thread.items",),
        "thread/list": ("Codex.thread_list", "Codex.threads"),
        "thread/name/set": ("Thread.set_name",),
        "thread/read": ("Thread.read",),
        "thread/resume": ("Codex.thread_resume", "Codex.thread_unarchive"),
        "thread/start": ("Codex.thread_start",),
        "thread/turns/list": ("Thread.turns",),
        "thread/unarchive": ("Codex.thread_unarchive",),
        "turn/interrupt": ("TurnHandle.interrupt",),
        "turn/start": ("Thread.run", "Thread.turn"),
        "turn/steer": ("TurnHandle.steer",),
    }
)
"""Names of `openai_codex` that make a client request, by its wire name."""

ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "item/commandExecution/requestApproval": ("Codex(approvals=…)",),
        "item/fileChange/requestApproval": ("Codex(approvals=…)",),
        "item/permissions/requestApproval": ("Codex(approvals=…)",),
        "item/tool/call": ("Codex.thread_start(tools=…)",),
        "item/tool/requestUserInput": ("Codex(questions=…)",),
        "mcpServer/elicitation/request": ("Codex(elicitations=…)", "Codex(approvals=…)"),
    }
)
"""Arguments of the facade that answer a server request, by its wire name; `handlers` take any."""


def facade_names(wire: str) -> tuple[Name, ...]:
    """Return what of the facade makes or answers a call."""
    found = (*FACADE.get(wire, ()), *ARGUMENTS.get(wire, ()))
    return tuple(Name(text, f"openai_codex.{text.partition('(')[0]}") for text in found)


def raw_name(text: str) -> Name:
    """Return a name of the raw client."""
    return Name(text, f"codex_app_server_rpc.{text}")
