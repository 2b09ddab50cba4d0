"""The fields of a form, for programs that show it to people."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NoReturn, TypeAlias

from codex_app_server_types import (
    McpElicitationBooleanSchema,
    McpElicitationLegacyTitledEnumSchema,
    McpElicitationNumberSchema,
    McpElicitationNumberType,
    McpElicitationSchema,
    McpElicitationStringSchema,
    McpElicitationTitledMultiSelectEnumSchema,
    McpElicitationTitledSingleSelectEnumSchema,
    McpElicitationUntitledMultiSelectEnumSchema,
    McpElicitationUntitledSingleSelectEnumSchema,
)

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.choices import chosen
from openai_codex.requests.forms import check_value, rules_of
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue, McpElicitationPrimitiveSchema

__all__ = ["FieldKind", "FieldOption", "FormField", "fields_of"]

FieldKind: TypeAlias = Literal["text", "integer", "number", "boolean", "choice", "choices", "json"]
"""How a field is filled in: ``choice`` is one of its options, ``choices`` any number of them;
``json`` is what this version does not know."""

_BOOLEANS: Final = {
    **dict.fromkeys(("y", "yes", "true", "on", "1"), True),
    **dict.fromkeys(("n", "no", "false", "off", "0"), False),
}


@dataclass(frozen=True)
class FieldOption:
    """One option of a field.

    Attributes:
        value: What is submitted.
        title: What people read.
    """

    value: str
    title: str


@dataclass(frozen=True)
class FormField:
    """One field of a form.

    Attributes:
        name: Its name in the content.
        kind: How it is filled in.
        title: Its name as people read it.
        description: What it is for, if that is told.
        options: What there is to choose from.
        required: Whether it has to be filled in.
        default: What to propose; ``None`` for nothing.
        schema: Its JSON Schema.
    """

    name: str
    kind: FieldKind
    title: str
    description: str | None = None
    options: tuple[FieldOption, ...] = ()
    required: bool = False
    default: JsonValue = None
    schema: Mapping[str, JsonValue] = field(default_factory=dict[str, "JsonValue"], repr=False)

    @property
    def rules(self) -> tuple[str, ...]:
        """What its value must be beyond its kind, a rule each, such as ``at least 18``.

        `parse` checks them, but for a pattern, which only the server checks.
        """
        return rules_of(self.schema)

    def parse(self, text: str) -> JsonValue:
        """Give the value that a typed text means.

        Args:
            text: What somebody has typed: of a choice, the title, the value or the number of an
                option, counted from 1; of several, these with commas between them.

        Raises:
            InvalidArgumentError: It means no value of the field. The error names the field and
                the rule, not the text.
        """
        value = self._value(text)
        check_value(value, self.schema, place=self.name)
        return value

    def _value(self, text: str) -> JsonValue:
        typed = text.strip()
        match self.kind:
            case "text":
                return text
            case "integer" if re.fullmatch(r"[+-]?\d{1,400}", typed, re.ASCII):
                return int(typed)
            case "number" if re.fullmatch(r"[+-]?\d{1,400}", typed, re.ASCII):
                return int(typed)
            case "number" if re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", typed, re.ASCII | re.I):
                return self._number(typed)
            case "boolean" if typed.casefold() in _BOOLEANS:
                return _BOOLEANS[typed.casefold()]
            case "choice":
                return self._option(text)
            case "choices":
                parts = typed.split(",") if typed else []
                return [self._option(part) for part in parts]
            case "json":
                return self._json(typed)
            case _:
                raise self._unfit(f"of type {self.kind}")

    def _number(self, typed: str) -> float:
        try:
            value = float(typed)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self._unfit("of type number")
        return value

    def _option(self, text: str) -> str:
        found = chosen(text, [(option.title, option.value) for option in self.options])
        if found is None:
            titles = ", ".join(shown(repr(option.title)) for option in self.options)
            raise self._unfit(f"one of {titles}")
        return self.options[found].value

    def _json(self, typed: str) -> JsonValue:
        try:
            value: JsonValue = json.loads(typed, parse_constant=self._refuse)
            return value
        except (ValueError, RecursionError):
            pass  # its error shows the text
        raise self._unfit("JSON")

    def _refuse(self, constant: str) -> NoReturn:
        raise self._unfit("JSON")

    def _unfit(self, rule: str) -> InvalidArgumentError:
        return InvalidArgumentError(f"{shown(self.name)}: must be {rule}")


def fields_of(schema: McpElicitationSchema) -> tuple[FormField, ...]:
    """List the fields of a form, in the order in which the runtime tells them."""
    required = schema.required or []
    return tuple(
        _field(name, one, is_required=name in required) for name, one in schema.properties.items()
    )


def _field(name: str, schema: McpElicitationPrimitiveSchema, *, is_required: bool) -> FormField:
    kind, options = _kind(schema)
    wire = schema.to_wire()
    title, description, default = wire.get("title"), wire.get("description"), wire.get("default")
    if kind == "integer" and isinstance(default, float) and default.is_integer():
        default = int(default)  # the type of the schema has but one kind of number
    return FormField(
        name=name,
        kind=kind,
        title=title if isinstance(title, str) else name,
        description=description if isinstance(description, str) else None,
        options=options,
        required=is_required,
        default=default,
        schema=wire,
    )


def _kind(schema: McpElicitationPrimitiveSchema) -> tuple[FieldKind, tuple[FieldOption, ...]]:
    match schema:
        case McpElicitationBooleanSchema():
            return "boolean", ()
        case McpElicitationNumberSchema():
            is_integer = schema.type == McpElicitationNumberType.integer
            return ("integer" if is_integer else "number"), ()
        case McpElicitationStringSchema():
            return "text", ()
        case McpElicitationUntitledSingleSelectEnumSchema():
            return "choice", _options(schema.enum, None)
        case McpElicitationLegacyTitledEnumSchema():
            return "choice", _options(schema.enum, schema.enum_names)
        case McpElicitationTitledSingleSelectEnumSchema():
            return "choice", tuple(FieldOption(one.const, one.title) for one in schema.one_of)
        case McpElicitationUntitledMultiSelectEnumSchema():
            return "choices", _options(schema.items.enum, None)
        case McpElicitationTitledMultiSelectEnumSchema():
            several = schema.items.any_of
            return "choices", tuple(FieldOption(one.const, one.title) for one in several)
        case _:
            return "json", ()


def _options(values: list[str], titles: list[str] | None) -> tuple[FieldOption, ...]:
    if titles is None or len(titles) != len(values):
        titles = values
    return tuple(map(FieldOption, values, titles))
