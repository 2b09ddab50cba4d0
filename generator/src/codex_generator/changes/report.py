"""Report: the page `docs/changes/VERSION.md`, on what a new runtime brings and breaks.

It is for two readers: those who use the packages read down to the errata, and maintainers go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator import markdown
from codex_generator.api.users import UserCheck
from codex_generator.changes.change import Severity
from codex_generator.changes.pages import Comparison, counts, sections
from codex_generator.errata import Erratum
from codex_generator.errata_status import ErrataStatus

__all__ = ["CHANGES", "Report", "report", "write_page"]

CHANGES: Final = Path("docs", "changes")
"""Where the pages are, from the root of the repository; the site finds them there by itself."""

_MEANINGS = """\
A change is *breaking* if a program that was written for the old version has to be looked at,
*additive* if the program goes on as before and could do more, and *neutral* if it goes on as
before. What is *experimental* concerns only programs that have opted in to it."""


@dataclass(frozen=True)
class Report:
    """What is known of a new runtime.

    Attributes:
        protocol: what differs between its protocol and that of the runtime before.
        packages: what differs between our packages as made for both; `None` if there were none.
        users: how programs fare that were written for the last release; `None` if none were.
        errata: what becomes of them; `None` if nobody has looked.
    """

    protocol: Comparison
    packages: Comparison | None = None
    users: UserCheck | None = None
    errata: ErrataStatus | None = None

    @property
    def summary(self) -> str:
        """All of it in a line."""
        told = [f"the protocol: {counts(self.protocol.changes)}"]
        if self.packages is not None:
            told.append(f"the packages: {counts(self.packages.changes)}")
        if self.users is not None:
            told.append(f"{self.users.lines} line(s) of users' programs to change")
        return "; ".join(told)


def report(found: Report) -> str:
    """Write the page."""
    lines = [
        *_head(found),
        *_users(found.users, found.protocol.old),
        *_protocol(found.protocol),
        *_packages(found),
        *_errata(found.errata, found.protocol.old),
    ]
    return "\n".join(lines) + "\n"


def write_page(root: Path, found: Report) -> Path:
    """Write the page to its place in a tree, over what was there of the same version.

    Returns:
        The page.
    """
    page = root / CHANGES / f"{found.protocol.new}.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(report(found), encoding="utf-8")
    return page


def _head(found: Report) -> Iterator[str]:
    old, new = (markdown.inline(each) for each in (found.protocol.old, found.protocol.new))
    yield f"# {new}"
    yield ""
    yield (
        f"What the Codex runtime {new} changes against {old}, for programs that use these packages."
    )
    yield from ["", "| | breaking | additive | neutral |", "|---|---|---|---|"]
    yield _row("[The protocol](#protocol)", found.protocol)
    if found.packages is not None:
        yield _row("[Our Python packages](#python)", found.packages)
    yield from ["", *_MEANINGS.splitlines()]


def _row(name: str, comparison: Comparison) -> str:
    amounts = Counter(change.severity for change in comparison.changes)
    columns = (Severity.BREAKING, Severity.ADDITIVE, Severity.NEUTRAL)
    return f"| {name} | {' | '.join(str(amounts[each]) for each in columns)} |"


def _users(check: UserCheck | None, old: str) -> Iterator[str]:
    if check is None:
        return
    yield from ["", "## What users have to change", ""]
    since = f"{markdown.inline(old)} (as of {markdown.code(check.since)})"
    if not check.findings:
        yield (
            f"Nothing, as far as types tell: {check.programs} programs that were written for "
            f"{since} pass the type checker as they are."
        )
        return
    yield (
        f"Of {check.programs} programs that were written for {since}, the type checker refuses "
        "these lines:"
    )
    yield ""
    for each in check.findings:
        place = markdown.code(f"{each.file}:{each.line}")
        yield f"- {place}: {markdown.inline(each.message)}"


def _protocol(comparison: Comparison) -> Iterator[str]:
    yield from ["", "## Protocol { #protocol }"]
    yield from _listed(comparison)


def _packages(found: Report) -> Iterator[str]:
    yield from ["", "## Our Python packages { #python }"]
    if found.packages is None:
        old = markdown.inline(found.protocol.old)
        yield from [
            "",
            f"No packages were made for {old}, so there is nothing to compare them with.",
        ]
        return
    yield from _listed(found.packages)


def _listed(comparison: Comparison) -> Iterator[str]:
    if comparison.changes:
        yield from sections(comparison.changes, "###")
    else:
        yield from ["", "Nothing changed."]


def _errata(status: ErrataStatus | None, old: str) -> Iterator[str]:
    if status is None:
        return
    yield from ["", "## Errata", ""]
    told = [
        *_told("no longer needed", status.ended_since(old)),
        *_told("needed now", status.begun_since(old)),
        *_told("**stale: it was seen on this version, and does not apply**", status.stale),
        *(_unanswered(*each) for each in sorted(status.unanswered.items())),
    ]
    yield from told or ["All apply as before, and no method is without a response."]


def _told(what: str, errata: Iterable[Erratum]) -> Iterator[str]:
    for erratum in errata:
        yield f"- Erratum {erratum.number} is {what}: {markdown.inline(str(erratum))}."


def _unanswered(method: str, candidates: Iterable[str]) -> str:
    choice = ", ".join(map(markdown.code, candidates)) or "none that is left over"
    return f"- **{markdown.code(method)} is without a response**; candidates: {choice}."
