"""A change: one difference between two surfaces, and what it means to a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum


class Severity(IntEnum):
    """What a change means for programs that use the packages.

    A program that was written for the old version, and checked against it, goes on as before
    (`NEUTRAL`), can do more if it wants to (`ADDITIVE`), or has to be looked at (`BREAKING`).
    """

    NEUTRAL = 0
    ADDITIVE = 1
    BREAKING = 2


class Subject(Enum):
    """What has changed: of the protocol, of the packages, or of both."""

    METHOD = "method"
    NOTIFICATION = "notification"
    SERVER_REQUEST = "server request"
    MODULE = "module"
    FUNCTION = "function"
    PARAMETER = "parameter"
    TYPE = "type"
    FIELD = "field"
    ATTRIBUTE = "attribute"
    VALUE = "enum value"
    VARIANT = "variant"


class Action(Enum):
    """What has become of it."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    STABLE = "became stable"
    EXPERIMENTAL = "became experimental"


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        subject: what kind of thing it is about.
        action: what has become of it.
        name: its name on the wire, and `Type.field` of what is inside of a type; of the packages,
            where it is imported from, such as `openai_codex.Thread.run(timeout)`.
        severity: what that means to a program.
        reason: why, in half a sentence.
        before: what it was, where that helps: a type, a name.
        after: what it is.
        experimental: whether only programs that opted in to the experimental protocol see it.
    """

    subject: Subject
    action: Action
    name: str
    severity: Severity
    reason: str
    before: str = ""
    after: str = ""
    experimental: bool = False


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Put the worst first; those that are equally bad by subject and name."""
    order = list(Subject)
    return tuple(
        sorted(
            changes,
            key=lambda found: (-found.severity, order.index(found.subject), found.name),
        )
    )


def renamed(subject: Subject, before: str, after: str) -> Change:
    """Tell of something that went, and of what it is probably called now."""
    reason = "the old name is gone"
    return Change(subject, Action.RENAMED, before, Severity.BREAKING, reason, before, after)


def moved(subject: Subject, name: str, before: bool, after: bool) -> Iterator[Change]:
    """Tell of something that was there before, and changed sides between stable and experimental.

    Args:
        subject: what kind of thing it is.
        name: its name.
        before: whether it was experimental.
        after: whether it is.
    """
    if before and not after:
        reason = "needs no opt-in any more"
        yield Change(subject, Action.STABLE, name, Severity.ADDITIVE, reason)
    elif after and not before:
        reason = "needs an opt-in now"
        yield Change(subject, Action.EXPERIMENTAL, name, Severity.BREAKING, reason)
