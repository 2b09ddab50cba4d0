"""Timelines: what is known of each message, runtime by runtime.

In memory there is a snapshot for each runtime that was looked at, so that one more, older or newer
than the others, is but one more entry. Written down, each message has only its changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from packaging.version import Version

from codex_generator.versions import python_version


class State(str, Enum):
    """How a message is in the protocol of one runtime."""

    EXPERIMENTAL = "experimental"
    STABLE = "stable"
    GONE = "gone"


class Kind(str, Enum):
    """Who sends a message, and whether it wants an answer; the key of the file's sections."""

    METHOD = "methods"
    NOTIFICATION = "notifications"
    SERVER_REQUEST = "server_requests"


Snapshot: TypeAlias = Mapping[Kind, Mapping[str, State]]
"""The messages of one runtime, by wire name; none of them is gone."""

Timeline: TypeAlias = Mapping[str, State]
"""The changes of one message, oldest first: from which runtime on it is in which state.

Before the first it does not exist. What has left the protocol may come back.
"""


def order_of(release: str) -> Version:
    """Return what releases are ordered by: `0.116.0-alpha.1` comes before `0.116.0`."""
    return Version(python_version(release))


@dataclass(frozen=True)
class History:
    """What is known of the protocol's past.

    Attributes:
        snapshots: of each runtime that was looked at, by the release's name.
    """

    snapshots: Mapping[str, Snapshot] = field(default_factory=dict[str, Snapshot])

    @property
    def versions(self) -> tuple[str, ...]:
        """The runtimes that were looked at, oldest first."""
        return tuple(sorted(self.snapshots, key=order_of))

    def extended(self, release: str, snapshot: Snapshot) -> History:
        """Return the history with one more runtime, or with what it says now of a known one."""
        return replace(self, snapshots={**self.snapshots, release: snapshot})

    def timelines(self, kind: Kind) -> dict[str, Timeline]:
        """Return the changes of every message of a kind, by wire name in the order of names."""
        versions = self.versions
        names = {name for version in versions for name in self.snapshots[version][kind]}
        return {name: dict(self._changes(kind, name, versions)) for name in sorted(names)}

    def _changes(
        self, kind: Kind, name: str, versions: Iterable[str]
    ) -> Iterable[tuple[str, State]]:
        before = State.GONE
        for version in versions:
            state = self.snapshots[version][kind].get(name, State.GONE)
            if state is not before:
                yield version, state
            before = state
