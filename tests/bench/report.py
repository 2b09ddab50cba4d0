"""What a benchmark found: our figures beside the peer's, as one Markdown table, with limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

STALLS: Final = "stalls"
"""In place of a figure: the measurement did not end in its time."""

Value: TypeAlias = "float | Literal['stalls'] | None"
"""A figure, `STALLS`, or ``None`` where nothing was measured."""

HEAD = ("| | unit | peer | ours | ratio | limit | floor |", "|---|---|---:|---:|---:|---:|---:|")


@dataclass(frozen=True)
class Row:
    """One quantity, measured at both sides.

    Attributes:
        name: What was measured, in words.
        unit: The unit of the values.
        peer: The median of the package that people use today.
        ours: Our median.
        floor: What the work costs without any client.
        share: The highest share of the peer's value that is allowed, if there is such a limit.
        limit: The highest value that is allowed, if there is such a limit, whatever the peer's is.
        aim: The share that was aimed at, where `share` is what was reached instead.
    """

    name: str
    unit: str
    peer: Value
    ours: Value
    floor: Value = None
    share: float | None = None
    limit: float | None = None
    aim: float | None = None

    @property
    def ratio(self) -> float | None:
        """Our value as a share of the peer's; ``None`` where that says nothing."""
        ours, peer = _number(self.ours), _number(self.peer)
        if self.limit is not None or ours is None or not peer:
            return None
        return ours / peer

    def complaint(self) -> str | None:
        """Say which limit is exceeded, if one is. To stall always is too much for us."""
        ratio, ours = self.ratio, _number(self.ours)
        if self.ours == STALLS:
            return f"{self.name}: ours stalls"
        if self.share is not None and self.peer == STALLS:
            return f"{self.name}: the peer stalls, so there is nothing to compare with"
        if self.share is not None and ratio is not None and ratio > self.share:
            return f"{self.name}: {ratio:.2f} of the peer's, allowed is {self.share:.2f}"
        if self.limit is not None and ours is not None and ours > self.limit:
            found = f"{format_value(ours)} {self.unit}"
            return f"{self.name}: {found}, allowed is {self.limit:g} {self.unit}"
        return None

    def as_markdown(self) -> str:
        """Return the row's line in the table."""
        limits = [f"{self.share:.2f}"] if self.share is not None else []
        if self.limit is not None:
            limits.append(f"{self.limit:g} {self.unit}")
        aim = "" if self.aim is None else f" (aim {self.aim:.2f})"
        cells = (
            self.name,
            self.unit,
            format_value(self.peer),
            format_value(self.ours),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            ", ".join(f"≤ {limit}" for limit in limits) + aim,
            "" if self.floor is None else format_value(self.floor),
        )
        return f"| {' | '.join(cells)} |"


@dataclass(frozen=True)
class Report:
    """The findings of one case.

    Attributes:
        title: What was compared.
        note: Under which conditions.
        rows: The findings.
    """

    title: str
    note: str
    rows: Sequence[Row]


def format_value(value: Value) -> str:
    """Write a value with three digits that count, or what stands in its place."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _number(value: Value) -> float | None:
    return None if isinstance(value, str) else value


def as_markdown(reports: Iterable[Report]) -> str:
    """Return one table of all findings, and the conditions of each case below it.

    Args:
        reports: The cases' reports.
    """
    lines, notes = [*HEAD], list[str]()
    for report in reports:
        lines.append(f"| **{report.title}** | | | | | | |")
        lines.extend(row.as_markdown() for row in report.rows)
        notes.append(f"- **{report.title}**: {report.note}")
    return "\n".join([*lines, "", *notes, ""])
