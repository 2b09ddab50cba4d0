"""The server's own description of the protocol: the oracle that the rendered types are held to.

Read straight from the bundles and with as little code as can be: nothing of the generator is used,
or a misreading of its would be repeated here and go unseen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

from jsonschema import Draft7Validator

__all__ = [
    "ALTERNATIVES",
    "DEFINITIONS",
    "STABLE",
    "Arm",
    "Json",
    "Schema",
    "allows",
    "alternatives",
    "is_array",
    "is_object",
    "kind",
    "named",
    "resolve",
    "snake",
    "tag",
]

Json: TypeAlias = Any
Schema: TypeAlias = dict[str, Any]


def is_array(value: Json) -> TypeGuard[list[Json]]:
    """Tell whether a value is a JSON array."""
    return isinstance(value, list)


def is_object(value: Json) -> TypeGuard[dict[str, Json]]:
    """Tell whether a value is a JSON object."""
    return isinstance(value, dict)


def _bundle(flavour: str) -> Schema:
    path = Path(__file__).parents[2] / "schema" / f"{flavour}.json"
    bundle: Schema = json.loads(path.read_text(encoding="utf-8"))
    return bundle


def _definitions(bundle: Schema) -> dict[str, Schema]:
    definitions: dict[str, Schema] = dict(bundle["definitions"])
    return {**definitions.pop("v2"), **definitions}


_VALIDATOR: Final[Any] = Draft7Validator(_bundle("experimental"))

DEFINITIONS: Final[Mapping[str, Schema]] = _definitions(_bundle("experimental"))
"""Everything that the runtime knows, by name."""

STABLE: Final[Mapping[str, Schema]] = _definitions(_bundle("stable"))
"""The part of it that needs no opt-in."""


@dataclass(frozen=True, eq=False)
class Arm:
    """One alternative of a definition, with what stands beside the alternatives merged in."""

    definition: str
    label: str
    """Its tag, its only key, or, where it has neither, its place."""

    schema: Schema

    @property
    def fields(self) -> dict[str, Json]:
        """Schemas of the properties, by wire name."""
        fields: dict[str, Json] = self.schema.get("properties", {})
        return fields

    @property
    def required(self) -> list[str]:
        """Wire names of the properties that are never missing."""
        required: list[str] = self.schema.get("required", [])
        return required

    def __str__(self) -> str:
        """Name it, for the tests that run for each; titles tell those of the same tag apart."""
        title = f"({self.schema['title']})" if "title" in self.schema else ""
        return f"{self.definition}-{self.label}{title}"


def allows(schema: Json, value: Json) -> bool:
    """Tell whether a part of the schema allows a value."""
    valid: bool = _VALIDATOR.evolve(schema=schema).is_valid(value)
    return valid


def resolve(schema: Schema) -> Schema:
    """Follow references, also those wrapped to carry a description."""
    while True:
        (schema,) = schema.get("allOf", [schema])
        if "$ref" not in schema:
            return schema
        schema = DEFINITIONS[schema["$ref"].rpartition("/")[2]]


def _schemas(schema: Schema) -> Iterator[Schema]:
    inner: list[Schema] | None = schema.get("oneOf") or schema.get("anyOf")
    if inner is None:
        yield schema
        return
    base = {key: value for key, value in schema.items() if key not in ("oneOf", "anyOf")}
    for alternative in inner:
        merged = alternative
        if "properties" in base:
            merged = {"type": "object", **base, **alternative}
            merged["properties"] = {**base["properties"], **alternative.get("properties", {})}
            merged["required"] = [*base.get("required", []), *alternative.get("required", [])]
        yield from _schemas(merged)


def tag(definition: Schema) -> str | None:
    """Return the property whose constant tells the alternatives of a union apart, if any does."""
    if "oneOf" not in definition:
        return None
    constants = [
        {name: field["enum"][0] for name, field in properties.items() if _is_constant(field)}
        for properties in (schema.get("properties", {}) for schema in _schemas(definition))
    ]
    common = set[str].intersection(*map(set, constants))
    if len(common) > 1:  # what is the same in all of them tells nothing apart
        common = {name for name in common if len({arm[name] for arm in constants}) > 1}
    assert len(common) <= 1, f"which of {common} is the tag?"
    return common.pop() if common else None


def _is_constant(field: Json) -> bool:
    return field is not True and len(field.get("enum", ())) == 1


def alternatives(schema: Schema, definition: str = "") -> tuple[Arm, ...]:
    """Return the alternatives of a schema; itself, if it is no union."""
    key = tag(schema)
    found: list[Arm] = []
    for place, arm in enumerate(_schemas(schema)):
        required = arm.get("required", [])
        if key is not None:
            label = arm["properties"][key]["enum"][0]
        elif len(required) == 1 and arm.get("additionalProperties") is False:
            label = required[0]
        else:
            label = str(place)
        found.append(Arm(definition, label, arm))
    return tuple(found)


@cache
def named(name: str) -> tuple[Arm, ...]:
    """Return the alternatives of a definition.

    Left out is one that takes whatever the others do not: it stands for a newer server.
    """
    arms = alternatives(DEFINITIONS[name], name)
    return tuple(arm for arm in arms if arm.schema != {"type": ["string", "object"]})


def kind(name: str) -> str:
    """Return what a definition is: `object`, `enum`, `tagged` or other `union`, or `scalar`."""
    if all("enum" in arm.schema for arm in named(name)):
        return "enum"
    if tag(DEFINITIONS[name]) is not None:
        return "tagged"
    if len(named(name)) > 1:
        return "union"
    return "object" if DEFINITIONS[name].get("type") == "object" else "scalar"


def snake(name: str) -> str:
    """Return the Python name of a property: `threadId` -> `thread_id`."""
    return re.sub("([A-Z])", r"_\1", name).lower()


ALTERNATIVES: Final = [arm for name in sorted(DEFINITIONS) for arm in named(name)]
"""Those of all definitions."""
