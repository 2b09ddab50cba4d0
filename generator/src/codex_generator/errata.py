"""Errata: what the schema does not say, or says twice, settled by hand.

`errata.json` holds them, numbered, each with its reason. An erratum is a claim about the
schema, so each is also an assertion: one that no longer applies fails the run, and is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TypeAlias, cast

from codex_generator.diagnostics import Diagnostics, InputError, Kind
from codex_generator.load import read_json
from codex_generator.lower.shapes import tag_of
from codex_generator.names import pascal_case
from codex_generator.schema import Schema

ERRATA: Final = Path(__file__).with_name("errata.json")


@dataclass(frozen=True)
class ResponseErratum:
    """Names the response of a method that no rule can match."""

    number: int
    method: str
    response: str
    reason: str


@dataclass(frozen=True)
class VariantNameErratum:
    """Names a variant whose tag gives the same name as another's."""

    number: int
    union: str
    tag: str
    name: str
    reason: str


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
    entries = cast("list[dict[str, str | int]]", read_json(file))
    for index, entry in enumerate(entries):
        kind = _KINDS.get(str(entry.get("kind")))
        given = {key: value for key, value in entry.items() if key != "kind"}
        if kind is None or {field.name for field in fields(kind)} != set(given):
            raise InputError(file.name, f"#/{index}", "not an erratum of a known kind")
        if entry["number"] != index + 1:
            raise InputError(file.name, f"#/{index}", "numbers run from 1 without a gap")
        errata.append(kind(**given))  # type: ignore[arg-type]  # keys were compared above
    return tuple(errata)


def variant_names(
    errata: tuple[Erratum, ...], definitions: Mapping[str, Schema], diagnostics: Diagnostics
) -> dict[tuple[str, str], str]:
    """Return the names of variants that the errata settle, by union and tag.

    An entry applies as long as its variant exists, has no title, and would be named as another
    variant of its union is.
    """
    names: dict[tuple[str, str], str] = {}
    for erratum in errata:
        if not isinstance(erratum, VariantNameErratum):
            continue
        names[erratum.union, erratum.tag] = erratum.name
        if not _is_ambiguous(erratum, definitions):
            reason = f"no variant {erratum.tag!r} of {erratum.union} needs a name any more"
            diagnostics.add(Kind.STALE_ERRATUM, f"erratum {erratum.number}", reason)
    return names


def _is_ambiguous(erratum: VariantNameErratum, definitions: Mapping[str, Schema]) -> bool:
    arms = definitions[erratum.union].arms if erratum.union in definitions else ()
    tag = tag_of(arms) if arms else None
    if tag is None:
        return False
    tags = [arm.properties[tag].constant or "" for arm in arms if not arm.title]
    same = [value for value in tags if pascal_case(value) == pascal_case(erratum.tag)]
    return erratum.tag in same and len(same) > 1
