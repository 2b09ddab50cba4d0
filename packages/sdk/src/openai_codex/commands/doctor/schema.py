"""Whether the runtime speaks the protocol that the installed types were made from."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.redaction import redact_text
from codex_app_server_types.origin import RUNTIME_VERSION, SCHEMA_SHA256

from openai_codex.commands.doctor.findings import Finding, Status
from openai_codex.commands.doctor.probe import probe
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

__all__ = ["schema_finding"]

BUNDLE: Final = "codex_app_server_protocol.schemas.json"
_OPTIONS: Final = {"stable": (), "experimental": ("--experimental",)}


def schema_finding(program: str, version: str | None, timeout: float) -> Finding:
    """Let the runtime print the schema of its protocol, and compare it with that of our types.

    Args:
        program: The runtime's program.
        version: The version that it reports.
        timeout: How long it may take for each of the two flavours, in seconds.
    """
    hashes: dict[str, JsonValue] = {}
    for flavour, options in _OPTIONS.items():
        digest, problem = _printed(program, options, timeout)
        if digest is None:
            summary = f"the runtime did not print its {flavour} schema: {problem}"
            return Finding("schema", Status.warning, summary, "Is the program complete?")
        hashes[flavour] = digest
    details: dict[str, JsonValue] = {"runtime": hashes, "packages": dict(SCHEMA_SHA256)}
    different = [flavour for flavour in hashes if hashes[flavour] != SCHEMA_SHA256[flavour]]
    if not different:
        summary = f"that of the installed types, SHA-256 {SCHEMA_SHA256['stable'][:16]}…"
        return Finding("schema", Status.ok, summary, details=details)
    summary = f"its {' and '.join(different)} schema is not that of the installed types"
    if version == RUNTIME_VERSION:
        advice = "Program and types are of one version, so one was changed: install both again."
        return Finding("schema", Status.warning, summary, advice, (), details)
    advice = (
        f"The types are made for {RUNTIME_VERSION}: what that version does not know comes as "
        "Unknown… types, and what this runtime does not know is refused."
    )
    return Finding("schema", Status.info, summary, advice, (), details)


def _printed(program: str, options: tuple[str, ...], timeout: float) -> tuple[str | None, str]:
    """Give the hash of a schema that is printed now, or the reason why there is none."""
    with tempfile.TemporaryDirectory(prefix="codex-doctor-") as folder:
        argv = [program, "app-server", "generate-json-schema", "--out", folder, *options]
        answer = probe(argv, timeout)
        try:
            return hashlib.sha256((Path(folder) / BUNDLE).read_bytes()).hexdigest(), ""
        except OSError:
            said = shown(redact_text(answer.output.strip()), 200) or "it says nothing"
            return None, answer.failure or f"exit code {answer.exit_code}, {said}"
