"""From JSON to the rendered types and back, and what is found on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any

import codex_app_server_types as types
from codex_app_server_types import OpenEnum, UnknownVariant, WireModel
from pydantic import TypeAdapter

from tests.types.protocol import Json, is_array, is_object

__all__ = ["decode", "encode", "encode_text", "exported", "parts", "same_json", "unknown_parts"]


def exported(name: str) -> Any:
    """Return what the package exports under a name."""
    return getattr(types, name)


@cache
def _adapter(name: str) -> TypeAdapter[object]:
    return TypeAdapter(exported(name))


def decode(name: str, raw: Json) -> object:
    """Decode a JSON value as a definition, the way that users do: a model by its own method."""
    target = exported(name)
    if isinstance(target, type) and issubclass(target, WireModel):
        return target.from_wire(raw)
    return _adapter(name).validate_python(raw)


def encode(name: str, value: object) -> Json:
    """Encode what `decode` returned, as JSON values."""
    if isinstance(value, WireModel):
        return value.to_wire()
    return _adapter(name).dump_python(value, mode="json", by_alias=True, exclude_unset=True)


def encode_text(name: str, value: object) -> Json:
    """Encode what `decode` returned as the text of JSON, and read that text."""
    if isinstance(value, WireModel):
        return json.loads(value.to_wire_json())
    return json.loads(_adapter(name).dump_json(value, by_alias=True, exclude_unset=True))


def same_json(one: Json, other: Json) -> bool:
    """Tell whether two values are the same JSON: 1 is 1.0, but is not true."""
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, Enum) or isinstance(other, Enum):
        return False  # a member is a string in Python; in JSON it is none until it is encoded
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def parts(value: object) -> Iterator[object]:
    """Go through a decoded value: itself, and all that it is made of."""
    yield value
    inner: list[object] = []
    if isinstance(value, WireModel):
        inner = [entry for _, entry in value]
    elif is_object(value):
        inner = list(value.values())
    elif is_array(value):
        inner = value
    for entry in inner:
        yield from parts(entry)


def unknown_parts(value: object) -> list[object]:
    """Return the parts of a decoded value that this version of the protocol does not know."""
    return [
        part
        for part in parts(value)
        if isinstance(part, UnknownVariant) or (isinstance(part, OpenEnum) and not part.is_known)
    ]
