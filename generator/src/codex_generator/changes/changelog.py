"""Changelog: the entry of a new runtime in `CHANGELOG.md`, and its place there.

The entry stands between two comments that name its version, so that a second run replaces it, and
never what people have written around it.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from codex_generator import markdown
from codex_generator.changes.change import Action, Change, Severity, Subject
from codex_generator.changes.pages import Comparison, counts, told
from codex_generator.changes.report import Report
from codex_generator.diagnostics import InputError
from codex_generator.domains import family_of

__all__ = ["CHANGELOG", "changelog_entry", "with_entry", "write_entry"]

CHANGELOG: Final = "CHANGELOG.md"

_UNRELEASED: Final = "## [Unreleased]"
_MADE_FOR: Final = re.compile(r"^For the Codex runtime \S+\.$", re.MULTILINE)
_SECTION: Final = re.compile(r"^## ", re.MULTILINE)
_PART: Final = re.compile(r"^(### |<!-- runtime )", re.MULTILINE)

_CALLS: Final = (Subject.METHOD, Subject.NOTIFICATION, Subject.SERVER_REQUEST)
"""What the protocol is made of, for whoever reads in a hurry; the rest is counted."""

_FACADE: Final = "openai_codex."
"""What most programs use. The other packages change as the protocol does, name by name."""

_NAMES: Final = 8
"""Names of one kind, or of one family, that are listed before the others are counted."""

_WIDTH: Final = 100


def changelog_entry(found: Report) -> str:
    """Write the entry: what breaks, what is new, how much there is, and where all of it stands."""
    protocol, packages = found.protocol, found.packages
    old, new = (markdown.inline(each) for each in (protocol.old, protocol.new))
    page = f"[The page of {new}](docs/changes/{protocol.new}.md)"
    amount = f"{counts(protocol.changes)} changes of the protocol"
    if packages is not None:
        amount += f"; {counts(packages.changes)} changes of our Python packages"
    head = _filled(f"{page} has all that it changes against {old}: {amount}. In short:")
    parts = [f"### The Codex runtime {new}", head]
    for heading, items in (("Breaking", _breaking(found)), ("New", _new(found))):
        if lines := list(items):
            parts += [f"#### {heading}", "\n".join(lines)]
    return "\n\n".join(parts)


def write_entry(root: Path, found: Report) -> Path:
    """Write the entry to its place in a tree's changelog: see `with_entry`.

    Returns:
        The changelog.

    Raises:
        InputError: It has no place for it.
    """
    file = root / CHANGELOG
    text = file.read_text(encoding="utf-8")
    file.write_text(with_entry(text, found.protocol.new, changelog_entry(found)), encoding="utf-8")
    return file


def with_entry(changelog: str, version: str, entry: str) -> str:
    """Put an entry into the changelog's unreleased section, in the place of its former self.

    Args:
        changelog: the file as it is.
        version: of the runtime that the entry is about, which the section is made for from now on.
        entry: what it says.

    Raises:
        InputError: There is no unreleased section.
    """
    begin, end = f"<!-- runtime {version} -->", f"<!-- end of runtime {version} -->"
    block = f"{begin}\n\n{entry}\n\n{end}\n"
    start = changelog.find(f"{_UNRELEASED}\n")
    if start < 0:
        raise InputError(CHANGELOG, _UNRELEASED, "there is no such heading to write below")
    start += len(_UNRELEASED)
    following = _SECTION.search(changelog, start)
    stop = following.start() if following else len(changelog)
    section = _MADE_FOR.sub(f"For the Codex runtime {version}.", changelog[start:stop], count=1)
    former = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}\n", re.DOTALL)
    if former.search(section):
        section = former.sub(lambda _: block, section, count=1)
    else:
        part = _PART.search(section)
        place = part.start() if part else len(section)
        section = f"{section[:place].rstrip()}\n\n{block}\n{section[place:]}"
    return f"{changelog[:start]}{section}{changelog[stop:]}".rstrip() + "\n"


def _breaking(found: Report) -> Iterator[str]:
    """Yield an item for each kind of thing that breaks programs."""
    changes = _of(found.protocol, Severity.BREAKING)
    yield from _by_subject(changes, _CALLS)
    yield from _facade(found.packages, Severity.BREAKING)
    yield from _by_subject(changes, [each for each in Subject if each not in _CALLS])
    if found.users is not None and found.users.findings:
        lines = f"{found.users.lines} line(s) had to be changed"
        yield _item(f"In our own programs of {markdown.code(found.users.since)}", lines)


def _new(found: Report) -> Iterator[str]:
    """Yield an item for each kind of call, for the facade, and one for all of the rest."""
    changes = _of(found.protocol, Severity.ADDITIVE)
    yield from _by_subject(changes, _CALLS)
    yield from _facade(found.packages, Severity.ADDITIVE)
    rest = Counter(each.subject.value for each in changes if each.subject not in _CALLS)
    if rest:
        amounts = (f"{number} {kind}{'s' * (number > 1)}" for kind, number in rest.items())
        yield _item("New, or wider, in the protocol's types", ", ".join(amounts))


def _by_subject(changes: Sequence[Change], subjects: Iterable[Subject]) -> Iterator[str]:
    for subject in subjects:
        for action in Action:
            found = [each for each in changes if (each.subject, each.action) == (subject, action)]
            if found:
                what = f"{subject.value.capitalize()}s {action.value}"
                yield _item(what, _by_family(found) if subject in _CALLS else _listed(found))


def _facade(packages: Comparison | None, severity: Severity) -> Iterator[str]:
    found = [each for each in _of(packages, severity) if each.name.startswith(_FACADE)]
    for change in found[:_NAMES]:
        name = markdown.code(change.name)
        yield _item(f"{name} {change.action.value}", told(change, markdown.code))
    if len(found) > _NAMES:
        yield _item("And of the facade", f"{len(found) - _NAMES} changes more")


def _of(comparison: Comparison | None, severity: Severity) -> Sequence[Change]:
    changes = comparison.changes if comparison is not None else ()
    return [change for change in changes if change.severity is severity]


def _by_family(changes: Sequence[Change]) -> str:
    """List names, those together that are about the same."""
    families: dict[str, list[Change]] = {}
    for change in changes:
        families.setdefault(family_of(change.name), []).append(change)
    return "; ".join(_listed(families[family]) for family in sorted(families))


def _listed(changes: Sequence[Change]) -> str:
    more = f" and {len(changes) - _NAMES} more" if len(changes) > _NAMES else ""
    return ", ".join(map(_named, changes[:_NAMES])) + more


def _named(change: Change) -> str:
    after = f", now {markdown.code(change.after)}" if change.action is Action.RENAMED else ""
    mark = " *(experimental)*" if change.experimental else ""
    return f"{markdown.code(change.name)}{after}{mark}"


def _item(what: str, told_of_it: str) -> str:
    return _filled(f"- **{what}**: {told_of_it}.", "  ")


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
