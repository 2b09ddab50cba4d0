"""Enums: lists of strings, open to strings that a newer server may add."""

from __future__ import annotations

from collections.abc import Sequence

from codex_generator.diagnostics import Kind
from codex_generator.documentation import wrap
from codex_generator.ir import Enumeration, Member
from codex_generator.lower.context import Context
from codex_generator.names import member_name
from codex_generator.schema import Schema


def declare_enum(
    context: Context, name: str, schema: Schema, arms: Sequence[Schema], doc: tuple[str, ...]
) -> None:
    """Declare an enum.

    Args:
        context: of the run.
        name: the class name.
        schema: where it stands, for messages.
        arms: schemas with values; one that has a single value may document it.
        doc: of the class.
    """
    members: dict[str, Member] = {}
    for arm in arms:
        for value in arm.values:
            member = member_name(value)
            if member in members:
                reason = f"{members[member].value!r} and {value!r} are both {member!r}"
                context.diagnostics.add(Kind.NAME_COLLISION, schema.place, reason)
            text = arm.description if len(arm.values) == 1 and arm is not schema else ""
            members[member] = Member(member, value, wrap(text), text)
    found = Enumeration(name, tuple(members.values()), doc, schema.description)
    context.declare(found, schema.place)
