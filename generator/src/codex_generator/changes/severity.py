"""Severity: what a change means to a program that was written for the old version.

What a program sends has to fit what the server takes: there, more freedom is an addition, and less
breaks. What it reads is the other way round: more kinds of values are news to it, fewer are not.
A name that goes breaks whoever uses it, in both directions. Unknown values, variants and fields
never raise in the packages, so new ones matter only to programs that want to handle them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from codex_generator.changes.change import Severity, Subject
from codex_generator.changes.surface import ANYTHING, NULL, Direction, Property

__all__ = [
    "COME",
    "GONE",
    "of_added_member",
    "of_added_property",
    "of_alternatives",
    "of_presence",
    "of_removed_member",
    "of_replaced_type",
]

GONE: Final[Mapping[Subject, str]] = {
    Subject.METHOD: "who calls it has nothing to call",
    Subject.NOTIFICATION: "who waits for it waits in vain",
    Subject.SERVER_REQUEST: "its handler has no place any more",
    Subject.MODULE: "who imports it finds nothing",
    Subject.FUNCTION: "who calls it has nothing to call",
    Subject.PARAMETER: "who gives it is refused",
    Subject.TYPE: "who imports it finds nothing",
    Subject.FIELD: "who gives or reads it finds nothing",
    Subject.ATTRIBUTE: "who gives or reads it finds nothing",
}
"""Why it breaks a program that something is gone."""

COME: Final[Mapping[Subject, str]] = {
    Subject.METHOD: "it can be called",
    Subject.NOTIFICATION: "it can be followed",
    Subject.SERVER_REQUEST: "it gets its safe answer unless a handler gives another",
    Subject.MODULE: "it can be imported",
    Subject.FUNCTION: "it can be called",
    Subject.PARAMETER: "it can be given",
    Subject.TYPE: "it can be used",
    Subject.ATTRIBUTE: "it can be read",
}
"""What a program gains by something new."""


def of_added_property(part: Property, direction: Direction) -> tuple[Severity, str]:
    """Judge a new field."""
    if Direction.SENT in direction and part.required:
        return Severity.BREAKING, "who makes the type has to give it"
    if Direction.SENT in direction:
        return Severity.ADDITIVE, "it can be given"
    return Severity.ADDITIVE, "it can be read"


def of_presence(before: bool, after: bool, direction: Direction) -> tuple[Severity, str]:
    """Judge that a field is always there, or not, other than before."""
    if after and not before:
        if Direction.SENT in direction:
            return Severity.BREAKING, "it has to be given"
        return Severity.NEUTRAL, "it is always there"
    if before and not after:
        if Direction.READ in direction:
            return Severity.BREAKING, "it may be missing"
        return Severity.ADDITIVE, "it need not be given"
    return Severity.NEUTRAL, "it is there as before"


def of_replaced_type(
    part: str, before: str | None, *, needed: bool = False
) -> tuple[Severity, str]:
    """Judge that a call has other params, or another result, than before.

    Args:
        part: `params` or `result`.
        before: the name of its type, `None` if there was none.
        needed: whether a program has to give some of it.
    """
    if before is None and part == "params":
        if needed:
            return Severity.BREAKING, "who calls it has to give params"
        return Severity.ADDITIVE, "it takes params"
    return (
        Severity.BREAKING,
        f"its {part} are others" if part == "params" else "its result is other",
    )


def of_alternatives(
    before: frozenset[str], after: frozenset[str], direction: Direction
) -> tuple[Severity, str]:
    """Judge a type that has become another."""
    if before == after:
        return Severity.NEUTRAL, "only its name is another"
    wider, narrower = _holds(after, before), _holds(before, after)
    more = "null" if after - before == frozenset([NULL]) else "more"
    if Direction.READ in direction and not narrower:
        return Severity.BREAKING, f"it may be {more}" if wider else "it is of another type"
    if Direction.SENT in direction and not wider:
        less = "null" if before - after == frozenset([NULL]) else "as much"
        return Severity.BREAKING, f"it may not be {less}" if narrower else "it is of another type"
    if wider and Direction.SENT in direction:
        return Severity.ADDITIVE, f"it may be {more}"
    return Severity.NEUTRAL, "it is less than it could be"


def of_added_member(subject: Subject, direction: Direction) -> tuple[Severity, str]:
    """Judge a new value of an enum, or a new variant of a union."""
    if Direction.SENT in direction:
        return Severity.ADDITIVE, "it can be given"
    return Severity.ADDITIVE, f"a {subject.value.removeprefix('enum ')} that may come"


def of_removed_member(direction: Direction) -> tuple[Severity, str]:
    """Judge a value of an enum, or a variant of a union, that is gone."""
    if Direction.SENT in direction:
        return Severity.BREAKING, "it is not accepted any more"
    return Severity.BREAKING, "who names it finds nothing, though it does not come any more"


def _holds(outer: frozenset[str], inner: frozenset[str]) -> bool:
    return ANYTHING in outer or inner <= outer
