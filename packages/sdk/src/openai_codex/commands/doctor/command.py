"""The command ``doctor``."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openai_codex.commands.doctor.examination import examine
from openai_codex.commands.doctor.findings import as_json, keeps_turns_from_running
from openai_codex.commands.doctor.report import conclusion, paragraph
from openai_codex.commands.screen import columns, has_colours

if TYPE_CHECKING:
    from openai_codex.commands.doctor.findings import Finding

__all__ = ["DoctorOptions", "doctor"]


@dataclass(frozen=True)
class DoctorOptions:
    """What the command is told.

    Attributes:
        codex_bin: The runtime's program; ``None`` to look for it.
        timeout: How long each wait may take, in seconds.
        overrides: Settings of the runtime, ``key=value``.
        as_json: Whether to write one JSON object.
        probes_others: Whether to run programs that are not used, to ask for their versions.
    """

    codex_bin: str | None
    timeout: float
    overrides: tuple[str, ...]
    as_json: bool
    probes_others: bool = False


def doctor(options: DoctorOptions) -> int:
    """Examine everything, and write it down.

    Returns:
        The exit code: 0, or 1 if something keeps turns from running.
    """
    findings: list[Finding] = []
    width = columns(sys.stdout)
    for finding in examine(
        options.codex_bin,
        options.timeout,
        options.overrides,
        probes_others=options.probes_others,
    ):
        findings.append(finding)
        if not options.as_json:
            print(paragraph(finding, width=width, colours=has_colours(sys.stdout)), flush=True)
    if options.as_json:
        print(json.dumps(as_json(findings), indent=2))
    else:
        print(conclusion(findings, width=width))
    return 1 if keeps_turns_from_running(findings) else 0
