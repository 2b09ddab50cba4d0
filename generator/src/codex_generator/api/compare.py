"""Compare: every difference between two versions of our packages."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Final

from codex_generator.api.differences import come, differences, gone, subject_of
from codex_generator.api.directions import directions
from codex_generator.api.facts import Alias, Api, Export
from codex_generator.api.renames import in_new_names, likely_renames
from codex_generator.changes.change import Change, Subject, in_order, renamed

__all__ = ["compare_apis"]

_PLAIN: Final = frozenset({"bool", "float", "int", "str"})


def compare_apis(old: Api, new: Api) -> tuple[Change, ...]:
    """Find what differs.

    Args:
        old: what programs were written for.
        new: what they will meet.

    Returns:
        The changes, the worst first, then by subject and name.
    """
    return in_order(_changes(old, new))


def _changes(old: Api, new: Api) -> Iterator[Change]:
    for name in old.modules.keys() - new.modules.keys():
        yield gone(Subject.MODULE, name)
    for name in new.modules.keys() - old.modules.keys():
        yield come(Subject.MODULE, name)
    shared = [name for name in old.modules if name in new.modules]
    renames: dict[str, str] = {}
    for name in shared:
        renames |= _renames(old.modules[name], new.modules[name])
    writers_before, writers_after = directions(old), directions(new)
    names_before, names_after = _plain_names(old) | renames, _plain_names(new)
    went = _unions(old, but={*renames, *_unions(new)})
    came = _unions(new, but={*renames.values(), *_unions(old)})
    told: set[str] = set()
    for name in shared:
        before = in_new_names(old.modules[name], names_before, went)
        after = in_new_names(new.modules[name], names_after, came)
        yield from _names(name, before, after, renames)
        for mine, where in _pairs(before, after, renames):
            if mine.path not in told:  # what several modules have is told of once
                told.add(mine.path)
                other = after[where]
                direction = writers_before[mine.path] | writers_after[other.path]
                yield from differences(f"{name}.{where}", mine.fact, other.fact, direction)


def _names(
    module: str, old: Mapping[str, Export], new: Mapping[str, Export], renames: Mapping[str, str]
) -> Iterator[Change]:
    """Tell of what went, came, or has another name."""
    for name in old.keys() - new.keys():
        fact, path = old[name].fact, f"{module}.{name}"
        after = renames.get(name, name)
        if after in new:
            yield renamed(subject_of(fact), path, f"{module}.{after}")
        else:
            yield gone(subject_of(fact), path, fact)
    for name in new.keys() - old.keys() - {renames[name] for name in old if name in renames}:
        fact = new[name].fact
        yield come(subject_of(fact), f"{module}.{name}", fact)


def _pairs(
    old: Mapping[str, Export], new: Mapping[str, Export], renames: Mapping[str, str]
) -> Iterator[tuple[Export, str]]:
    """Yield what the old version has and the new one too, with its name there."""
    for name, export in old.items():
        after = name if name in new else renames.get(name, name)
        if after in new:
            yield export, after


def _renames(old: Mapping[str, Export], new: Mapping[str, Export]) -> dict[str, str]:
    before, after = (
        {name: export.fact for name, export in exports.items()} for exports in (old, new)
    )
    return likely_renames(before, after)


def _plain_names(api: Api) -> dict[str, str]:
    """Return what names stand for that are of plain values, such as of a kind of path."""
    return {
        name: word
        for module in api.modules.values()
        for name, export in module.items()
        if isinstance(export.fact, Alias) and len(export.fact.types) == 1
        for word in export.fact.types & _PLAIN
    }


def _unions(api: Api, but: Container[str] = ()) -> dict[str, frozenset[str]]:
    """Return what aliases stand for that are of several types, but for some."""
    return {
        name: export.fact.types
        for module in api.modules.values()
        for name, export in module.items()
        if isinstance(export.fact, Alias) and len(export.fact.types) > 1 and name not in but
    }
