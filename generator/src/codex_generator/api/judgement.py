"""Judgement: what a change of our packages means to a program that was written for the old ones.

What a program gives may only become wider, and what it gets only narrower, as in the protocol. A
type checker is as strict as that; what is not written in types, such as a default, breaks a program
as well if it goes on otherwise than before.
"""

from __future__ import annotations

from codex_generator.api.facts import Attribute, Parameter
from codex_generator.changes.change import Severity, Subject
from codex_generator.changes.severity import of_added_member, of_added_property, of_alternatives
from codex_generator.changes.surface import Direction, Property

__all__ = ["of_added_attribute", "of_added_parameter", "of_attribute", "of_parameter", "spelled"]

_OTHER_DEFAULT = "who leaves it out gets another"


def of_added_attribute(
    subject: Subject, attribute: Attribute, direction: Direction
) -> tuple[Severity, str]:
    """Judge a new attribute of a class."""
    if subject is Subject.VALUE:
        return of_added_member(subject, direction)
    return of_added_property(Property(attribute.types, attribute.value is None), direction)


def of_attribute(
    subject: Subject, before: Attribute, after: Attribute, direction: Direction
) -> tuple[Severity, str]:
    """Judge that an attribute has another type, or another value."""
    if subject is Subject.VALUE:
        return Severity.BREAKING, "it is written otherwise"
    judged: list[tuple[Severity, str]] = []
    if before.types != after.types:
        judged.append(of_alternatives(before.types, after.types, direction))
    if before.value != after.value:
        judged.append(_of_value(before.value, after.value, direction))
    return max(judged, key=_severity)


def _of_value(before: str | None, after: str | None, direction: Direction) -> tuple[Severity, str]:
    if Direction.SENT not in direction:
        return Severity.NEUTRAL, "its value is another"
    if after is None:
        return Severity.BREAKING, "it has to be given"
    if before is None:
        return Severity.ADDITIVE, "it need not be given"
    return Severity.BREAKING, _OTHER_DEFAULT


def of_added_parameter(parameter: Parameter) -> tuple[Severity, str]:
    """Judge a new parameter."""
    if parameter.default is None and not parameter.kind.startswith("variadic"):
        return Severity.BREAKING, "who calls it has to give it"
    return Severity.ADDITIVE, "it can be given"


def of_parameter(before: Parameter, after: Parameter) -> tuple[Severity, str]:
    """Judge that a parameter is given otherwise, or is of another type."""
    judged: list[tuple[Severity, str]] = []
    if before.types != after.types:
        judged.append(of_alternatives(before.types, after.types, Direction.SENT))
    if before.default != after.default:
        judged.append(_of_value(before.default, after.default, Direction.SENT))
    if before.position is not None and after.position != before.position:
        judged.append((Severity.BREAKING, "it is not given at this position any more"))
    elif before.kind != after.kind:
        judged.append(_of_kind(after.kind))
    return max(judged, key=_severity)


def _of_kind(after: str) -> tuple[Severity, str]:
    if after == "positional or keyword":
        return Severity.ADDITIVE, "it may be given by position or by name"
    return Severity.BREAKING, f"it is {after} now"


def _severity(judged: tuple[Severity, str]) -> Severity:
    return judged[0]


def spelled(types: frozenset[str], value: str | None = None) -> str:
    """Write a type as in Python, `None` last, and what is there unless something else is given."""
    kind = " | ".join(sorted(types, key=lambda name: (name == "None", name)))
    return " = ".join(filter(None, [kind, value]))
