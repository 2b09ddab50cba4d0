"""Which runtime program runs, why, and what else there would be."""

from __future__ import annotations

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc import MINIMUM_RUNTIME, TESTED_RUNTIME
from codex_app_server_rpc.redaction import redact_text
from codex_app_server_rpc.server_version import is_older
from codex_app_server_types.origin import RUNTIME_VERSION

from openai_codex.commands.doctor.findings import Finding, Status
from openai_codex.commands.doctor.machine import kind_of, misfit
from openai_codex.commands.doctor.probe import probe
from openai_codex.places import RUNTIME_VARIABLE, install_command
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

    from openai_codex.places import Place

__all__ = ["elsewhere_finding", "place_finding", "program_finding"]

INSTALL: Final = install_command()

_VERSION: Final = re.compile(r"^codex-cli (\d[^\s]*)\s*$", re.MULTILINE)
_PROBE_SECONDS: Final = 5.0
"""How long programs that are not used may take to say their versions, all of them."""
_MOST: Final = 12
"""How many programs that are not used are named."""
_USUAL: Final = (
    "~/.local/bin/codex",
    "~/.bun/bin/codex",
    "~/.volta/bin/codex",
    "~/.npm-global/bin/codex",
    "~/AppData/Roaming/npm/codex.cmd",
    "/usr/local/bin/codex",
    "/opt/homebrew/bin/codex",
    "/home/linuxbrew/.linuxbrew/bin/codex",
    "/Applications/Codex.app/Contents/Resources/codex",
    "~/.vscode/extensions/openai.chatgpt-*/bin/*/codex*",
)
"""Where installers put the program."""


def place_finding(places: list[Place]) -> Finding:
    """Say which program was found, where and why."""
    last = places[-1]
    notes = tuple(f"{one.name}: {one.program or one.told or 'not given'}" for one in places)
    looked: list[JsonValue] = [
        {"place": one.name, "told": one.told, "program": one.program, "problem": one.problem}
        for one in places
    ]
    details: dict[str, JsonValue] = {"program": last.program, "place": last.name, "places": looked}
    if last.program is None:
        summary = last.problem or "there is none"
        return Finding("runtime", Status.error, summary, last.advice, notes, details)
    reasons = {"codex_bin": "named by the argument", RUNTIME_VARIABLE: "named by the environment"}
    summary = f"{last.program}, {reasons.get(last.name, f'from the package {last.name}')}"
    return Finding("runtime", Status.ok, summary, None, notes, details)


def program_finding(program: str, timeout: float) -> Finding:
    """Say whether a program can run here, whether it is the runtime, and of which version.

    Args:
        program: Its path.
        timeout: How long it may take to say its version, in seconds.
    """
    finding = _runnable(Path(program))
    if finding.status is Status.error:
        return finding
    answer = probe([program, "--version"], timeout)
    found = _VERSION.search(answer.output)
    details = {**finding.details, "version": found[1] if found else None}
    if found is None or answer.exit_code != 0:
        said = shown(redact_text(answer.output.strip()), 200) or "nothing"
        how = answer.failure or f"exit code {answer.exit_code}"
        summary = f"it does not say a version as the runtime does ({how}); it says {said}"
        advice = f"Name the native program `codex`, or install it: {INSTALL}"
        return Finding("program", Status.error, summary, advice, (), details)
    return _judged(replace(finding, details=details), found[1])


def elsewhere_finding(used: str | None, timeout: float | None = None) -> Finding:
    """Name the runtimes on ``PATH`` and in the usual places, which are not used.

    Args:
        used: The program that is used.
        timeout: How long they may take to say their versions, in seconds; ``None`` to run none of
            them.
    """
    mine = os.path.realpath(used) if used else None
    found = [path for path in _candidates() if os.path.realpath(path) != mine][:_MOST]
    if not found:
        return Finding("elsewhere", Status.ok, "no other runtime on PATH or in the usual places")
    advice = f"To use one of them, name it by codex_bin or {RUNTIME_VARIABLE}."
    if timeout is None:
        versions: list[str | None] = [None] * len(found)
        notes = tuple(found)
        advice += " --probe-others runs them, to ask for their versions."
    else:
        versions = _versions_of(found, min(timeout, _PROBE_SECONDS))
        told = zip(found, versions, strict=True)
        notes = tuple(f"{path}: {version or 'says no version'}" for path, version in told)
    programs: list[JsonValue] = [
        {"program": path, "version": version} for path, version in zip(found, versions, strict=True)
    ]
    details: dict[str, JsonValue] = {"programs": programs, "are_probed": timeout is not None}
    summary = f"{len(found)} on PATH or in the usual places, not used"
    return Finding("elsewhere", Status.info, summary, advice, notes, details)


def _versions_of(programs: list[str], timeout: float) -> list[str | None]:
    """Ask programs for their versions, all at once; ``None`` for what does not answer.

    Nothing is known of them but their name, so they are told nothing of this process's environment
    but where programs are.
    """
    names = ("PATH", "SYSTEMROOT")  # without the second nothing starts on Windows
    bare = {name: os.environ[name] for name in names if name in os.environ}

    def version_of(program: str) -> str | None:
        found = _VERSION.search(probe([program, "--version"], timeout, bare).output)
        return found[1] if found else None

    with ThreadPoolExecutor(len(programs)) as pool:
        return list(pool.map(version_of, programs))


def _runnable(program: Path) -> Finding:
    try:
        system, processor = kind_of(program)
    except OSError as error:
        reason = f"{program} cannot be read: {error.strerror}"
        return Finding("program", Status.error, reason, "Give yourself the right to read it.")
    details: dict[str, JsonValue] = {"system": system, "processor": processor or None}
    if not os.access(program, os.X_OK):
        advice = f"Make it executable, or install it again: {INSTALL} --force-reinstall"
        return Finding("program", Status.error, "it is not executable", advice, (), details)
    unfit = misfit(system, processor)
    if unfit is not None:
        advice = f"Install the one for this machine: {INSTALL} --force-reinstall"
        return Finding("program", Status.error, unfit, advice, (), details)
    if system == "script":
        summary = "it is a script that starts another program"
        advice = "Name the native program itself: what is stopped else is the script."
        return Finding("program", Status.warning, summary, advice, (), details)
    return Finding("program", Status.ok, f"made for {system} {processor}".strip(), details=details)


def _judged(finding: Finding, version: str) -> Finding:
    """Judge a program by its version."""
    summary = f"version {version}, {finding.summary}"
    details: dict[str, JsonValue] = {
        **finding.details,
        "made_for": RUNTIME_VERSION,
        "minimum": MINIMUM_RUNTIME,
        "tested": TESTED_RUNTIME,
    }
    finding = replace(finding, summary=summary, details=details)
    if is_older(version, MINIMUM_RUNTIME):
        summary += f": too old for this library, which needs {MINIMUM_RUNTIME} or newer"
        advice = f"Install {RUNTIME_VERSION}, for which this library is made: {INSTALL}"
        return replace(finding, status=Status.error, summary=summary, advice=advice)
    if is_older(TESTED_RUNTIME, version):
        summary += f": this library was tested on none newer than {TESTED_RUNTIME}"
        advice = f"Look for a newer version of this library, or use {RUNTIME_VERSION}: {INSTALL}"
        advice = f"{finding.advice} {advice}" if finding.advice else advice
        return replace(finding, status=Status.warning, summary=summary, advice=advice)
    if finding.status is not Status.ok or version == RUNTIME_VERSION:
        return finding
    summary += f"; this library is made for {RUNTIME_VERSION}"
    summary += f", and works with {MINIMUM_RUNTIME} to {TESTED_RUNTIME}"
    advice = f"If something does not work, try the version that it is made for: {INSTALL}"
    return replace(finding, status=Status.info, summary=summary, advice=advice)


def _candidates() -> list[str]:
    """List the files on PATH and in the usual places that have the runtime's name."""
    names = ("codex.exe", "codex.cmd") if sys.platform == "win32" else ("codex",)
    folders = [os.path.abspath(one) for one in os.environ.get("PATH", "").split(os.pathsep) if one]
    paths = [os.path.join(folder, name) for folder in folders for name in names]
    for place in _USUAL:
        paths += sorted(glob(os.path.expanduser(place)))
    runnable = [path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)]
    return list({os.path.realpath(path): path for path in reversed(runnable)}.values())[::-1]
