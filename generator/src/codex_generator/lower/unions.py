"""Unions: types with variants, as aliases that a type checker can narrow.

Every union has one arm more than the schema: `Unknown<Union>` takes what a newer server sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from codex_generator.documentation import describe
from codex_generator.escaping import literal
from codex_generator.ir import Alias
from codex_generator.lower.context import Context
from codex_generator.lower.enums import declare_enum
from codex_generator.lower.objects import declare_object
from codex_generator.lower.shapes import is_keyed, tag_of
from codex_generator.names import class_name, field_name, pascal_case
from codex_generator.schema import Schema

ENVELOPE_TAG = "method"
"""The tag of JSON-RPC envelopes. Their titles are those of the params, so they are not used."""


def declare_tagged(context: Context, name: str, schema: Schema, doc: tuple[str, ...]) -> None:
    """Declare a union whose variants are told apart by a constant property."""
    tag = tag_of(schema.arms)
    if tag is None:
        raise AssertionError(f"{name} is not a tagged union")
    arms: list[str] = []
    for arm in sorted(schema.arms, key=lambda arm: arm.properties[tag].constant or ""):
        value = arm.properties[tag].constant or ""
        variant = _variant_name(context, name, arm, tag, value)
        merged = _with_base(schema, arm)
        text = describe(arm.description, f"The `{value}` variant of `{name}`.")
        declare_object(context, variant, merged, text, base="Variant", tag=tag)
        arms.append(variant)
    anything = Schema(f"{schema.place}/{tag}", types=("string",))
    unknown = replace(
        schema,
        types=("object",),
        arms=(),
        properties={**schema.properties, tag: anything},
        required=schema.required | {tag},
    )
    _declare_union(context, name, schema, arms, f"Tagged({literal(field_name(tag))})", unknown, doc)


def declare_keyed(context: Context, name: str, schema: Schema, doc: tuple[str, ...]) -> None:
    """Declare a union of plain strings and of objects that have one key."""
    arms: list[str] = []
    strings = [arm for arm in schema.arms if arm.values]
    if strings:
        values = f"{name}Value"
        text = describe("", f"The plain strings of `{name}`.")
        declare_enum(context, values, schema, strings, text)
        arms.append(values)
    for arm in filter(is_keyed, schema.arms):
        key = next(iter(arm.properties))
        variant = class_name(arm.title) or pascal_case(key) + name
        text = describe(arm.description, f"The `{key}` variant of `{name}`.")
        declare_object(context, variant, arm, text, payload=True)
        arms.append(variant)
    unknown = Schema(schema.place, types=("object",))
    _declare_union(context, name, schema, arms, "Keyed()", unknown, doc)


def declare_shaped(context: Context, name: str, schema: Schema, doc: tuple[str, ...]) -> None:
    """Declare a union whose variants are told apart by their structure."""
    arms: list[str] = []
    for arm in schema.arms:
        if arm.ref:
            arms.append(arm.ref)
            continue
        variant = class_name(arm.title) or _name_by_keys(context, name, arm, schema.arms)
        text = describe(arm.description, f"A variant of `{name}`.")
        declare_object(context, variant, arm, text)
        arms.append(variant)
    unknown = Schema(schema.place, types=("object",))
    _declare_union(context, name, schema, arms, "Shaped()", unknown, doc)


def _declare_union(
    context: Context,
    name: str,
    schema: Schema,
    arms: Sequence[str],
    marker: str,
    unknown: Schema,
    doc: tuple[str, ...],
) -> None:
    # Some unions have a variant of their own called unknown, for what the server cannot tell.
    taken = f"Unknown{name}" in arms
    rest = f"Unrecognized{name}" if taken else f"Unknown{name}"
    text = (
        f"A `{name}` that this version does not know.",
        "",
        "Its content is kept as it came: see `model_extra`.",
    )
    declare_object(context, rest, unknown, text, base="UnknownVariant")
    members = [*arms, rest]
    uses = {*members, "Annotated", "TypeAlias", marker.partition("(")[0]}
    annotation = f"Annotated[{' | '.join(members)}, {marker}]"
    alias = Alias(
        name,
        annotation,
        doc,
        frozenset(uses),
        variants=tuple(arms),
        unknown=rest,
        description=schema.description,
    )
    context.declare(alias, schema.place)


def _variant_name(context: Context, union: str, arm: Schema, tag: str, value: str) -> str:
    if (union, value) in context.variant_names:
        return context.variant_names[union, value]
    if arm.title and tag != ENVELOPE_TAG:
        return class_name(arm.title)
    return pascal_case(value) + union


def _with_base(union: Schema, arm: Schema) -> Schema:
    # Properties beside `oneOf` belong to every variant.
    return replace(
        arm,
        properties={**union.properties, **arm.properties},
        required=union.required | arm.required,
    )


def _name_by_keys(context: Context, union: str, arm: Schema, arms: Sequence[Schema]) -> str:
    others = frozenset[str]().union(*(other.required for other in arms if other is not arm))
    own = sorted(arm.required - others)
    if not own:
        context.unsupported(arm, "a variant with neither a title nor a key only it requires")
    return pascal_case("_".join(own)) + union
