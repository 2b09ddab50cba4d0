"""Compare: every difference between two surfaces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codex_generator.changes import severity
from codex_generator.changes.change import (
    Action,
    Change,
    Severity,
    Subject,
    in_order,
    moved,
    renamed,
)
from codex_generator.changes.differences import TypeDifferences
from codex_generator.changes.renames import likely_renames, renamed_references
from codex_generator.changes.surface import Call, Form, Surface, Type

__all__ = ["compare"]


def compare(old: Surface, new: Surface) -> tuple[Change, ...]:
    """Find what differs.

    Args:
        old: what programs were written for.
        new: what they will meet.

    Returns:
        The changes, the worst first, then by subject and name.
    """
    renames = likely_renames(old.types, new.types)
    old = replace(old, types=renamed_references(old.types, renames))
    changes = [
        *_calls(Subject.METHOD, old.methods, new.methods, _with_duties(new.types)),
        *_calls(Subject.NOTIFICATION, old.notifications, new.notifications),
        *_calls(Subject.SERVER_REQUEST, old.server_requests, new.server_requests),
        *(renamed(Subject.TYPE, before, after) for before, after in renames.items()),
        *TypeDifferences(old, new).find(),
    ]
    return in_order(changes)


def _with_duties(types: Mapping[str, Type]) -> frozenset[str]:
    """Return the types that cannot be made of nothing."""
    return frozenset(
        name
        for name, found in types.items()
        if found.form is Form.UNION or any(part.required for part in found.properties.values())
    )


def _calls(
    subject: Subject,
    old: Mapping[str, Call],
    new: Mapping[str, Call],
    with_duties: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    gone = {name: call for name, call in old.items() if name not in new}
    come = {name: call for name, call in new.items() if name not in old}
    for before, after in _renamed_calls(gone, come).items():
        experimental = gone.pop(before).experimental
        yield replace(renamed(subject, before, after), experimental=experimental)
        del come[after]
    for name, call in gone.items():
        change = Change(subject, Action.REMOVED, name, Severity.BREAKING, severity.GONE[subject])
        yield replace(change, experimental=call.experimental)
    for name, call in come.items():
        change = Change(subject, Action.ADDED, name, Severity.ADDITIVE, severity.COME[subject])
        yield replace(change, experimental=call.experimental)
    for name in old.keys() & new.keys():
        yield from moved(subject, name, old[name].experimental, new[name].experimental)
        yield from _types_of_call(subject, name, old[name], new[name], with_duties)


def _renamed_calls(gone: Mapping[str, Call], come: Mapping[str, Call]) -> dict[str, str]:
    """Pair what went with the one thing that came and has the same params, or response."""
    pairs: dict[str, str] = {}
    for before, call in sorted(gone.items()):
        alike = [
            after
            for after, other in sorted(come.items())
            if after not in pairs.values() and _is_alike(call, other)
        ]
        if len(alike) == 1:
            pairs[before] = alike[0]
    return pairs


def _is_alike(call: Call, other: Call) -> bool:
    if call.params is not None:
        return call.params == other.params
    return call.response is not None and call.response == other.response


def _types_of_call(
    subject: Subject, name: str, before: Call, after: Call, with_duties: frozenset[str]
) -> Iterator[Change]:
    """Tell of other params or another result: what is in a type of the same name is told there."""
    for part, old, new in (
        ("params", before.params, after.params),
        ("result", before.response, after.response),
    ):
        if old == new or (part == "result" and None in (old, new)):
            continue  # which response belongs to a method is not always known
        judged, reason = severity.of_replaced_type(part, old, needed=new in with_duties)
        yield Change(
            subject, Action.CHANGED, name, judged, reason, old or "none", new or "none",
            after.experimental,
        )  # fmt: skip
