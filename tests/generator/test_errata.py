"""Errata: what they settle, on which versions, and what is told of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from codex_generator.cli import main
from codex_generator.diagnostics import Diagnostics, DiagnosticsError, InputError
from codex_generator.errata import (
    ERRATA,
    Erratum,
    ResponseErratum,
    VariantNameErratum,
    clashing_variants,
    extend_errata,
    read_errata,
)
from codex_generator.errata_status import ErrataStatus, check_errata, errata_status
from codex_generator.load import Bundle, read_version
from codex_generator.schema import Json, parse
from codex_generator.tree import SCHEMA, produce
from codex_generator.version_ranges import VersionRanges
from packaging.version import Version

from tests.generator.schemas import STRING, constant, envelope, struct, write_schema

REPOSITORY = Path(__file__).parents[2]
NULL: Json = {"type": "null"}
SEEN = VersionRanges.parse("1.2.0 - 1.4.0")
SLASH = VariantNameErratum(1, "Form", "openai/form", "SlashForm", SEEN, "Two tags, one name.")
STATUS = ResponseErratum(1, "session/status", "StatusOfSession", SEEN, "Named by hand.")

APPLIES: dict[str, Json] = {
    "ClientRequest": envelope({"session/status": NULL}, required=False),
    "StatusOfSession": struct(),
}
"""A protocol that `STATUS` settles."""


def form(*tags: str) -> Json:
    """Make a union with a variant for each tag."""
    return {"oneOf": [struct({"mode": constant(tag)}) for tag in tags]}


def bundle(definitions: dict[str, Json]) -> Bundle:
    """Parse a protocol."""
    diagnostics = Diagnostics()
    return Bundle({name: parse(raw, f"#/{name}", diagnostics) for name, raw in definitions.items()})


def look(
    definitions: dict[str, Json], version: str, errata: tuple[Erratum, ...] = (STATUS,)
) -> ErrataStatus:
    """Look at errata against a protocol."""
    return errata_status(bundle(definitions), version, errata)


@pytest.mark.parametrize("version", ["1.2.0", "1.3.7", "1.4.0", "1.4.0.post1"])
def test_an_erratum_that_applies_where_it_was_seen_is_all_there_is_to_say(version: str) -> None:
    status = look(APPLIES, version)
    assert status.applied == (STATUS,)
    assert (status.newly, status.no_longer, status.stale, status.unanswered) == ((), (), (), {})


@pytest.mark.parametrize("version", ["1.1.9", "1.4.1", "1.5.0a1"])
def test_an_erratum_that_applies_elsewhere_is_used_and_told_of(version: str) -> None:
    status = look(APPLIES, version)
    assert (status.applied, status.newly) == ((STATUS,), (STATUS,))


def test_an_erratum_that_does_not_apply_where_it_was_seen_is_stale() -> None:
    status = look({}, "1.3.0")
    assert (status.applied, status.stale, status.no_longer) == ((), (STATUS,), ())
    diagnostics = Diagnostics()
    check_errata(status, diagnostics)
    assert [str(found) for found in diagnostics.sorted()] == [
        "erratum 1: stale-erratum: was seen on 1.2.0 - 1.4.0, and does not apply to 1.3.0: "
        "session/status is answered by StatusOfSession"
    ]


def test_an_erratum_that_a_rule_makes_needless_does_not_apply() -> None:
    assert look({**APPLIES, "SessionStatusResponse": struct()}, "1.3.0").stale == (STATUS,)


def test_an_erratum_whose_response_is_gone_does_not_apply() -> None:
    status = look({"ClientRequest": APPLIES["ClientRequest"]}, "1.5.0")
    assert (status.no_longer, status.unanswered) == ((STATUS,), {"session/status": ()})


def test_an_erratum_that_applied_once_no_longer_applies_to_what_is_newer() -> None:
    status = look({}, "1.5.0")
    assert (status.no_longer, status.stale) == ((STATUS,), ())
    assert status.ended_since("1.4.0") == (STATUS,)
    assert status.ended_since("1.4.1") == ()


def test_an_erratum_of_later_days_is_nothing_to_tell_of() -> None:
    status = look({}, "1.1.0")
    assert (status.applied, status.no_longer, status.stale) == ((), (), ())


def test_a_method_without_a_response_is_told_of_with_its_candidates() -> None:
    definitions = {**APPLIES, "OtherResponse": struct(), "SessionStatusReadResponse": struct()}
    assert look(definitions, "1.5.0", ()).unanswered == {
        "session/status": ("SessionStatusReadResponse", "OtherResponse")
    }


def test_an_erratum_names_a_variant_whose_name_would_be_anothers() -> None:
    definitions = bundle({"Form": form("openai/form", "openaiForm")}).definitions
    assert clashing_variants((SLASH,), definitions) == (SLASH,)


@pytest.mark.parametrize("tags", [("openai/form",), ("openaiForm",), ("openai/form", "url")])
def test_an_erratum_about_a_name_that_is_clear_does_not_apply(tags: tuple[str, ...]) -> None:
    definitions = {"Form": form(*tags)}
    assert clashing_variants((SLASH,), bundle(definitions).definitions) == ()
    assert look(definitions, "1.3.0", (SLASH,)).stale == (SLASH,)


def test_an_erratum_about_a_union_that_is_gone_does_not_apply() -> None:
    assert clashing_variants((SLASH,), {}) == ()


ENTRY = (
    '{"number": 1, "kind": "response", "method": "a", "response": "B", "seen": "1.0.0", '
    '"reason": "?"}'
)


@pytest.mark.parametrize(
    "entry",
    [
        '{"number": 1, "kind": "guess", "reason": "?"}',
        ENTRY.replace('"response": "B", ', ""),
        ENTRY.replace('"number": 1', '"number": 2'),
        ENTRY.replace("1.0.0", "1.2.0 - 1.0.0"),
        ENTRY.replace("1.0.0", "latest"),
    ],
)
def test_errata_that_are_incomplete_or_misnumbered_are_refused(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "errata.json"
    file.write_text(f"[{entry}]", encoding="utf-8")
    with pytest.raises(InputError):
        read_errata(file)


def test_every_erratum_gives_its_reason() -> None:
    assert all(entry.reason.endswith(".") for entry in read_errata())


def test_what_an_erratum_was_seen_on_grows_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "errata.json"
    file.write_bytes(ERRATA.read_bytes())
    first, *others = read_errata(file)
    extend_errata([first], Version("9.9.0"), since=first.seen.last, file=file)
    assert read_errata(file)[1:] == tuple(others)
    grown = first.seen.joined(Version("9.9.0"), since=first.seen.last)
    old = ERRATA.read_text(encoding="utf-8")
    new = old.replace(f'"seen": "{first.seen}"', f'"seen": "{grown}"', 1)
    assert file.read_text(encoding="utf-8") == new


@pytest.mark.parametrize(
    ("seen", "version", "since", "expected"),
    [
        ("1.0.0 - 1.4.0", "1.6.0", "1.4.0", "1.0.0 - 1.6.0"),
        ("1.0.0 - 1.4.0", "1.6.0", "1.2.0", "1.0.0 - 1.6.0"),
        ("1.4.0", "1.6.0", "1.4.0", "1.4.0 - 1.6.0"),
        ("1.0.0 - 1.4.0", "1.6.0", "1.5.0", "1.0.0 - 1.4.0, 1.6.0"),
        ("1.0.0, 1.4.0", "1.2.0", "1.1.0", "1.0.0, 1.2.0, 1.4.0"),
    ],
)
def test_a_version_joins_the_range_that_goes_on_to_it(
    seen: str, version: str, since: str, expected: str
) -> None:
    ranges = VersionRanges.parse(seen).joined(Version(version), Version(since))
    assert str(ranges) == expected
    assert VersionRanges.parse(expected) == ranges


def test_a_stale_erratum_ends_the_run_on_a_version_that_it_was_seen_on_alone(
    tmp_path: Path,
) -> None:
    write_schema(tmp_path, {})
    version = read_version(tmp_path / SCHEMA)
    file = tmp_path / "errata.json"
    file.write_text(f"[{ENTRY}]", encoding="utf-8")
    assert produce(tmp_path, file)
    file.write_text(f"[{ENTRY.replace('1.0.0', version)}]", encoding="utf-8")
    with pytest.raises(DiagnosticsError, match=f"erratum 1: stale-erratum: was seen on {version}"):
        produce(tmp_path, file)


@pytest.mark.parametrize(
    ("definitions", "version", "line", "is_as_stated"),
    [
        (APPLIES, "1.3.0", "1.3.0: apply: 1", True),
        (APPLIES, "1.5.0.post1", "1.5.0: apply: 1; newly: 1", False),
        ({}, "1.3.0", "1.3.0: stale: 1", False),
        ({}, "1.5.0", "1.5.0: no longer: 1", True),
        ({}, "1.0.0", "1.0.0: no erratum applies", True),
        (
            {**APPLIES, "StatusOfSession": STRING, "ClientRequest": envelope({"run": NULL})},
            "1.0.0",
            "1.0.0: run has no response, every response answers another method already",
            False,
        ),
    ],
)
def test_what_a_version_makes_of_the_errata_is_said_in_a_line(
    definitions: dict[str, Json], version: str, line: str, is_as_stated: bool
) -> None:
    status = look(definitions, version)
    assert (str(status), status.is_as_stated) == (line, is_as_stated)


def test_the_command_line_looks_at_the_tree_and_at_runtimes_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["errata"]) == 0
    of_the_tree = capsys.readouterr().out
    for version in ("99.0.0", read_version(REPOSITORY / SCHEMA)):
        shutil.copytree(REPOSITORY / SCHEMA, tmp_path / version)
    assert main(["errata", str(tmp_path)]) == 1
    first, last = capsys.readouterr().out.splitlines(keepends=True)
    assert first == of_the_tree
    assert last.startswith("99.0.0: apply: ")
    assert "; newly: " in last
