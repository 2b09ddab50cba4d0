"""The matrix: what came of every check, by runtime and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Outcome(str, Enum):
    """What came of a check."""

    OK = "ok"
    FAILED = "failed"
    NOT_MEANT = "not meant for"
    """Nobody promised that it would work with this runtime."""
    NOT_REACHED = "not reached"
    """What it stands on has failed."""


@dataclass(frozen=True)
class Check:
    """What came of one column for one runtime."""

    column: str
    outcome: Outcome
    seconds: float = 0.0
    reason: str = ""
    """Why it was not done, or the last lines of what was said before it failed."""
    log: Path | None = None
    """All that was said; ``None`` where nothing was done."""


@dataclass(frozen=True)
class Row:
    """All checks of one runtime, in the order of the columns."""

    version: str
    checks: Sequence[Check]

    @property
    def passed(self) -> bool:
        """Whether nothing has failed."""
        return all(check.outcome in (Outcome.OK, Outcome.NOT_MEANT) for check in self.checks)

    @property
    def seconds(self) -> float:
        """How long the checks took together."""
        return sum(check.seconds for check in self.checks)


@dataclass(frozen=True)
class Matrix:
    """All rows, and the version of the packages as they are in the tree."""

    pinned: str
    rows: Sequence[Row]

    @property
    def passed(self) -> bool:
        """Whether nothing has failed on any runtime."""
        return all(row.passed for row in self.rows)
