"""Renames: types that probably only have a new name.

The schema knows nothing of yesterday's names. A type that went and one that came are taken for the
same if most of what they are made of is, and nothing else is as much alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from codex_generator.changes.surface import Property, Type

__all__ = ["Made", "likely_renames", "pair_alike", "renamed_references"]

_ALIKE: Final = 0.75
"""How much of two types has to be the same, of 1."""
_NAME_WEIGHT: Final = 2
"""How many parts in common weigh as much as the names do."""


Made: TypeAlias = tuple[object, frozenset[str]]
"""What a thing is made of: its form, and its parts."""


def likely_renames(old: Mapping[str, Type], new: Mapping[str, Type]) -> dict[str, str]:
    """Pair types that went with types that came.

    Returns:
        New names by old ones; no name stands in two pairs.
    """
    return pair_alike(_made_without(old, new), _made_without(new, old))


def pair_alike(gone: Mapping[str, Made], come: Mapping[str, Made]) -> dict[str, str]:
    """Pair what went with what came, and is made alike.

    Returns:
        New names by old ones; no name stands in two pairs.
    """
    scored = [
        (score, before, after)
        for before, mine in gone.items()
        for after, others in come.items()
        if (score := _likeness(before, mine, after, others)) >= _ALIKE
    ]
    pairs: dict[str, str] = {}
    for _, before, after in sorted(scored, key=lambda found: (-found[0], found[1], found[2])):
        if before not in pairs and after not in pairs.values():
            pairs[before] = after
    return pairs


def renamed_references(types: Mapping[str, Type], renames: Mapping[str, str]) -> dict[str, Type]:
    """Call types by their new names, where they are defined and wherever they are named."""

    def name(old: str) -> str:
        owner, dot, part = old.partition(".")
        return renames.get(owner, owner) + dot + part

    def alternatives(old: frozenset[str]) -> frozenset[str]:
        return frozenset(" ".join(map(name, alternative.split(" "))) for alternative in old)

    def part(old: Property) -> Property:
        return replace(old, alternatives=alternatives(old.alternatives))

    return {
        name(key): replace(
            found,
            properties={wire: part(value) for wire, value in found.properties.items()},
            members={name(member): mark for member, mark in found.members.items()},
            alternatives=alternatives(found.alternatives),
        )
        for key, found in types.items()
    }


def _likeness(before: str, old: Made, after: str, new: Made) -> float:
    (form, mine), (other_form, others) = old, new
    if form != other_form or not mine or not others:
        return 0.0
    common = len(mine & others)
    structure = common / len(mine | others)
    if structure < _ALIKE:
        return 0.0
    # Small types are alike by chance: the fewer parts they share, the more their names have to be.
    named = SequenceMatcher(None, before, after).ratio()
    return (structure * common + named * _NAME_WEIGHT) / (common + _NAME_WEIGHT)


def _made_without(types: Mapping[str, Type], others: Mapping[str, Type]) -> dict[str, Made]:
    """Return what types are made of that are of their own, and not among others."""
    names = [name for name in types if name not in others and "." not in name]
    return {name: _made(types[name]) for name in names}


def _made(found: Type) -> Made:
    parts = {f"{wire}: {sorted(part.alternatives)}" for wire, part in found.properties.items()}
    return found.form, frozenset(parts | found.members.keys() | found.alternatives)
