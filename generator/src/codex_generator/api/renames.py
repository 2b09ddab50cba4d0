"""Renames: what probably only has a new name, and the old version in the new names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

from codex_generator.api.facts import Class, Export, Fact, Function, Parameter
from codex_generator.changes.renames import Made, pair_alike

__all__ = ["in_new_names", "likely_renames"]

FactT = TypeVar("FactT", bound=Fact)

_WORD: Final = re.compile(r"\w+")


def likely_renames(old: Mapping[str, Fact], new: Mapping[str, Fact]) -> dict[str, str]:
    """Pair what went with what came, in a module or a class.

    Returns:
        New names by old ones; no name stands in two pairs.
    """
    gone = {name: _made(fact) for name, fact in old.items() if name not in new}
    come = {name: _made(fact) for name, fact in new.items() if name not in old}
    return pair_alike(gone, come)


def in_new_names(
    module: Mapping[str, Export], renames: Mapping[str, str], unions: Mapping[str, frozenset[str]]
) -> dict[str, Export]:
    """Call types by their new names, and unions by what they are made of, wherever they are named.

    Args:
        module: what it has, by name.
        renames: new names by old ones.
        unions: those that the other version has no name for.
    """
    return {
        name: replace(export, fact=_renamed(export.fact, renames, unions))
        for name, export in module.items()
    }


def _renamed(
    fact: FactT, renames: Mapping[str, str], unions: Mapping[str, frozenset[str]]
) -> FactT:
    def types(given: frozenset[str]) -> frozenset[str]:
        parts = frozenset[str]().union(*(unions.get(each, {each}) for each in given))
        return frozenset(
            _WORD.sub(lambda word: renames.get(word[0], word[0]), each) for each in parts
        )

    if isinstance(fact, Class):
        members = {name: _renamed(each, renames, unions) for name, each in fact.members.items()}
        bases = tuple(renames.get(base, base) for base in fact.bases)
        return replace(fact, bases=bases, members=members)
    if isinstance(fact, Function):
        parameters = {
            name: replace(parameter, types=types(parameter.types))
            for name, parameter in fact.parameters.items()
        }
        return replace(fact, parameters=parameters, returns=types(fact.returns))
    return replace(fact, types=types(fact.types))


def _made(fact: Fact | Parameter) -> Made:
    """Return what a thing is made of."""
    if isinstance(fact, Class):
        parts = {f"{name}: {sorted(_made(each)[1])}" for name, each in fact.members.items()}
        return (Class, fact.is_enum), frozenset(parts)
    if isinstance(fact, Function):
        parts = {f"{name}: {sorted(each.types)}" for name, each in fact.parameters.items()}
        return (Function, fact.is_async), frozenset({*parts, *fact.returns})
    return type(fact), fact.types
