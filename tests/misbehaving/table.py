"""The table of misbehaving servers: what each does, and what is promised to the user.

Its families stand in ``cases``, each beside the server programs of the same name in ``server``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.misbehaving.encounter import Encounter

__all__ = ["Case", "Check", "Family"]

Check: TypeAlias = Callable[[Encounter], Awaitable[None]]
"""Sees to it, with one of the two clients, that a promise is kept."""


@dataclass(frozen=True)
class Case:
    """A row of the table.

    Attributes:
        name: Its name; also that of the server's scenario, unless `command` says otherwise.
        server: What the server does; goes on after "The server ...".
        outcome: What its user sees.
        raw: The check with the raw client (`Client`, `AsyncClient`).
        facade: The check with the facade (`Codex`, `AsyncCodex`).
        within: How long all of it may take, from the server's start to its end, in seconds.
        command: The scenario and its arguments.
    """

    name: str
    server: str
    outcome: str
    raw: Check | None = None
    facade: Check | None = None
    within: float = 15
    command: tuple[str, ...] = ()

    @property
    def checks(self) -> dict[str, Check]:
        """The checks by layer."""
        checks = {"raw": self.raw, "facade": self.facade}
        return {layer: check for layer, check in checks.items() if check is not None}


@dataclass(frozen=True)
class Family:
    """Rows that belong together.

    Attributes:
        name: The name of their modules.
        title: What they are about.
        cases: The rows.
    """

    name: str
    title: str
    cases: Sequence[Case]
