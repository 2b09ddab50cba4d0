"""Directions: which types programs give to our packages, and which they get from them.

As in the protocol, more freedom is an addition in what is given, and breaks readers of what they
get. What neither a parameter nor the params of a request lead to is only got; what is led to by
nothing else is only given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from codex_generator.api.facts import Alias, Api, Attribute, Class, Fact, Function
from codex_generator.changes.surface import Direction

__all__ = ["directions"]

_REQUESTS: Final = ("Params", "ClientRequest")
"""How the names of types end that programs send as a whole."""

_WORD: Final = re.compile(r"\w+")


def directions(api: Api) -> dict[str, Direction]:
    """Tell of each type, by its name without a module, who writes it."""
    facts = api.facts
    given = {name for name in facts if name.endswith(_REQUESTS)}
    given |= _reached(facts, [*given, *_named_by_functions(facts, parameters=True)])
    others = [name for name in facts if name not in given]
    got = _reached(facts, [*others, *_named_by_functions(facts, parameters=False)])
    found = dict.fromkeys(facts, Direction.NONE)
    for names, direction in ((given, Direction.SENT), (got, Direction.READ)):
        for name in names:
            found[name] |= direction
    return found


def _named_by_functions(facts: Mapping[str, Fact], *, parameters: bool) -> Iterator[str]:
    for fact in facts.values():
        members = fact.members.values() if isinstance(fact, Class) else [fact]
        for member in members:
            if not isinstance(member, Function):
                continue
            found = [each.types for each in member.parameters.values()]
            yield from _words(frozenset[str]().union(*found) if parameters else member.returns)


def _reached(facts: Mapping[str, Fact], roots: Iterable[str]) -> set[str]:
    """Follow the types of attributes, and what aliases stand for."""
    reached: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name in reached or name not in facts:
            continue
        reached.add(name)
        fact = facts[name]
        if isinstance(fact, Alias):
            pending += _words(fact.types)
        if isinstance(fact, Class):
            for member in fact.members.values():
                pending += _words(member.types) if isinstance(member, Attribute) else []
    return reached


def _words(types: frozenset[str]) -> list[str]:
    return [word for each in types for word in _WORD.findall(each)]
