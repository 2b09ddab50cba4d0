"""Differences between the types of two surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from codex_generator.changes import severity
from codex_generator.changes.change import Action, Change, Severity, Subject, moved
from codex_generator.changes.reading import written
from codex_generator.changes.surface import Direction, Form, Property, Surface, Type

__all__ = ["TypeDifferences"]


class TypeDifferences:
    """Compares the types of two surfaces that call them by the same names."""

    def __init__(self, old: Surface, new: Surface) -> None:
        self._old = old
        self._new = new

    def find(self) -> Iterator[Change]:
        """Yield everything that differs, in no order.

        What is inside of another type came and went with it, and is told there.
        """
        old, new = self._old.types, self._new.types
        gone, come = severity.GONE[Subject.TYPE], severity.COME[Subject.TYPE]
        for name in old.keys() - new.keys():
            if not _is_part(name):
                change = Change(Subject.TYPE, Action.REMOVED, name, Severity.BREAKING, gone)
                yield replace(change, experimental=old[name].experimental)
        for name in new.keys() - old.keys():
            if not _is_part(name):
                change = Change(Subject.TYPE, Action.ADDED, name, Severity.ADDITIVE, come)
                yield replace(change, experimental=new[name].experimental)
        for name in old.keys() & new.keys():
            yield from self._within(name, old[name], new[name])

    def _within(self, name: str, old: Type, new: Type) -> Iterator[Change]:
        if not _is_part(name):
            yield from moved(Subject.TYPE, name, old.experimental, new.experimental)
        direction = old.direction | new.direction
        if old.form is not new.form:
            yield Change(
                Subject.TYPE, Action.CHANGED, name, Severity.BREAKING, "it is made differently",
                old.form.value, new.form.value, new.experimental,
            )  # fmt: skip
            return
        if old.alternatives != new.alternatives:
            judged, reason = self._judge(old.alternatives, new.alternatives, direction)
            yield Change(
                Subject.TYPE, Action.CHANGED, name, judged, reason,
                written(old.alternatives), written(new.alternatives), new.experimental,
            )  # fmt: skip
        yield from self._properties(name, old, new, direction)
        yield from _members(name, old, new, direction)

    def _properties(
        self, name: str, old: Type, new: Type, direction: Direction
    ) -> Iterator[Change]:
        for wire in old.properties.keys() | new.properties.keys():
            before, after = old.properties.get(wire), new.properties.get(wire)
            part = after or before
            change = self._property(f"{name}.{wire}", before, after, direction)
            if change is not None and part is not None:
                experimental = new.experimental or part.experimental
                yield replace(change, experimental=experimental)
            if before is not None and after is not None and not new.experimental:
                yield from moved(
                    Subject.FIELD, f"{name}.{wire}", before.experimental, after.experimental
                )

    def _property(
        self, name: str, before: Property | None, after: Property | None, direction: Direction
    ) -> Change | None:
        if before is None and after is not None:
            judged, reason = severity.of_added_property(after, direction)
            kind = written(after.alternatives)
            return Change(Subject.FIELD, Action.ADDED, name, judged, reason, after=kind)
        if before is not None and after is None:
            reason, kind = severity.GONE[Subject.FIELD], written(before.alternatives)
            return Change(
                Subject.FIELD, Action.REMOVED, name, Severity.BREAKING, reason, before=kind
            )
        if before is None or after is None or _told(before) == _told(after):
            return None
        judged, reason = max(
            self._judge(before.alternatives, after.alternatives, direction),
            severity.of_presence(before.required, after.required, direction),
            key=lambda found: found[0],
        )
        return Change(
            Subject.FIELD, Action.CHANGED, name, judged, reason, _told(before), _told(after)
        )

    def _judge(
        self, before: frozenset[str], after: frozenset[str], direction: Direction
    ) -> tuple[Severity, str]:
        old, new = self._old.plain(before), self._new.plain(after)
        return severity.of_alternatives(old, new, direction)


def _is_part(name: str) -> bool:
    """Tell whether a type is inside of another one."""
    return "." in name


def _told(part: Property) -> str:
    return written(part.alternatives) + ("" if part.required else ", optional")


def _members(name: str, old: Type, new: Type, direction: Direction) -> Iterator[Change]:
    subject = Subject.VALUE if new.form is Form.ENUM else Subject.VARIANT
    for member in old.members.keys() | new.members.keys():
        full = f"{name}.{member}"
        if member not in new.members:
            judged, reason = severity.of_removed_member(direction)
            change = Change(subject, Action.REMOVED, full, judged, reason)
            yield replace(change, experimental=old.members[member])
        elif member not in old.members:
            judged, reason = severity.of_added_member(subject, direction)
            change = Change(subject, Action.ADDED, full, judged, reason)
            yield replace(change, experimental=new.members[member])
        elif not new.experimental:
            yield from moved(subject, full, old.members[member], new.members[member])
