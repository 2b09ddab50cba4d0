"""The whole examination: every look in its order, each with what the ones before have shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from openai_codex.commands.doctor import looks
from openai_codex.commands.doctor.connection import Connection, home_finding
from openai_codex.commands.doctor.findings import Finding, Status
from openai_codex.commands.doctor.program import (
    elsewhere_finding,
    place_finding,
    program_finding,
)
from openai_codex.commands.doctor.schema import schema_finding
from openai_codex.commands.doctor.surroundings import (
    environment_finding,
    packages_finding,
    python_finding,
)
from openai_codex.places import search
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["CHECKS", "examine"]

CHECKS: Final = (
    "python",
    "packages",
    "environment",
    "runtime",
    "elsewhere",
    "program",
    "home",
    "handshake",
    "configuration",
    "account",
    "thread",
    "sandbox",
    "schema",
)
"""The names of all checks, in their order. Every report has each of them once."""


def examine(
    codex_bin: str | None,
    timeout: float,
    overrides: Sequence[str] = (),
    *,
    probes_others: bool = False,
) -> Iterator[Finding]:
    """Look at everything that a turn needs.

    Args:
        codex_bin: The runtime's program, as the caller names it; ``None`` for none.
        timeout: How long each wait may take, in seconds.
        overrides: Settings of the runtime, as for `CodexConfig.config_overrides`.
        probes_others: Whether to ask programs that are not used for their versions.

    Yields:
        One finding for each of `CHECKS`, as soon as it is there.
    """
    yield _timed("python", python_finding)
    yield _timed("packages", packages_finding)
    yield _timed("environment", environment_finding)
    places = search(codex_bin)
    program = places[-1].program
    yield _timed("runtime", lambda: place_finding(places))
    longest = timeout if probes_others else None
    yield _timed("elsewhere", lambda: elsewhere_finding(program, longest))
    if program is None:
        yield _skipped("program", "there is no program")
        yield _timed("home", home_finding)
        for check in CHECKS[CHECKS.index("handshake") :]:
            yield _skipped(check, "there is no program")
        return
    runnable = _timed("program", lambda: program_finding(program, timeout))
    yield runnable
    yield _timed("home", home_finding)
    if runnable.status is Status.error:
        for check in CHECKS[CHECKS.index("handshake") :]:
            yield _skipped(check, "the program cannot be used")
        return
    yield from _asked(program, timeout, overrides)
    version = runnable.details.get("version")
    known = version if isinstance(version, str) else None
    yield _timed("schema", lambda: schema_finding(program, known, timeout))


def _asked(program: str, timeout: float, overrides: Sequence[str]) -> Iterator[Finding]:
    """Start the runtime, and ask it."""
    options = [part for item in overrides for part in ("--config", item)]
    connection = Connection([program, "app-server", *options], timeout)
    try:
        handshake = _timed("handshake", connection.open)
        yield handshake
        if handshake.status is Status.error:
            for check in CHECKS[CHECKS.index("configuration") : CHECKS.index("schema")]:
                yield _skipped(check, "there was no handshake")
            return
        client = connection.client
        configured = _timed(
            "configuration", lambda: looks.configuration_finding(client, connection.notices)
        )
        yield configured
        if configured.details.get("is_readable") is False:
            # Who has to log in depends on the provider that it names.
            yield _skipped("account", "the configuration cannot be read")
        else:
            yield _timed("account", lambda: looks.account_finding(client, program))
        yield _timed("thread", lambda: looks.thread_finding(client))
        is_used = configured.details.get("sandbox_mode") != "danger-full-access"
        yield _timed("sandbox", lambda: looks.sandbox_finding(client, timeout, is_used=is_used))
    finally:
        connection.close()


def _timed(check: str, look: Callable[[], Finding]) -> Finding:
    """Look, and say how long it took; a look that fails is a finding, and others follow it."""
    started = time.monotonic()
    try:
        finding = look()
    except OSError as error:
        advice = "Are the current folder and the one for temporary files there, and not full?"
        finding = Finding(check, Status.error, f"could not be looked at: {error}", advice)
    except Exception as error:
        reason = shown(f"{type(error).__name__}: {error}")
        finding = Finding(check, Status.error, f"could not be looked at: {reason}")
    return finding.after(time.monotonic() - started)


def _skipped(check: str, reason: str) -> Finding:
    return Finding(check, Status.skipped, f"not looked at: {reason}")
