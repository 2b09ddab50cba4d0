"""Pages: changes as people and programs read them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from codex_generator.changes.change import Action, Change, Severity, Subject

__all__ = ["Comparison", "as_json", "as_markdown", "as_summary"]

_HEADINGS: Final = {
    Severity.BREAKING: "Breaking",
    Severity.ADDITIVE: "New",
    Severity.NEUTRAL: "Without consequence",
}
_SUBJECTS: Final = {
    Subject.METHOD: "Methods",
    Subject.NOTIFICATION: "Notifications",
    Subject.SERVER_REQUEST: "Server requests",
    Subject.TYPE: "Types",
    Subject.FIELD: "Fields",
    Subject.VALUE: "Enum values",
    Subject.VARIANT: "Variants",
}


@dataclass(frozen=True)
class Comparison:
    """The changes between two versions.

    Attributes:
        old: the version that programs were written for.
        new: the one that they meet.
        changes: what differs, the worst first.
    """

    old: str
    new: str
    changes: tuple[Change, ...]

    @property
    def severity(self) -> Severity:
        """The worst of the changes; neutral when there is none."""
        return max((change.severity for change in self.changes), default=Severity.NEUTRAL)


def as_summary(comparison: Comparison) -> str:
    """Tell the counts, and everything that breaks, for a terminal."""
    lines = [f"{comparison.old} -> {comparison.new}: {_counts(comparison.changes)}"]
    for change in comparison.changes:
        if change.severity is Severity.BREAKING:
            lines.append(f"  {change.subject.value} {change.name}: {_told(change)}")
    return "\n".join(lines)


def as_markdown(comparison: Comparison) -> str:
    """Write a page for `docs/changes/`."""
    lines = [f"# {comparison.new}", ""]
    lines.append(f"What changed in the protocol since {comparison.old}, for programs that use")
    lines.append(f"these packages: {_counts(comparison.changes)}.")
    for severity, heading in _HEADINGS.items():
        found = [change for change in comparison.changes if change.severity is severity]
        if found:
            lines += ["", f"## {heading}", *_sections(found)]
    return "\n".join(lines) + "\n"


def as_json(comparison: Comparison) -> str:
    """Write everything down for programs: one object, in a stable order."""
    document = {
        "old": comparison.old,
        "new": comparison.new,
        "severity": comparison.severity.name.lower(),
        "changes": [
            {
                "subject": change.subject.value,
                "action": change.action.value,
                "name": change.name,
                "severity": change.severity.name.lower(),
                "reason": change.reason,
                "before": change.before,
                "after": change.after,
                "experimental": change.experimental,
            }
            for change in comparison.changes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _counts(changes: Iterable[Change]) -> str:
    counts = Counter(change.severity for change in changes)
    if not counts:
        return "nothing"
    words = {
        Severity.BREAKING: "breaking",
        Severity.ADDITIVE: "additive",
        Severity.NEUTRAL: "neutral",
    }
    return ", ".join(f"{counts[severity]} {word}" for severity, word in words.items())


def _sections(changes: list[Change]) -> Iterator[str]:
    for subject, heading in _SUBJECTS.items():
        for action in Action:
            found = [
                change for change in changes if (change.subject, change.action) == (subject, action)
            ]
            if found:
                yield from ["", f"### {heading} {action.value}", ""]
                yield from (f"- {_line(change)}" for change in found)


def _line(change: Change) -> str:
    mark = " *(experimental)*" if change.experimental else ""
    return f"`{change.name}`{mark}: {_told(change)}"


def _told(change: Change) -> str:
    match change.action:
        case Action.RENAMED:
            return f"probably `{change.after}` now; {change.reason}"
        case Action.CHANGED:
            return f"{change.before} -> {change.after}; {change.reason}"
        case Action.ADDED if change.after:
            return f"{change.after}; {change.reason}"
        case _:
            return change.reason
