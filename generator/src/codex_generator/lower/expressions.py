"""Annotations as text, built from parts.

An `Expression` keeps two spellings of one type: the one of a model's field, and the one of a
method's parameter, which accepts more (`Sequence` for `list`, `Mapping` for `dict`) and names
protocol types through the package (`t.Thread`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SCALARS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True)
class Expression:
    """One type, spelled for both places."""

    text: str
    argument: str
    uses: frozenset[str] = frozenset()
    """Protocol types and support names that `text` refers to."""


NULL: Final = Expression("None", "None")
JSON: Final = Expression("JsonValue", "t.JsonValue", frozenset(["JsonValue"]))


def scalar(json_type: str) -> Expression:
    """Return the Python type of a JSON scalar type."""
    name = _SCALARS[json_type]
    return Expression(name, name)


def reference(name: str) -> Expression:
    """Return a reference to a protocol type."""
    return Expression(name, f"t.{name}", frozenset([name]))


def list_of(item: Expression) -> Expression:
    """Return a list of something."""
    return Expression(f"list[{item.text}]", f"Sequence[{item.argument}]", item.uses)


def map_of(value: Expression) -> Expression:
    """Return a map from strings to something."""
    argument = f"Mapping[str, {value.argument}]"
    return Expression(f"dict[str, {value.text}]", argument, value.uses)


def either(members: Iterable[Expression]) -> Expression:
    """Return the union of some types: each once, `None` last."""
    unique = list(dict.fromkeys(members))
    ordered = [member for member in unique if member != NULL]
    if len(ordered) < len(unique):
        ordered.append(NULL)
    return Expression(
        " | ".join(member.text for member in ordered),
        " | ".join(member.argument for member in ordered),
        frozenset[str]().union(*(member.uses for member in ordered)),
    )


def nullable(expression: Expression) -> Expression:
    """Return the type, or `None`, unless it already says so."""
    if expression.text == JSON.text or expression.text.endswith("| None"):
        return expression
    return either([expression, NULL])
