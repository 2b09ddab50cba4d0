"""What a running runtime is asked: who is logged in, how it is configured, whether it works."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import codex_app_server_types as types
from codex_app_server_rpc.redaction import redact_text

from openai_codex.commands.doctor.findings import Finding, Status, worded
from openai_codex.errors import CodexError, CodexTimeoutError, JsonRpcError
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codex_app_server_rpc import Client
    from codex_app_server_types import Account, JsonValue

__all__ = ["account_finding", "configuration_finding", "sandbox_finding", "thread_finding"]

_SETTINGS: Final = ("model", "model_provider", "sandbox_mode", "approval_policy")
_SANDBOX_PROBE: Final = """\
import sys
try:
    open(sys.argv[1], "x").close()
except OSError:
    print("refused")
else:
    print("written")
"""
"""Tries to write where a read-only sandbox lets nobody write."""


def configuration_finding(client: Client, notices: Sequence[Mapping[str, JsonValue]]) -> Finding:
    """Say how the runtime is configured (``config/read``), and what it finds odd about that.

    Args:
        client: A client of it.
        notices: The params of its ``configWarning`` notifications.
    """
    notes = tuple(_notice(one) for one in notices)
    files = [one["path"] for one in notices if isinstance(one.get("path"), str)]
    details: dict[str, JsonValue] = {"notices": [dict(one) for one in notices]}
    advice = f"Correct {files[0]}." if files else None
    try:
        config = client.config_read(cwd=os.getcwd()).config
    except CodexError as error:
        if isinstance(error, JsonRpcError):  # no answer at all says nothing of the configuration
            details["is_readable"] = False
        advice = advice or f"Correct {_files(client.server.codex_home)}."
        return Finding("configuration", Status.error, worded(str(error)), advice, notes, details)
    details["is_readable"] = True
    wire = config.to_wire()
    told = {name: _plain(wire.get(name)) for name in _SETTINGS}
    details.update(told)
    set_here = [f"{name} {shown(value)}" for name, value in told.items() if value is not None]
    summary = ", ".join(set_here) or "nothing is set: the runtime's own model and provider are used"
    missing = _missing_key(wire.get("model_providers"), config.model_provider)
    if missing is not None:
        summary += f"; the provider wants its key in {missing}, which is not set"
        advice = f"Set the environment variable {missing}."
        return Finding("configuration", Status.error, summary, advice, notes, details)
    status = Status.warning if files else Status.info if notes else Status.ok
    return Finding("configuration", status, summary, advice, notes, details)


def account_finding(client: Client, program: str) -> Finding:
    """Say who is logged in (``account/read``).

    Args:
        client: A client of the runtime.
        program: The runtime's program, for the advice.
    """
    try:
        answer = client.account_read()
    except CodexError as error:
        return _unanswered("account", error, "Try again; if it stays so, log in anew.")
    details: dict[str, JsonValue] = {"requires_openai_auth": answer.requires_openai_auth}
    if answer.account is None:
        details["type"] = None
        if not answer.requires_openai_auth:
            summary = "nobody is logged in, and the configured provider needs nobody to be"
            return Finding("account", Status.ok, summary, details=details)
        advice = f"Log in: `{program} login`, or from Python by Codex.login_api_key and its kin."
        if os.environ.get("OPENAI_API_KEY"):
            advice += " OPENAI_API_KEY is set, but that alone is no login."
        summary = "nobody is logged in, and the configured provider needs an account"
        return Finding("account", Status.error, summary, advice, (), details)
    summary, told = _account(answer.account)
    return Finding("account", Status.ok, summary, details={**details, **told})


def thread_finding(client: Client) -> Finding:
    """Begin a conversation that is kept in memory only (``thread/start``), and say how it went."""
    try:
        answer = client.thread_start(ephemeral=True, cwd=os.getcwd())
    except CodexTimeoutError as error:
        advice = "Are there MCP servers in the configuration that start slowly?"
        return _unanswered("thread", error, advice)
    except CodexError as error:
        return _unanswered("thread", error, "Correct the configuration that it names.")
    details: dict[str, JsonValue] = {
        "model": answer.model,
        "model_provider": answer.model_provider,
    }
    summary = f"begins, with the model {shown(answer.model)} of {shown(answer.model_provider)}"
    return Finding("thread", Status.ok, summary, details=details)


def sandbox_finding(client: Client, timeout: float, *, is_used: bool) -> Finding:
    """Run a command in a read-only sandbox (``command/exec``), and let it try to write.

    Args:
        client: A client of the runtime.
        timeout: How long the command may take, in seconds.
        is_used: Whether the configuration has commands run in a sandbox at all.
    """
    failed = Status.error if is_used and sys.platform != "win32" else Status.warning
    with tempfile.TemporaryDirectory(prefix="codex-doctor-") as folder:
        target = Path(folder) / "written"
        try:
            answer = client.command_exec(
                command=[sys.executable, "-I", "-S", "-c", _SANDBOX_PROBE, str(target)],
                cwd=folder,
                sandbox_policy=types.ReadOnlySandboxPolicy(),
                timeout_ms=round(timeout * 1000),
            )
        except CodexError as error:
            finding = _unanswered("sandbox", error, _SANDBOX_ADVICE)
            return Finding("sandbox", failed, finding.summary, finding.advice)
        was_written = target.exists()
    said, lines = answer.stdout.strip(), redact_text(answer.stderr).strip().splitlines()
    notes = tuple(shown(line) for line in lines[-5:])
    details: dict[str, JsonValue] = {"exit_code": answer.exit_code, "was_written": was_written}
    if was_written or said == "written":
        summary = "a command in a read-only sandbox has written a file: the sandbox does not hold"
        return Finding("sandbox", failed, summary, _SANDBOX_ADVICE, notes, details)
    if answer.exit_code != 0 or said != "refused":
        summary = f"a harmless command failed in the sandbox, with exit code {answer.exit_code}"
        return Finding("sandbox", failed, summary, _SANDBOX_ADVICE, notes, details)
    summary = "a command runs in it, and cannot write outside"
    return Finding("sandbox", Status.ok, summary, details=details)


_SANDBOX_ADVICE: Final = (
    "See https://developers.openai.com/codex/concepts/sandboxing for what the sandbox needs; in a "
    "container that is a sandbox itself, Sandbox.full_access does without."
)


def _files(home: str) -> str:
    """Name the files that a configuration without a named file may be wrong in."""
    files = [os.path.join(home, "config.toml")]
    of_folder = os.path.abspath(os.path.join(".codex", "config.toml"))
    if os.path.isfile(of_folder):
        files.append(of_folder)
    return " or ".join(files)


def _plain(setting: JsonValue) -> str | None:
    return setting if setting is None or isinstance(setting, str) else json.dumps(setting)


def _notice(params: Mapping[str, JsonValue]) -> str:
    details = params.get("details")
    text = worded(str(params.get("summary", "")))
    return f"{text} {worded(details)}" if isinstance(details, str) else text


def _missing_key(providers: JsonValue, name: str | None) -> str | None:
    """Name the environment variable that a provider takes its key from, if it is not set."""
    provider = providers.get(name) if isinstance(providers, dict) and name is not None else None
    variable = provider.get("env_key") if isinstance(provider, dict) else None
    if not isinstance(variable, str) or os.environ.get(variable):
        return None
    return variable


def _account(account: Account) -> tuple[str, dict[str, JsonValue]]:
    match account:
        case types.ApiKeyAccount():
            return "an API key", {"type": account.type}
        case types.ChatgptAccount(email=email, plan_type=plan):
            who = "" if email is None else f", {shown(email)}"
            told: dict[str, JsonValue] = {
                "type": account.type,
                "plan": plan.value,
                "email": email,
            }
            return f"ChatGPT, plan {plan.value}{who}", told
        case _:
            return shown(account.type), {"type": account.type}


def _unanswered(check: str, error: CodexError, advice: str) -> Finding:
    details: dict[str, JsonValue] = {"error": type(error).__name__}
    return Finding(check, Status.error, worded(str(error)), advice, (), details)
