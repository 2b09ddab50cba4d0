"""Errata: what the schema does not say, or says twice, settled by hand.

`errata.json` holds them, numbered, each with its reason and the versions of the runtime that it was
seen on. An erratum is a claim about these: where it does not apply to one of them, the run fails.
On any other version it is used where it applies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TypeAlias, cast

from packaging.version import Version

from codex_generator.diagnostics import InputError
from codex_generator.load import read_json
from codex_generator.lower.shapes import tag_of
from codex_generator.names import pascal_case
from codex_generator.schema import Schema
from codex_generator.version_ranges import VersionRanges

ERRATA: Final = Path(__file__).with_name("errata.json")


@dataclass(frozen=True)
class ResponseErratum:
    """Names the response of a method for which no rule finds one, or two find the same."""

    number: int
    method: str
    response: str
    seen: VersionRanges
    reason: str

    def __str__(self) -> str:
        """Say what the erratum settles."""
        return f"{self.method} is answered by {self.response}"


@dataclass(frozen=True)
class VariantNameErratum:
    """Names a variant whose tag gives the same name as another's."""

    number: int
    union: str
    tag: str
    name: str
    seen: VersionRanges
    reason: str

    def __str__(self) -> str:
        """Say what the erratum settles."""
        return f"{self.tag!r} of {self.union} is named {self.name}"


Erratum: TypeAlias = ResponseErratum | VariantNameErratum
_KINDS: Final[Mapping[str, type[Erratum]]] = {
    "response": ResponseErratum,
    "variant-name": VariantNameErratum,
}


def read_errata(file: Path = ERRATA) -> tuple[Erratum, ...]:
    """Read the errata.

    Raises:
        InputError: when an entry is incomplete, of no known kind, or out of order.
    """
    errata: list[Erratum] = []
    for index, entry in enumerate(_entries(file)):
        place = f"#/{index}"
        kind = _KINDS.get(str(entry.get("kind")))
        given = {key: value for key, value in entry.items() if key != "kind"}
        if kind is None or {field.name for field in fields(kind)} != set(given):
            raise InputError(file.name, place, "not an erratum of a known kind")
        if entry["number"] != index + 1:
            raise InputError(file.name, place, "numbers run from 1 without a gap")
        try:
            seen = VersionRanges.parse(str(entry["seen"]))
        except ValueError as error:
            raise InputError(file.name, f"{place}/seen", f"no versions: {error}") from error
        errata.append(kind(**{**given, "seen": seen}))  # type: ignore[arg-type]  # compared above
    return tuple(errata)


def extend_errata(
    newly: Iterable[Erratum], version: Version, since: Version, file: Path = ERRATA
) -> None:
    """Note down that some errata were seen on one version more.

    Args:
        newly: what applies to it, and was not known to.
        version: of the runtime.
        since: the version that was looked at before: see `VersionRanges.joined`.
        file: the errata, whose form is kept.
    """
    seen = {erratum.number: str(erratum.seen.joined(version, since)) for erratum in newly}
    entries = [
        {**entry, "seen": seen.get(int(entry["number"]), entry["seen"])} for entry in _entries(file)
    ]
    file.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def clashing_variants(
    errata: Iterable[Erratum], definitions: Mapping[str, Schema]
) -> tuple[VariantNameErratum, ...]:
    """Return the errata whose variant has no title, and would be named as another is."""
    return tuple(
        erratum
        for erratum in errata
        if isinstance(erratum, VariantNameErratum) and _clashes(erratum, definitions)
    )


def _entries(file: Path) -> list[dict[str, str | int]]:
    return cast("list[dict[str, str | int]]", read_json(file))


def _clashes(erratum: VariantNameErratum, definitions: Mapping[str, Schema]) -> bool:
    arms = definitions[erratum.union].arms if erratum.union in definitions else ()
    tag = tag_of(arms) if arms else None
    if tag is None:
        return False
    tags = [arm.properties[tag].constant or "" for arm in arms if not arm.title]
    same = [value for value in tags if pascal_case(value) == pascal_case(erratum.tag)]
    return erratum.tag in same and len(same) > 1
