"""Shapes: which family a schema belongs to.

The bundle is printed from Rust types, so a handful of shapes is all that occurs:

- *object*: a struct;
- *enum*: unit variants, as one `enum` or as a `oneOf` of documented single values;
- *tagged*: variants told apart by a constant property (`type`, `method`, `mode`, ...);
- *keyed*: variants told apart by their only key, often beside plain strings;
- *shaped*: variants told apart by nothing but their structure;
- *expression*: everything that needs no class: scalars, lists, maps, nullable wrappers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from codex_generator.schema import Schema

_USUAL_TAGS = ("type", "method", "mode", "kind")


class Shape(Enum):
    """The families of shapes; see the module's docstring."""

    OBJECT = auto()
    ENUM = auto()
    TAGGED = auto()
    KEYED = auto()
    SHAPED = auto()
    EXPRESSION = auto()


def shape_of(schema: Schema, definitions: Mapping[str, Schema]) -> Shape:
    """Return the family of a schema.

    Args:
        schema: of a definition, or found inside of one.
        definitions: to follow references with.
    """
    if not schema.arms:
        return _shape_of_single(schema)
    arms = schema.arms
    if all(arm.values for arm in arms):
        return Shape.ENUM
    if tag_of(arms) is not None:
        return Shape.TAGGED
    if any(map(is_keyed, arms)) and all(
        arm.values or is_keyed(arm) or is_open(arm) for arm in arms
    ):
        return Shape.KEYED
    if len(arms) > 1 and all(_leads_to_object(arm, definitions) for arm in arms):
        return Shape.SHAPED
    return Shape.EXPRESSION


def tag_of(arms: Sequence[Schema]) -> str | None:
    """Return the property whose constant tells the arms of a union apart, if there is one."""
    if not all(arm.types == ("object",) and arm.properties for arm in arms):
        return None
    candidates = [
        name
        for name in arms[0].properties
        if all(name in arm.required and _constant(arm, name) for arm in arms)
        and len({_constant(arm, name) for arm in arms}) == len(arms)
    ]
    usual = [name for name in _USUAL_TAGS if name in candidates]
    return next(iter(usual + candidates), None)


def is_keyed(schema: Schema) -> bool:
    """Tell whether a schema is an object that exists for its only key."""
    return (
        schema.types == ("object",)
        and schema.additional is False
        and len(schema.properties) == 1
        and frozenset(schema.properties) == schema.required
    )


def is_open(schema: Schema) -> bool:
    """Tell whether an arm says only that anything of its kind may come.

    Open enums and `Unknown...` models say so already.
    """
    return (
        bool(schema.types)
        and set(schema.types) <= {"string", "object"}
        and not (schema.properties or schema.values)
    )


def _constant(arm: Schema, name: str) -> str | None:
    found = arm.properties.get(name)
    return None if found is None else found.constant


def _shape_of_single(schema: Schema) -> Shape:
    if schema.values:
        return Shape.ENUM
    if schema.types == ("object",) and (
        schema.properties or not isinstance(schema.additional, Schema)
    ):
        return Shape.OBJECT
    return Shape.EXPRESSION


def _leads_to_object(arm: Schema, definitions: Mapping[str, Schema]) -> bool:
    target = definitions[arm.ref] if arm.ref else arm
    return shape_of(target, definitions) in {Shape.OBJECT, Shape.TAGGED, Shape.SHAPED}
