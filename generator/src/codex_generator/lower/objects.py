"""Objects: structs, and the variants of unions, as models."""

from __future__ import annotations

import json
from dataclasses import replace

from codex_generator.diagnostics import Kind
from codex_generator.documentation import wrap
from codex_generator.escaping import literal
from codex_generator.ir import Field, Model
from codex_generator.lower.annotations import annotate
from codex_generator.lower.context import Context
from codex_generator.lower.defaults import Default, default_of, stated_default
from codex_generator.lower.expressions import nullable
from codex_generator.names import camel_case, field_name, pascal_case
from codex_generator.schema import Schema


def declare_object(
    context: Context,
    name: str,
    schema: Schema,
    doc: tuple[str, ...],
    *,
    base: str = "WireModel",
    tag: str | None = None,
    payload: bool = False,
) -> None:
    """Declare a model.

    Args:
        context: of the run.
        name: the class name.
        schema: an object.
        doc: of the class.
        base: name of the base class.
        tag: the property that holds the constant of a variant.
        payload: whether the model exists for its only key, so that what it holds is named
            after the model alone.
    """
    schema = _with_alternatives(context, schema)
    if schema.properties and isinstance(schema.additional, Schema):
        context.unsupported(schema, "typed additionalProperties beside properties")
    uses = {base}
    fields: list[Field] = []
    for wire in sorted(schema.properties):
        hint = name + ("Payload" if payload else pascal_case(wire))
        found, names = _field(context, schema, wire, hint, is_tag=wire == tag)
        fields.append(found)
        uses |= names
    _check_names(context, schema, fields)
    # First what says which variant it is, then what has to be given, then the rest.
    fields.sort(key=lambda field: (not field.is_tag, not field.required))
    model = Model(name, base, tuple(fields), doc, frozenset(uses), description=schema.description)
    context.declare(model, schema.place)


def _with_alternatives(context: Context, schema: Schema) -> Schema:
    """Fold the alternatives of an object into it: each brings properties that others lack.

    A class for each alternative would be told apart by no tag, and a newer server may add one; so
    their properties become optional fields of the one class, unless all alternatives want them.
    """
    if not schema.arms:
        return schema
    properties = dict(schema.properties)
    for arm in schema.arms:
        if arm.types != ("object",) or arm.ref is not None or arm.arms:
            context.unsupported(arm, "an alternative of an object that is no plain object")
        for name, found in arm.properties.items():
            if replace(properties.setdefault(name, found), place="") != replace(found, place=""):
                context.unsupported(found, f"alternatives that disagree about {name!r}")
    first, *others = (arm.required for arm in schema.arms)
    wanted = first.intersection(*others)
    return replace(schema, properties=properties, required=schema.required | wanted, arms=())


def _field(
    context: Context, schema: Schema, wire: str, hint: str, *, is_tag: bool
) -> tuple[Field, set[str]]:
    found = schema.properties[wire]
    name = field_name(wire)
    aliased = camel_case(name) != wire
    required = wire in schema.required
    doc = wrap(found.description)
    if is_tag and found.constant is not None:
        annotation = f"Literal[{literal(found.constant)}]"
        text = _default_text(Default(literal(found.constant)), wire, aliased=aliased)
        field = Field(name, wire, annotation, annotation, False, text, aliased, True, doc)
        field = replace(
            field,
            content=annotation,
            stated_default=json.dumps(found.constant, ensure_ascii=False),
            description=found.description,
        )
        return field, {"Literal", "Field"} if aliased else {"Literal"}
    expression = annotate(context, found, hint)
    content, argument = expression.text, expression.argument
    default = None if required else default_of(context, found)
    if default is not None and default.text == "None":
        expression = nullable(expression)
    elif default is not None and default.text in {"list", "dict"}:
        # Say of what: a bare `list` would be a list of unknowns to type checkers.
        default = replace(default, text=expression.text.removesuffix(" | None"))
    text = _default_text(default, wire, aliased=aliased)
    uses = {*expression.uses, *(default.uses if default else ())}
    if text.startswith("Field("):
        uses.add("Field")
    field = Field(name, wire, expression.text, argument, required, text, aliased, False, doc)
    stated, words = stated_default(found), found.description
    return replace(field, content=content, stated_default=stated, description=words), uses


def _default_text(default: Default | None, wire: str, *, aliased: bool) -> str:
    # `alias` would do in one word, but it would also rename the constructor's parameter.
    arguments: list[str] = []
    if default is not None and default.is_factory:
        arguments.append(f"default_factory={default.text}")
    elif default is not None and not aliased:
        return default.text
    elif default is not None:
        arguments.append(f"default={default.text}")
    if aliased:
        arguments += [f"{kind}_alias={literal(wire)}" for kind in ("validation", "serialization")]
    return f"Field({', '.join(arguments)})" if arguments else ""


def _check_names(context: Context, schema: Schema, fields: list[Field]) -> None:
    taken: dict[str, str] = {}
    for field in fields:
        if not field.name.isidentifier():
            reason = f"{field.wire!r} gives no name for a field"
            context.diagnostics.add(Kind.NAME_COLLISION, schema.place, reason)
        if field.name in taken:
            reason = f"{taken[field.name]!r} and {field.wire!r} are both {field.name!r}"
            context.diagnostics.add(Kind.NAME_COLLISION, schema.place, reason)
        taken[field.name] = field.wire
