"""Types: from a bundle's definitions to the flat types of a surface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from codex_generator.changes.surface import ANYTHING, NULL, Form, Property, Type
from codex_generator.lower.shapes import Shape, is_keyed, is_open, shape_of, tag_of
from codex_generator.schema import Schema

__all__ = ["read_types", "written"]


def read_types(definitions: Mapping[str, Schema]) -> dict[str, Type]:
    """Read every definition, and everything inside of them that is a type of its own.

    Args:
        definitions: of one bundle, by name.

    Returns:
        The types by name; neither directions nor stability are known yet.
    """
    reader = _Reader(definitions)
    for name, schema in definitions.items():
        reader.read(name, schema)
    return reader.types


class _Reader:
    """Fills `types`, one definition after the other."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self.types: dict[str, Type] = {}
        self._definitions = definitions

    def read(self, name: str, schema: Schema) -> None:
        """Add the type of one schema, under a name."""
        shape = shape_of(schema, self._definitions)
        if shape is Shape.OBJECT:
            self._add_object(name, schema)
        elif shape is Shape.ENUM:
            arms = schema.arms or (schema,)
            values = {value: False for arm in arms for value in arm.values}
            self.types[name] = Type(Form.ENUM, members=values)
        elif shape in {Shape.TAGGED, Shape.KEYED, Shape.SHAPED}:
            self._add_union(name, schema)
        else:
            self.types[name] = Type(Form.ALIAS, alternatives=self._alternatives(name, schema))

    def _add_object(self, name: str, schema: Schema, tag: str | None = None) -> None:
        properties = self._properties(name, schema)
        for arm in schema.arms:
            # One of several sets of properties is there: none of them always.
            for wire, part in self._properties(name, arm).items():
                properties.setdefault(wire, replace(part, required=False))
        # A tag is what the variant's name stands for, and no property to a user.
        properties.pop(tag or "", None)
        self.types[name] = Type(Form.OBJECT, properties)

    def _add_union(self, name: str, schema: Schema) -> None:
        tag = tag_of(schema.arms)
        variants: dict[str, bool] = {}
        for number, arm in enumerate(schema.arms):
            if arm.values:
                variants |= dict.fromkeys(arm.values, False)
            elif arm.ref:
                variants[arm.ref] = False
            elif not is_open(arm):
                variant = _variant(arm, tag, number)
                variants[variant] = False
                self._add_object(f"{name}.{variant}", arm, tag)
        self.types[name] = Type(Form.UNION, self._properties(name, schema), variants)

    def _properties(self, name: str, schema: Schema) -> dict[str, Property]:
        return {
            wire: Property(self._alternatives(f"{name}.{wire}", part), wire in schema.required)
            for wire, part in schema.properties.items()
        }

    def _alternatives(self, name: str, schema: Schema) -> frozenset[str]:
        if schema.ref:
            return frozenset([schema.ref])
        if len(schema.all_of) == 1:
            return self._alternatives(name, schema.all_of[0])
        if schema.is_anything:
            return frozenset([ANYTHING])
        shape = shape_of(schema, self._definitions)
        if shape is not Shape.EXPRESSION:
            self.read(name, schema)
            return frozenset([name])
        if schema.arms:
            arms = (self._alternatives(name, arm) for arm in schema.arms)
            return frozenset[str]().union(*arms)
        return frozenset(self._single(name, schema, json_type) for json_type in schema.types)

    def _single(self, name: str, schema: Schema, json_type: str) -> str:
        if json_type == "array":
            inner = self._alternatives(name, schema.items) if schema.items else {ANYTHING}
            return f"list of {written(inner)}"
        if json_type == "object" and isinstance(schema.additional, Schema):
            return f"map to {written(self._alternatives(name, schema.additional))}"
        return json_type


def _variant(arm: Schema, tag: str | None, number: int) -> str:
    if tag is not None:
        return arm.properties[tag].constant or ""
    if is_keyed(arm):
        return next(iter(arm.properties))
    return arm.title or f"#{number + 1}"


def written(alternatives: Iterable[str]) -> str:
    """Write a type's alternatives in words, `null` last."""
    ordered = sorted(alternatives, key=lambda name: (name == NULL, name))
    return " or ".join(ordered)
