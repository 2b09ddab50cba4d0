"""Defaults: the source of what an optional field is when it was not sent."""

from __future__ import annotations

import json
from dataclasses import dataclass

from codex_generator.diagnostics import Kind
from codex_generator.escaping import literal
from codex_generator.lower.context import Context
from codex_generator.lower.shapes import Shape, shape_of
from codex_generator.names import member_name
from codex_generator.schema import Absent, Json, Schema


@dataclass(frozen=True)
class Default:
    """A default as source, and the names that it refers to."""

    text: str
    uses: frozenset[str] = frozenset()
    is_factory: bool = False
    """Whether `text` makes a fresh value each time, as mutable values must."""


NONE = Default("None")


def default_of(context: Context, schema: Schema) -> Default:
    """Return the default of an optional property; `None` where the schema states none."""
    value = schema.default
    if isinstance(value, Absent) or value is None:
        return NONE
    found = _value(context, schema, value)
    if found is None:
        reason = f"no rule for the default {value!r}"
        context.diagnostics.add(Kind.UNREPRESENTABLE_DEFAULT, schema.place, reason)
        return NONE
    return found


def stated_default(schema: Schema) -> str:
    """Return the default that a schema states, as JSON; nothing for `null`, which says no more."""
    value = schema.default
    if isinstance(value, Absent) or value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _value(context: Context, schema: Schema, value: Json) -> Default | None:
    if isinstance(value, list) and schema.items is not None:
        return _list(context, schema.items, value)
    if value == {} and "object" in schema.types and not schema.properties:
        return Default("dict", is_factory=True)
    if isinstance(value, (bool, int, float)):
        return Default(repr(value))
    if isinstance(value, str):
        return _string(context, schema, value)
    return None


def _list(context: Context, items: Schema, values: list[Json]) -> Default | None:
    if not values:
        return Default("list", is_factory=True)
    found = [_value(context, items, value) for value in values]
    members = [default for default in found if default is not None]
    if len(members) < len(found):
        return None
    text = ", ".join(member.text for member in members)
    uses = frozenset[str]().union(*(member.uses for member in members))
    return Default(f"lambda: [{text}]", uses, is_factory=True)


def _string(context: Context, schema: Schema, value: str) -> Default | None:
    name = schema.ref or (schema.all_of[0].ref if schema.all_of else None)
    if name is None:
        return Default(literal(value)) if "string" in schema.types else None
    target = context.definitions[name]
    shape = shape_of(target, context.definitions)
    known = {known for schema in (target, *target.arms) for known in schema.values}
    if shape is Shape.EXPRESSION and target.types == ("string",):
        return Default(literal(value))
    if shape not in {Shape.ENUM, Shape.KEYED} or value not in known:
        return None
    enum = name if shape is Shape.ENUM else f"{name}Value"
    return Default(f"{enum}.{member_name(value)}", frozenset([enum]))
