"""Differences between two things of one name, in two versions of our packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from codex_generator.api import judgement
from codex_generator.api.facts import Alias, Attribute, Class, Fact, Function, Member, Parameter
from codex_generator.api.judgement import spelled
from codex_generator.api.renames import likely_renames
from codex_generator.changes.change import Action, Change, Severity, Subject, moved, renamed
from codex_generator.changes.severity import (
    COME,
    GONE,
    of_added_member,
    of_alternatives,
    of_removed_member,
)
from codex_generator.changes.surface import Direction

__all__ = ["come", "differences", "gone", "subject_of"]

_LONGEST: Final = 100
"""Characters of a value that are worth showing; tables are longer."""


def gone(subject: Subject, path: str, fact: Fact | None = None) -> Change:
    """Tell of something that is not there any more."""
    reason = GONE.get(subject, "who names it finds nothing")
    experimental = fact is not None and fact.experimental
    return Change(
        subject, Action.REMOVED, path, Severity.BREAKING, reason, experimental=experimental
    )


def come(subject: Subject, path: str, fact: Fact | None = None) -> Change:
    """Tell of something new."""
    experimental = fact is not None and fact.experimental
    return Change(
        subject, Action.ADDED, path, Severity.ADDITIVE, COME[subject], experimental=experimental
    )


def subject_of(fact: Fact, owner: Class | None = None) -> Subject:
    """Tell what kind of thing it is, where it stands."""
    if isinstance(fact, Function):
        return Subject.FUNCTION
    if isinstance(fact, Attribute):
        return Subject.VALUE if owner is not None and owner.is_enum else Subject.ATTRIBUTE
    return Subject.TYPE


def differences(path: str, old: Fact, new: Fact, direction: Direction) -> Iterator[Change]:
    """Yield everything that differs, in no order.

    Args:
        path: where programs find it.
        old: what it was.
        new: what it is.
        direction: who writes it.
    """
    match old, new:
        case Class(), Class():
            yield from moved(Subject.TYPE, path, old.experimental, new.experimental)
            yield from _class(path, old, new, direction)
        case Alias(), Alias():
            yield from moved(Subject.TYPE, path, old.experimental, new.experimental)
            yield from _alias(path, old, new, direction)
        case Function(), Function():
            yield from moved(Subject.FUNCTION, path, old.experimental, new.experimental)
            yield from _function(path, old, new)
        case Attribute(), Attribute():
            yield from _attribute(Subject.ATTRIBUTE, path, old, new, Direction.READ)
        case _:
            reason = "it is another kind of thing"
            yield Change(
                subject_of(new), Action.CHANGED, path, Severity.BREAKING, reason,
                type(old).__name__.lower(), type(new).__name__.lower(), new.experimental,
            )  # fmt: skip


def _class(path: str, old: Class, new: Class, direction: Direction) -> Iterator[Change]:
    if any(base not in new.bases for base in old.bases if not base.startswith("_")):
        reason = "who takes it for one of these finds that it is none"
        yield Change(
            Subject.TYPE, Action.CHANGED, path, Severity.BREAKING, reason,
            ", ".join(old.bases), ", ".join(new.bases), new.experimental,
        )  # fmt: skip
    if not (new.is_model or new.is_enum):
        direction = Direction.READ  # what is given to it is told of at its constructor
    renames = likely_renames(old.members, new.members)
    for name in old.members.keys() - new.members.keys() - new.inherited:
        subject, where = subject_of(old.members[name], old), f"{path}.{name}"
        if name in renames:
            yield renamed(subject, where, f"{path}.{renames[name]}")
        else:
            yield gone(subject, where, old.members[name])
    for name in new.members.keys() - old.members.keys() - old.inherited - {*renames.values()}:
        yield _added(f"{path}.{name}", new.members[name], new, direction)
    for name in old.members.keys() & new.members.keys():
        where, before, after = f"{path}.{name}", old.members[name], new.members[name]
        if isinstance(before, Attribute) and isinstance(after, Attribute):
            yield from _attribute(subject_of(after, new), where, before, after, direction)
        else:
            yield from differences(where, before, after, direction)


def _alias(path: str, old: Alias, new: Alias, direction: Direction) -> Iterator[Change]:
    if old.types.isdisjoint(new.types):
        judged, reason = of_alternatives(old.types, new.types, direction)
        yield Change(
            Subject.TYPE, Action.CHANGED, path, judged, reason,
            spelled(old.types), spelled(new.types), new.experimental,
        )  # fmt: skip
        return
    for name in old.types - new.types:
        judged, reason = of_removed_member(direction)
        yield Change(Subject.VARIANT, Action.REMOVED, f"{path}: {name}", judged, reason)
    for name in new.types - old.types:
        judged, reason = of_added_member(Subject.VARIANT, direction)
        yield Change(
            Subject.VARIANT, Action.ADDED, f"{path}: {name}", judged, reason,
            experimental=new.experimental,
        )  # fmt: skip


def _added(path: str, member: Member, owner: Class, direction: Direction) -> Change:
    subject = subject_of(member, owner)
    if isinstance(member, Function):
        return come(subject, path, member)
    judged, reason = judgement.of_added_attribute(subject, member, direction)
    experimental = member.experimental or owner.experimental
    kind = spelled(member.types)
    return Change(subject, Action.ADDED, path, judged, reason, "", kind, experimental)


def _attribute(
    subject: Subject, path: str, old: Attribute, new: Attribute, direction: Direction
) -> Iterator[Change]:
    yield from moved(subject, path, old.experimental, new.experimental)
    if (old.types, old.value) != (new.types, new.value):
        judged, reason = judgement.of_attribute(subject, old, new, direction)
        before, after = (spelled(each.types, each.value) for each in (old, new))
        shown = (before, after) if max(len(before), len(after)) <= _LONGEST else ("", "")
        yield Change(
            subject, Action.CHANGED, path, judged, reason, *shown, experimental=new.experimental
        )


def _function(path: str, old: Function, new: Function) -> Iterator[Change]:
    if old.is_async is not new.is_async:
        reason = "it has to be awaited" if new.is_async else "it is not awaited any more"
        yield Change(Subject.FUNCTION, Action.CHANGED, path, Severity.BREAKING, reason)
    if old.returns != new.returns:
        judged, reason = of_alternatives(old.returns, new.returns, Direction.READ)
        yield Change(
            Subject.FUNCTION, Action.CHANGED, path, judged, f"of what it returns, {reason}",
            spelled(old.returns), spelled(new.returns), new.experimental,
        )  # fmt: skip
    takes_any = any(each.kind == "variadic keyword" for each in new.parameters.values())
    for name in old.parameters.keys() - new.parameters.keys():
        if not takes_any:
            yield gone(Subject.PARAMETER, f"{path}({name})", new)
    for name, parameter in new.parameters.items():
        yield from _parameter(f"{path}({name})", old.parameters.get(name), parameter, new)


def _parameter(
    path: str, old: Parameter | None, new: Parameter, function: Function
) -> Iterator[Change]:
    if old == new:
        return
    judged, reason = (
        judgement.of_added_parameter(new) if old is None else judgement.of_parameter(old, new)
    )
    before = "" if old is None else spelled(old.types, old.default)
    action = Action.ADDED if old is None else Action.CHANGED
    yield Change(
        Subject.PARAMETER, action, path, judged, reason,
        before, spelled(new.types, new.default), function.experimental,
    )  # fmt: skip
