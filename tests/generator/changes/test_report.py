"""The page on a new runtime, and its entry in the changelog."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from codex_generator.api.users import Finding, UserCheck
from codex_generator.changes.change import Action, Change, Severity, Subject
from codex_generator.changes.changelog import changelog_entry, with_entry, write_entry
from codex_generator.changes.pages import Comparison
from codex_generator.changes.report import CHANGES, Report, report, write_page
from codex_generator.cli import main
from codex_generator.diagnostics import InputError
from codex_generator.errata import ResponseErratum
from codex_generator.errata_status import ErrataStatus
from codex_generator.version_ranges import VersionRanges
from packaging.version import Version

ROOT = Path(__file__).parents[3]
BREAKING, ADDITIVE = Severity.BREAKING, Severity.ADDITIVE


def gone(name: str) -> Change:
    return Change(Subject.METHOD, Action.REMOVED, name, BREAKING, "nothing to call")


def new(name: str, subject: Subject = Subject.METHOD) -> Change:
    return Change(subject, Action.ADDED, name, ADDITIVE, "it can be called")


FACADE = Change(
    Subject.FUNCTION, Action.CHANGED, "openai_codex.Thread.feed", BREAKING, "it may be more",
    "Pet", "Pet | None",
)  # fmt: skip
PROTOCOL = Comparison(
    "1.0.0",
    "1.1.0",
    (gone("pet/adopt"), new("toy/throw"), new("pet/feed"), new("pet/wash")),
)
PACKAGES = Comparison("1.0.0", "1.1.0", (FACADE,), "our Python packages")
ERRATUM = ResponseErratum(3, "pet/feed", "Fed", VersionRanges.parse("1.0.0"), "No rule.")
STATUS = ErrataStatus(
    Version("1.1.0"), (), (), (ERRATUM,), (), {"pet/wash": ("PetWashed", "PetDried")}
)
USERS = UserCheck("v1.0.0", 12, (Finding("tests/user/program.py", 7, '"Pet | None" is <no> Pet'),))
FULL = Report(PROTOCOL, PACKAGES, USERS, STATUS)

PAGE = """\
# 1.1.0

What the Codex runtime 1.1.0 changes against 1.0.0, for programs that use these packages.

| | breaking | additive | neutral |
|---|---|---|---|
| [The protocol](#protocol) | 1 | 3 | 0 |
| [Our Python packages](#python) | 1 | 0 | 0 |

A change is *breaking* if a program that was written for the old version has to be looked at,
*additive* if the program goes on as before and could do more, and *neutral* if it goes on as
before. What is *experimental* concerns only programs that have opted in to it.

## What users have to change

Of 12 programs that were written for 1.0.0 (as of `v1.0.0`), the type checker refuses these lines:

- `tests/user/program.py:7`: "Pet &#124; None" is &#60;no&#62; Pet

## Protocol { #protocol }

### Breaking

#### Methods removed

- `pet/adopt`: nothing to call

### New

#### Methods added

- `toy/throw`: it can be called
- `pet/feed`: it can be called
- `pet/wash`: it can be called

## Our Python packages { #python }

### Breaking

#### Functions and methods changed

- `openai_codex.Thread.feed`: `Pet` -> <code>Pet &#124; None</code>; it may be more

## Errata

- Erratum 3 is no longer needed: pet/feed is answered by Fed.
- **`pet/wash` is without a response**; candidates: `PetWashed`, `PetDried`.
"""

ENTRY = """\
### The Codex runtime 1.1.0

[The page of 1.1.0](docs/changes/1.1.0.md) has all that it changes against 1.0.0: 1 breaking, 3
additive, 0 neutral changes of the protocol; 1 breaking, 0 additive, 0 neutral changes of our Python
packages. In short:

#### Breaking

- **Methods removed**: `pet/adopt`.
- **`openai_codex.Thread.feed` changed**: `Pet` -> <code>Pet &#124; None</code>; it may be more.
- **In our own programs of `v1.0.0`**: 1 line(s) had to be changed.

#### New

- **Methods added**: `pet/feed`, `pet/wash`; `toy/throw`."""

CHANGELOG = """\
# Changelog

## [Unreleased]

For the Codex runtime 1.0.0.

### Added

- A line of ours.

## [0.9.0]

For the Codex runtime 0.9.0.
"""


def test_a_page_tells_first_what_users_have_to_change() -> None:
    assert report(FULL) == PAGE


def test_what_nobody_has_looked_at_has_no_place_on_it() -> None:
    page = report(Report(replace(PROTOCOL, changes=())))
    headings = [line for line in page.splitlines() if line.startswith("##")]
    assert headings == ["## Protocol { #protocol }", "## Our Python packages { #python }"]
    assert "Nothing changed." in page
    assert "No packages were made for 1.0.0, so there is nothing to compare them with." in page


def test_programs_that_go_on_as_they_are_are_told_of_too() -> None:
    page = report(replace(FULL, users=UserCheck("v1.0.0", 12, ())))
    told = "12 programs that were written for 1.0.0 (as of `v1.0.0`) pass"
    assert f"Nothing, as far as types tell: {told}" in page


def test_errata_that_do_not_apply_stand_out() -> None:
    later = replace(ERRATUM, seen=VersionRanges.parse("1.1.0"))
    applied = (ERRATUM, later)
    status = replace(STATUS, applied=applied, no_longer=(), stale=(ERRATUM,), unanswered={})
    page = report(replace(FULL, errata=status))
    assert page.count("- Erratum 3 is needed now: pet/feed is answered by Fed.") == 1
    assert "- Erratum 3 is **stale: it was seen on this version, and does not apply**: " in page
    quiet = replace(STATUS, no_longer=(), unanswered={})
    page = report(replace(FULL, errata=quiet))
    assert "All apply as before, and no method is without a response." in page


def test_an_entry_has_what_breaks_first_and_methods_by_what_they_are_about() -> None:
    assert changelog_entry(FULL) == ENTRY


def test_an_entry_counts_what_is_too_much_to_read() -> None:
    methods = tuple(new(f"pet/{number}") for number in range(10))
    types = tuple(new(f"Pet{number}", Subject.TYPE) for number in range(3))
    entry = changelog_entry(Report(replace(PROTOCOL, changes=(*methods, *types))))
    assert "`pet/7` and 2 more." in " ".join(entry.split())
    assert "- **New, or wider, in the protocol's types**: 3 types." in entry
    assert "Pet0" not in entry


def test_an_entry_stands_above_what_people_have_written() -> None:
    changed = with_entry(CHANGELOG, "1.1.0", ENTRY)
    block = f"<!-- runtime 1.1.0 -->\n\n{ENTRY}\n\n<!-- end of runtime 1.1.0 -->\n\n"
    head = CHANGELOG.replace("runtime 1.0.0.", "runtime 1.1.0.")
    assert changed == head.replace("### Added", f"{block}### Added")


def test_a_second_run_replaces_its_own_entry_and_nothing_else() -> None:
    once = with_entry(CHANGELOG, "1.1.0", "### One\n\nOld words \\1.")
    edited = once.replace("- A line of ours.", "- A line of ours.\n- Another.")
    assert with_entry(edited, "1.1.0", ENTRY) == edited.replace("### One\n\nOld words \\1.", ENTRY)
    assert with_entry(once, "1.1.0", "### One\n\nOld words \\1.") == once


def test_the_newest_of_several_entries_is_first() -> None:
    twice = with_entry(with_entry(CHANGELOG, "1.1.0", "### One"), "1.2.0", "### Two")
    order = [twice.index(text) for text in ("runtime 1.2.0.", "### Two", "### One", "### Added")]
    assert order == sorted(order)
    assert twice.count("\n\n\n") == 0


def test_an_unreleased_section_may_be_empty_and_the_last() -> None:
    changed = with_entry("# Changelog\n\n## [Unreleased]\n", "1.1.0", "### One")
    assert changed.endswith("## [Unreleased]\n\n<!-- runtime 1.1.0 -->\n\n### One\n\n"
                            "<!-- end of runtime 1.1.0 -->\n")  # fmt: skip


def test_what_was_released_stays_as_it_is() -> None:
    entry = with_entry("## [Unreleased]\n", "1.1.0", "### One").partition("\n\n")[2]
    released = f"## [1.1.0]\n\nFor the Codex runtime 1.1.0.\n\n{entry}"
    changed = with_entry(f"## [Unreleased]\n\n{released}", "1.1.0", "### Two")
    assert changed.endswith(f"<!-- end of runtime 1.1.0 -->\n\n{released}")
    assert changed.count("### Two") == 1


def test_a_changelog_without_an_unreleased_section_is_refused() -> None:
    with pytest.raises(InputError, match="there is no such heading"):
        with_entry("# Changelog\n\n## [1.0.0]\n", "1.1.0", ENTRY)


def test_our_own_changelog_has_a_place_for_entries() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    changed = with_entry(text, "9.9.9", "### One")
    assert "For the Codex runtime 9.9.9.\n\n<!-- runtime 9.9.9 -->" in changed


def test_pages_are_named_by_the_version_that_they_are_about() -> None:
    pages = {page.stem: page for page in (ROOT / CHANGES).glob("[0-9]*.md")}
    assert pages
    headings = {
        name: page.read_text(encoding="utf-8").splitlines()[0] for name, page in pages.items()
    }
    assert headings == {name: f"# {name}" for name in pages}


def test_page_and_entry_are_written_to_their_places(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    page, changelog = write_page(tmp_path, FULL), write_entry(tmp_path, FULL)
    assert page == tmp_path / "docs/changes/1.1.0.md"
    assert page.read_text(encoding="utf-8") == PAGE
    assert ENTRY in changelog.read_text(encoding="utf-8")


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older, schema = older_than(tmp_path)
    assert main(["--root", str(tmp_path), "report", older, schema]) == 0
    page = tmp_path / capsys.readouterr().out.strip()
    assert "No packages were made for 0.1.0" in page.read_text(encoding="utf-8")


def older_than(root: Path) -> tuple[str, str]:
    """Give a tree this repository's schema; return a folder with an older one, and that folder."""
    for folder in ("older", "schema"):
        shutil.copytree(ROOT / "schema", root / folder)
    manifest = json.loads((root / "older/manifest.json").read_text(encoding="utf-8"))
    text = json.dumps({**manifest, "version": "0.1.0"})
    (root / "older/manifest.json").write_text(text, encoding="utf-8")
    return str(root / "older"), str(root / "schema")


def test_a_page_on_what_the_tree_is_not_made_for_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older, schema = older_than(tmp_path)
    manifest = Path(schema, "manifest.json")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    fixed = {**content, "version": f"{content['version']}.post1"}
    manifest.write_text(json.dumps(fixed), encoding="utf-8")
    for old, new in ((schema, older), (schema, schema), (older, older)):
        assert main(["--root", str(tmp_path), "report", old, new]) == 1
        assert capsys.readouterr().err.startswith("the page is on what 0.")
    assert not (tmp_path / CHANGES).exists()
    assert main(["--root", str(tmp_path), "report", older, schema]) == 0
