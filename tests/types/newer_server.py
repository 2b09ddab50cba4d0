"""What a newer server would send: places in an instance where the protocol may grow."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from tests.types.protocol import (
    Arm,
    Json,
    Schema,
    allows,
    alternatives,
    is_array,
    is_object,
    resolve,
    tag,
)

__all__ = ["NEWS", "PAYLOAD", "Growth", "Place", "changed", "places", "with_unknown_fields"]

NEWS: Final = "ofANewerServer"
"""A name that no version of the protocol has: of a field, an enum's value or a variant."""

PAYLOAD: Final[Json] = {"nested": [{"deeper": None, "count": 1}, "text", True], "": 0.5}
"""What comes with it."""


class Growth(Enum):
    """What of a newer server may be unknown at a place."""

    FIELD = "an object may have more fields"
    VALUE = "an enum may have more values"
    TAG = "a tagged union may have more variants"
    KEY = "a union of objects with one key may have more of them"


@dataclass(frozen=True)
class Place:
    """A place in an instance, and what may be unknown there."""

    path: tuple[str | int, ...]
    growth: Growth


def places(schema: Json, value: Json, path: tuple[str | int, ...] = ()) -> Iterator[Place]:
    """Find the places where an instance of a schema may have something unknown."""
    if schema is True:
        return
    schema = resolve(schema)
    arm = _fitting(schema, value)
    if "$ref" in arm.schema or "allOf" in arm.schema:
        yield from places(arm.schema, value, path)
    elif isinstance(value, str) and "enum" in arm.schema:
        yield Place(path, Growth.VALUE)
    elif is_array(value):
        for index, entry in enumerate(value):
            yield from places(arm.schema.get("items", True), entry, (*path, index))
    elif is_object(value):
        yield from _places_in_object(schema, arm, value, path)


def _places_in_object(
    union: Schema, arm: Arm, value: dict[str, Json], path: tuple[str | int, ...]
) -> Iterator[Place]:
    key = tag(union)
    more = arm.schema.get("additionalProperties", True)
    if key is not None:
        yield Place((*path, key), Growth.TAG)
    elif arm.label in arm.fields and arm.schema is not union:
        yield Place(path, Growth.KEY)
    if isinstance(more, bool):
        yield Place(path, Growth.FIELD)
    for name, entry in value.items():
        if name != key:
            yield from places(arm.fields.get(name, more), entry, (*path, name))


def _fitting(schema: Schema, value: Json) -> Arm:
    arms = alternatives(schema)
    if len(arms) == 1:
        return arms[0]
    return next(arm for arm in arms if allows(arm.schema, value))


def with_unknown_fields(schema: Schema, value: Json) -> Json:
    """Give every object in an instance a field that this version does not know."""
    grown = deepcopy(value)
    for place in places(schema, value):
        if place.growth is Growth.FIELD:
            _at(grown, place.path)[NEWS] = PAYLOAD
    return grown


def changed(value: Json, place: Place) -> Json:
    """Return an instance with something unknown at one place."""
    if place.growth is Growth.KEY:
        return _with(value, place.path, {NEWS: PAYLOAD})
    return _with(value, place.path, NEWS)


def _with(value: Json, path: tuple[str | int, ...], news: Json) -> Json:
    if not path:
        return news
    copy = deepcopy(value)
    _at(copy, path[:-1])[path[-1]] = news
    return copy


def _at(value: Json, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value
