"""What the doctor found, and the shape in which programs read it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.redaction import redact_text

from openai_codex._version import __version__
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codex_app_server_types import JsonValue

__all__ = ["REPORT_VERSION", "Finding", "Status", "as_json", "keeps_turns_from_running", "worded"]

REPORT_VERSION: Final = 1
"""The version of the JSON report: it grows when a member changes its meaning or goes away."""


class Status(str, Enum):
    """How a finding is meant.

    - ``ok``: as it should be.
    - ``info``: worth knowing, and not wrong.
    - ``warning``: something does not work, or not as meant; turns run.
    - ``error``: turns do not run.
    - ``skipped``: it could not be looked at, because of another finding.
    """

    ok = "ok"
    info = "info"
    warning = "warning"
    error = "error"
    skipped = "skipped"


@dataclass(frozen=True)
class Finding:
    """What one look at one thing has shown.

    Attributes:
        check: What was looked at; a stable name.
        status: How it is meant.
        summary: What was found, in a sentence or a few words.
        advice: What to do about it, in a sentence; ``None`` if nothing.
        notes: Lines that explain it.
        details: The same as data, for programs.
        duration_ms: How long the look took, in milliseconds.
    """

    check: str
    status: Status
    summary: str
    advice: str | None = None
    notes: tuple[str, ...] = ()
    details: Mapping[str, JsonValue] = field(default_factory=dict["str", "JsonValue"])
    duration_ms: int | None = None

    def after(self, seconds: float) -> Finding:
        """Give the same with the time that the look took, in seconds, unless it has one."""
        if self.duration_ms is not None:
            return self
        return replace(self, duration_ms=round(seconds * 1000))

    def to_json(self) -> dict[str, JsonValue]:
        """Give it as JSON knows it."""
        return {
            "check": self.check,
            "status": self.status.value,
            "summary": self.summary,
            "advice": self.advice,
            "notes": [*self.notes],
            "details": dict(self.details),
            "duration_ms": self.duration_ms,
        }


def keeps_turns_from_running(findings: Sequence[Finding]) -> bool:
    """Tell whether anything was found because of which no turn runs."""
    return any(finding.status is Status.error for finding in findings)


def as_json(findings: Sequence[Finding]) -> dict[str, JsonValue]:
    """Give a whole report as one JSON object."""
    return {
        "version": REPORT_VERSION,
        "sdk_version": __version__,
        "ok": not keeps_turns_from_running(findings),
        "findings": [finding.to_json() for finding in findings],
    }


def worded(text: str) -> str:
    """Make words of the runtime fit for a finding: one line, and nothing that looks secret."""
    return shown(" ".join(redact_text(text).split()))
