"""Stability: what the stable bundle does not have is experimental.

Both bundles are lowered by the same rules, and the results are compared by Python name, so a
mark sits on exactly what a user sees: a type, a field, an enum member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from codex_generator.diagnostics import Diagnostics, Kind
from codex_generator.documentation import mark
from codex_generator.ir import Declaration, Enumeration, Field, Member, Model, Stability


def mark_experimental(
    full: Mapping[str, Declaration], stable: Mapping[str, Declaration]
) -> dict[str, Declaration]:
    """Return the declarations with what is experimental marked and documented so."""
    return {name: _mark(found, stable.get(name)) for name, found in full.items()}


def check_superset(
    full: Mapping[str, Declaration], stable: Mapping[str, Declaration], diagnostics: Diagnostics
) -> None:
    """Record what only the stable bundle has: rendering would lose it."""
    for name, found in stable.items():
        if name not in full:
            diagnostics.add(Kind.STABLE_ONLY, name, "a type that the experimental bundle lacks")
            continue
        for part in sorted(_parts(found) - _parts(full[name])):
            reason = "a field or member that the experimental bundle lacks"
            diagnostics.add(Kind.STABLE_ONLY, f"{name}.{part}", reason)


def summarise(declarations: Iterable[Declaration], methods: Iterable[str]) -> Stability:
    """Return the table of what is experimental.

    Args:
        declarations: marked ones.
        methods: wire names of experimental methods.
    """
    types: list[str] = []
    fields: list[tuple[str, str]] = []
    members: list[tuple[str, str]] = []
    for found in declarations:
        if found.experimental:
            types.append(found.name)
        elif isinstance(found, Model):
            fields += [(found.name, part.name) for part in found.fields if part.experimental]
        elif isinstance(found, Enumeration):
            members += [(found.name, part.name) for part in found.members if part.experimental]
    return Stability(
        tuple(sorted(types)),
        tuple(sorted(fields)),
        tuple(sorted(members)),
        tuple(sorted(methods)),
    )


def _mark(found: Declaration, stable: Declaration | None) -> Declaration:
    if stable is None:
        return replace(found, doc=mark(found.doc), experimental=True)
    known = _parts(stable)
    if isinstance(found, Model):
        return replace(found, fields=tuple(_mark_field(part, known) for part in found.fields))
    if isinstance(found, Enumeration):
        members = tuple(_mark_member(part, known) for part in found.members)
        return replace(found, members=members)
    return found


def _mark_field(part: Field, known: set[str]) -> Field:
    return part if part.name in known else replace(part, doc=mark(part.doc), experimental=True)


def _mark_member(part: Member, known: set[str]) -> Member:
    return part if part.name in known else replace(part, doc=mark(part.doc), experimental=True)


def _parts(found: Declaration) -> set[str]:
    if isinstance(found, Model):
        return {part.name for part in found.fields}
    if isinstance(found, Enumeration):
        return {part.name for part in found.members}
    return set()
