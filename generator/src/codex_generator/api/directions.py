"""Directions: which types programs give to our packages, and which they get from them.

As in the protocol, more freedom is an addition in what is given, and breaks readers of what they
get. What neither a parameter nor the params of a request lead to is only got; what is led to by
nothing else is only given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from codex_generator.api.facts import Alias, Api, Attribute, Class, Export, Fact, Function
from codex_generator.changes.surface import Direction

__all__ = ["directions"]

_REQUESTS: Final = ("Params", "ClientRequest")
"""How the names of types end that programs send as a whole."""

_WORD: Final = re.compile(r"\w+")


def directions(api: Api) -> dict[str, Direction]:
    """Tell of everything, by the path where it is defined, who writes it."""
    names = _Names(api)
    given = [path for path in names.facts if path.endswith(_REQUESTS)]
    sent = names.reached([*given, *names.in_functions(parameters=True)])
    others = [path for path in names.facts if path not in sent]
    read = names.reached([*others, *names.in_functions(parameters=False)])
    found = dict.fromkeys(names.facts, Direction.NONE)
    for paths, direction in ((sent, Direction.SENT), (read, Direction.READ)):
        for path in paths:
            found[path] |= direction
    return found


class _Names:
    """Knows what the types of a version's facts name."""

    def __init__(self, api: Api) -> None:
        self.facts: dict[str, Fact] = {}
        self._modules: dict[str, Mapping[str, Export]] = {}
        self._exports: dict[str, Export] = {}
        for module in reversed([*api.modules.values()]):  # so that the first has the last word
            self._exports |= module
            for export in module.values():
                self.facts[export.path] = export.fact
                self._modules[export.path] = module

    def in_functions(self, *, parameters: bool) -> Iterator[str]:
        """Yield the paths that parameters, or else what is returned, name."""
        for path, fact in self.facts.items():
            for member in fact.members.values() if isinstance(fact, Class) else [fact]:
                if isinstance(member, Function):
                    taken = [each.types for each in member.parameters.values()]
                    types = frozenset[str]().union(*taken) if parameters else member.returns
                    yield from self._named(path, types)

    def reached(self, roots: Iterable[str]) -> set[str]:
        """Follow the types of attributes, and what aliases stand for."""
        reached: set[str] = set()
        pending = list(roots)
        while pending:
            path = pending.pop()
            if path in reached:
                continue
            reached.add(path)
            fact = self.facts[path]
            members = fact.members.values() if isinstance(fact, Class) else [fact]
            for member in members:
                if isinstance(member, Alias | Attribute):
                    pending += self._named(path, member.types)
        return reached

    def _named(self, path: str, types: frozenset[str]) -> Iterator[str]:
        """Yield what is named beside a fact: what its own module has, before what others have."""
        for word in {word for each in types for word in _WORD.findall(each)}:
            export = self._modules[path].get(word) or self._exports.get(word)
            if export is not None:
                yield export.path
