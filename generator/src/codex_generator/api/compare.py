"""Compare: every difference between two versions of our packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codex_generator.api.differences import FactDifferences, come, gone, subject_of
from codex_generator.api.directions import directions
from codex_generator.api.facts import Api, Export
from codex_generator.api.renames import in_new_names, likely_renames
from codex_generator.changes.change import Change, Subject, in_order, renamed
from codex_generator.changes.surface import Direction

__all__ = ["compare_apis"]


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
    differences = FactDifferences(_directions(old, new))
    told: set[str] = set()
    for name in shared:
        before, after = in_new_names(old.modules[name], renames), new.modules[name]
        yield from _names(name, before, after, renames)
        for export, where in _pairs(before, after, renames):
            if export.path not in told:  # what several modules have is told of once
                told.add(export.path)
                fact = after[where].fact
                yield from differences.between(f"{name}.{where}", export.fact, fact)


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


def _directions(old: Api, new: Api) -> dict[str, Direction]:
    before, after = directions(old), directions(new)
    return {
        name: before.get(name, Direction.NONE) | after.get(name, Direction.NONE)
        for name in before.keys() | after.keys()
    }
