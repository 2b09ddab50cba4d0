"""What a benchmark case found: rows beside their peer's, as a Markdown table, with limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """One measured quantity.

    Attributes:
        key: Its name in the measurements.
        title: The head of its column, with the unit.
    """

    key: str
    title: str


@dataclass(frozen=True)
class Row:
    """One subject's medians.

    Attributes:
        name: What was measured, in words.
        values: Each column's median.
        limits: The highest share of the peer's value that is allowed, for columns that have one.
    """

    name: str
    values: Mapping[str, float]
    limits: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Report:
    """The findings of one case.

    Attributes:
        title: What was compared.
        note: Under which conditions.
        columns: The measured quantities.
        peer: The row that the others are compared with.
        rows: The other rows.
    """

    title: str
    note: str
    columns: Sequence[Column]
    peer: Row
    rows: Sequence[Row]

    def share(self, row: Row, column: Column) -> float:
        """Return a row's value as a share of the peer's."""
        return row.values[column.key] / self.peer.values[column.key]

    def exceeded(self) -> list[str]:
        """Return a sentence for each limit that is exceeded."""
        return [
            f"{row.name}: {column.title} is {self.share(row, column):.2f} of the peer's, "
            f"allowed is {row.limits[column.key]:.2f}"
            for row in self.rows
            for column in self.columns
            if column.key in row.limits and self.share(row, column) > row.limits[column.key]
        ]

    def as_markdown(self) -> str:
        """Return the report as a Markdown section with one table."""
        heads = [head for column in self.columns for head in (column.title, "of the peer's")]
        lines = [
            f"## {self.title}",
            "",
            f"| | {' | '.join(heads)} |",
            f"|---|{'---:|' * len(heads)}",
            *(self._line(row) for row in (self.peer, *self.rows)),
            "",
            self.note,
            "",
        ]
        return "\n".join(lines)

    def _line(self, row: Row) -> str:
        cells = [
            cell
            for column in self.columns
            for cell in (f"{row.values[column.key]:.1f}", f"{self.share(row, column):.2f}")
        ]
        return f"| {row.name} | {' | '.join(cells)} |"
