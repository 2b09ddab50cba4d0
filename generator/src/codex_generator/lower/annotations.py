"""Annotations: the type of a property, an item or a map's value."""

from __future__ import annotations

from codex_generator.lower.context import Context
from codex_generator.lower.expressions import (
    JSON,
    NULL,
    Expression,
    either,
    list_of,
    map_of,
    nullable,
    reference,
    scalar,
)
from codex_generator.lower.shapes import Shape, shape_of
from codex_generator.schema import Schema


def annotate(context: Context, schema: Schema, hint: str) -> Expression:
    """Return the type of a schema, asking for declarations where it needs some.

    Args:
        context: of the run.
        schema: what to annotate.
        hint: name for a declaration that has none of its own.
    """
    if schema.ref:
        return reference(schema.ref)
    if schema.all_of:
        return _annotate_all_of(context, schema, hint)
    if schema.arms:
        return _annotate_arms(context, schema, hint)
    if schema.values:
        context.inline(hint, schema)
        return reference(hint)
    if schema.is_anything:
        return JSON
    members = [_annotate_type(context, schema, name, hint) for name in schema.types]
    if members == [NULL]:
        return NULL
    return _with_null(members)


def _with_null(members: list[Expression]) -> Expression:
    plain = [member for member in members if member != NULL]
    return nullable(either(plain)) if len(plain) < len(members) else either(plain)


def _annotate_all_of(context: Context, schema: Schema, hint: str) -> Expression:
    # A wrapper that lets a `$ref` carry a description or a default.
    first, *others = schema.all_of
    if others or schema.properties:
        context.unsupported(schema, "allOf of more than one schema")
    return annotate(context, first, hint)


def _annotate_arms(context: Context, schema: Schema, hint: str) -> Expression:
    shape = shape_of(schema, context.definitions)
    if shape is not Shape.EXPRESSION:
        context.inline(hint, schema)
        return reference(hint)
    if schema.properties:
        context.unsupported(schema, "properties beside a union of no known shape")
    return _with_null([annotate(context, arm, hint) for arm in schema.arms])


def _annotate_type(context: Context, schema: Schema, name: str, hint: str) -> Expression:
    if name == "null":
        return NULL
    if name == "array":
        item = JSON if schema.items is None else annotate(context, schema.items, hint)
        return list_of(item)
    if name != "object":
        return scalar(name)
    if schema.properties:
        context.inline(hint, schema)
        return reference(hint)
    if isinstance(schema.additional, Schema):
        return map_of(annotate(context, schema.additional, hint))
    return map_of(JSON)
