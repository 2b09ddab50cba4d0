"""Definitions: every definition of a bundle, lowered by its shape."""

from __future__ import annotations

from dataclasses import replace

from codex_generator.documentation import describe
from codex_generator.ir import Alias
from codex_generator.lower.annotations import annotate
from codex_generator.lower.context import Context
from codex_generator.lower.enums import declare_enum
from codex_generator.lower.objects import declare_object
from codex_generator.lower.shapes import Shape, shape_of
from codex_generator.lower.unions import declare_keyed, declare_shaped, declare_tagged
from codex_generator.schema import Schema


def lower_definitions(context: Context) -> None:
    """Declare every definition, and what is found inside of each."""
    for name, schema in sorted(context.definitions.items()):
        context.owner = name
        context.pending.append((name, schema))
        while context.pending:
            _declare(context, *context.pending.pop(0))


def _declare(context: Context, name: str, schema: Schema) -> None:
    fallback = f"`{name}` of the protocol."
    doc = describe(schema.description, context.document(name, fallback))
    shape = shape_of(schema, context.definitions)
    if "object" in schema.types and schema.properties and not schema.arms:
        # Inside of a property the object may be nullable; its class is the same.
        declare_object(context, name, replace(schema, types=("object",)), doc)
    elif shape is Shape.OBJECT:
        declare_object(context, name, schema, doc)
    elif shape is Shape.ENUM:
        declare_enum(context, name, schema, schema.arms or (schema,), doc)
    elif shape is Shape.TAGGED:
        declare_tagged(context, name, schema, doc)
    elif shape is Shape.KEYED:
        declare_keyed(context, name, schema, doc)
    elif shape is Shape.SHAPED:
        declare_shaped(context, name, schema, doc)
    else:
        expression = annotate(context, schema, f"{name}Item")
        uses = expression.uses | {"TypeAlias"}
        alias = Alias(name, expression.text, doc, uses, description=schema.description)
        context.declare(alias, schema.place)
