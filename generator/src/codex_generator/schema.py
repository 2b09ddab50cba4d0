"""The schema as typed values.

JSON comes in untyped; this is the one module that looks at raw keywords. Everything after it
sees a `Schema`. A keyword that is not in `SUPPORTED` is a diagnostic: it may change the meaning
of what it stands beside, so it is never ignored silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from codex_generator.diagnostics import Diagnostics, Kind

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

SUPPORTED: Final = frozenset(
    {
        "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "default", "description",
        "enum", "format", "items", "minLength", "minimum", "oneOf", "properties", "required",
        "title", "type", "writeOnly",
    }
)  # fmt: skip
"""Keywords with a rule. `format`, `minimum`, `minLength`, and `enum` of integers are known and
deliberately not enforced: a newer server may widen them, and nothing that it sends may raise.
`writeOnly` says only who sends a property."""


@dataclass(frozen=True)
class Absent:
    """Marks a schema without a `default`; `null` is a default like any other."""


ABSENT: Final = Absent()


@dataclass(frozen=True)
class Schema:
    """One schema object, with every keyword that the generator has a rule for."""

    place: str
    """JSON pointer, for messages."""
    types: tuple[str, ...] = ()
    ref: str | None = None
    """Name of the definition that `$ref` points to."""
    values: tuple[str, ...] = ()
    """Values of `enum`, where they are strings."""
    properties: Mapping[str, Schema] = field(default_factory=dict[str, "Schema"])
    required: frozenset[str] = frozenset()
    arms: tuple[Schema, ...] = ()
    """Members of `oneOf` or `anyOf`."""
    all_of: tuple[Schema, ...] = ()
    items: Schema | None = None
    additional: Schema | bool | None = None
    default: Json | Absent = ABSENT
    title: str = ""
    description: str = ""

    @property
    def is_anything(self) -> bool:
        """Tell whether any JSON fits: the schema `true`, or one with no constraint."""
        return not (
            self.types or self.ref or self.values or self.properties or self.arms or self.all_of
        )

    @property
    def is_null(self) -> bool:
        """Tell whether only `null` fits."""
        return self.types == ("null",)

    @property
    def constant(self) -> str | None:
        """Return the only value of a single-valued enum."""
        return self.values[0] if len(self.values) == 1 else None


def definition_name(reference: str) -> str:
    """Return the name that a `$ref` points to, without its namespace.

    The bundle keeps most definitions below `v2`; names are unique over both levels, which
    `load` checks.
    """
    return reference.rsplit("/", 1)[-1]


def parse(raw: Json, place: str, diagnostics: Diagnostics) -> Schema:
    """Read one raw schema, recursively.

    Args:
        raw: the schema: an object or a boolean.
        place: JSON pointer of it.
        diagnostics: takes keywords and values without a rule.
    """
    if not isinstance(raw, Mapping):
        if raw is not True:
            diagnostics.add(Kind.UNSUPPORTED_SHAPE, place, f"a schema that is {raw!r}")
        return Schema(place)
    for keyword in sorted(set(raw) - SUPPORTED):
        diagnostics.add(Kind.UNSUPPORTED_KEYWORD, place, f"no rule for {keyword!r}")
    if "oneOf" in raw and "anyOf" in raw:
        diagnostics.add(Kind.UNSUPPORTED_SHAPE, place, "oneOf beside anyOf")

    def children(keyword: str) -> tuple[Schema, ...]:
        return tuple(
            parse(child, f"{place}/{keyword}/{index}", diagnostics)
            for index, child in enumerate(cast("Sequence[Json]", raw.get(keyword, ())))
        )

    reference = cast("str | None", raw.get("$ref"))
    properties = cast("Mapping[str, Json]", raw.get("properties", {}))
    return Schema(
        place=place,
        types=_types(raw.get("type", ())),
        ref=None if reference is None else definition_name(reference),
        values=_values(raw, place, diagnostics),
        properties={
            name: parse(child, f"{place}/properties/{name}", diagnostics)
            for name, child in sorted(properties.items())
        },
        required=frozenset(cast("Sequence[str]", raw.get("required", ()))),
        arms=children("oneOf") + children("anyOf"),
        all_of=children("allOf"),
        items=_items(raw, place, diagnostics),
        additional=_additional(raw, place, diagnostics),
        default=raw.get("default", ABSENT),
        title=cast("str", raw.get("title", "")),
        description=cast("str", raw.get("description", "")),
    )


def _types(raw: Json) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(cast("Sequence[str]", raw))


def _values(raw: Mapping[str, Json], place: str, diagnostics: Diagnostics) -> tuple[str, ...]:
    values = cast("Sequence[Json]", raw.get("enum", ()))
    if "enum" in raw and not values:
        diagnostics.add(Kind.UNSUPPORTED_SHAPE, place, "an enum without values")
    if raw.get("type") == "integer" and all(type(value) is int for value in values):
        return ()
    for value in values:
        if not isinstance(value, str):
            diagnostics.add(Kind.UNSUPPORTED_SHAPE, place, f"an enum value that is {value!r}")
    return tuple(value for value in values if isinstance(value, str))


def _items(raw: Mapping[str, Json], place: str, diagnostics: Diagnostics) -> Schema | None:
    if "items" not in raw:
        return None
    if isinstance(raw["items"], Sequence):
        diagnostics.add(Kind.UNSUPPORTED_SHAPE, place, "items that are a tuple")
        return None
    return parse(raw["items"], f"{place}/items", diagnostics)


def _additional(
    raw: Mapping[str, Json], place: str, diagnostics: Diagnostics
) -> Schema | bool | None:
    additional = raw.get("additionalProperties")
    if additional is None or isinstance(additional, bool):
        return additional
    return parse(additional, f"{place}/additionalProperties", diagnostics)
