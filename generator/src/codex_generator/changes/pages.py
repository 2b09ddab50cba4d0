"""Pages: changes as people and programs read them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from codex_generator import markdown
from codex_generator.changes.change import Action, Change, Severity, Subject

__all__ = [
    "Comparison",
    "as_json",
    "as_markdown",
    "as_summary",
    "counts",
    "introduction",
    "sections",
    "told",
]

_HEADINGS: Final = {
    Severity.BREAKING: "Breaking",
    Severity.ADDITIVE: "New",
    Severity.NEUTRAL: "Without consequence",
}
_SUBJECTS: Final = {
    Subject.METHOD: "Methods",
    Subject.NOTIFICATION: "Notifications",
    Subject.SERVER_REQUEST: "Server requests",
    Subject.MODULE: "Modules",
    Subject.FUNCTION: "Functions and methods",
    Subject.PARAMETER: "Parameters",
    Subject.TYPE: "Types",
    Subject.FIELD: "Fields",
    Subject.ATTRIBUTE: "Attributes",
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
        what: that has changed, in words.
    """

    old: str
    new: str
    changes: tuple[Change, ...]
    what: str = "the protocol"

    @property
    def severity(self) -> Severity:
        """The worst of the changes; neutral when there is none."""
        return max((change.severity for change in self.changes), default=Severity.NEUTRAL)


def as_summary(comparison: Comparison) -> str:
    """Tell the counts, and everything that breaks, for a terminal."""
    lines = [f"{comparison.old} -> {comparison.new}: {counts(comparison.changes)}"]
    for change in comparison.changes:
        if change.severity is Severity.BREAKING:
            lines.append(f"  {change.subject.value} {change.name}: {told(change)}")
    return "\n".join(lines)


def as_markdown(comparison: Comparison) -> str:
    """Write a page."""
    lines = [f"# {markdown.inline(comparison.new)}", "", introduction(comparison)]
    return "\n".join([*lines, *sections(comparison.changes, "##")]) + "\n"


def introduction(comparison: Comparison) -> str:
    """Tell in a sentence what a comparison found."""
    since, found = markdown.inline(comparison.old), counts(comparison.changes)
    return (
        f"What changed in {comparison.what} since {since}, for programs that use these packages: "
        f"{found}."
    )


def sections(changes: Iterable[Change], level: str) -> Iterator[str]:
    """Yield the lines of a Markdown list of changes, the worst first.

    Args:
        changes: what to list.
        level: what the first headings begin with, such as `##`.
    """
    listed = list(changes)
    for severity, heading in _HEADINGS.items():
        found = [change for change in listed if change.severity is severity]
        if found:
            yield from ["", f"{level} {heading}", *_subsections(found, f"{level}#")]


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


def counts(changes: Iterable[Change]) -> str:
    """Count changes by what they mean, in words."""
    counts = Counter(change.severity for change in changes)
    if not counts:
        return "nothing"
    words = {
        Severity.BREAKING: "breaking",
        Severity.ADDITIVE: "additive",
        Severity.NEUTRAL: "neutral",
    }
    return ", ".join(f"{counts[severity]} {word}" for severity, word in words.items())


def _subsections(changes: list[Change], level: str) -> Iterator[str]:
    for subject, heading in _SUBJECTS.items():
        for action in Action:
            found = [
                change for change in changes if (change.subject, change.action) == (subject, action)
            ]
            if found:
                yield from ["", f"{level} {heading} {action.value}", ""]
                yield from (f"- {_line(change)}" for change in found)


def _line(change: Change) -> str:
    mark = " *(experimental)*" if change.experimental else ""
    return f"{markdown.code(change.name)}{mark}: {told(change, markdown.code)}"


def told(change: Change, quoted: Callable[[str], str] = str) -> str:
    """Say in half a sentence what has become of something.

    Args:
        change: what happened to it.
        quoted: how names and types are written, which are foreign text.
    """
    match change.action:
        case Action.RENAMED:
            return f"probably {quoted(change.after)} now; {change.reason}"
        case Action.CHANGED if change.before or change.after:
            before, after = (quoted(each or "nothing") for each in (change.before, change.after))
            return f"{before} -> {after}; {change.reason}"
        case Action.ADDED if change.after:
            return f"{quoted(change.after)}; {change.reason}"
        case _:
            return change.reason
