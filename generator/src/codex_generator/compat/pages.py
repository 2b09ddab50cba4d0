"""Pages: the matrix for a terminal, for programs, and for the document that keeps it."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from codex_generator.compat.columns import Column
from codex_generator.compat.matrix import Check, Matrix, Outcome
from codex_generator.diagnostics import GeneratorError

BEGIN: Final = "<!-- Written by `nox -s compat -- --write`: what follows. -->"
END: Final = "<!-- Written by `nox -s compat -- --write`: what precedes. -->"
"""Lines of a page between which the matrix stands."""

_STYLES: Final = {
    Outcome.OK: "green",
    Outcome.FAILED: "bold red",
    Outcome.NOT_MEANT: "dim",
    Outcome.NOT_REACHED: "yellow",
}


def print_matrix(matrix: Matrix, columns: Sequence[Column], console: Console) -> None:
    """Print a row for each runtime, then why anything is not ok.

    Args:
        matrix: what came of the checks.
        columns: of the matrix.
        console: where to print.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("runtime")
    for column in columns:
        table.add_column(column.name)
    table.add_column("in all", justify="right")
    for row in matrix.rows:
        cells = [Text(_cell(check), style=_STYLES[check.outcome]) for check in row.checks]
        table.add_row(row.version, *cells, _time(row.seconds))
    console.print(table)
    for line in _explanations(matrix):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _cell(check: Check) -> str:
    word: str = check.outcome.value
    return word if check.log is None else f"{word}, {_time(check.seconds)}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s"


def _explanations(matrix: Matrix) -> list[str]:
    lines = {f"{check.outcome.value}: {check.reason}": None for check in _not_done(matrix)}
    found = list(lines)
    for row in matrix.rows:
        for check in row.checks:
            if check.outcome is Outcome.FAILED:
                found.append(f"{row.version} {check.column}: failed; all of it is in {check.log}")
                found += [f"  {line}" for line in check.reason.splitlines()]
    return found


def _not_done(matrix: Matrix) -> list[Check]:
    undone = (Outcome.NOT_MEANT, Outcome.NOT_REACHED)
    return [check for row in matrix.rows for check in row.checks if check.outcome in undone]


def as_json(matrix: Matrix) -> str:
    """Return the matrix as JSON.

    Args:
        matrix: what came of the checks.
    """
    rows = [
        {
            "version": row.version,
            "passed": row.passed,
            "seconds": round(row.seconds, 1),
            "checks": [
                {
                    "column": check.column,
                    "outcome": check.outcome.value,
                    "seconds": round(check.seconds, 1),
                    "reason": check.reason or None,
                    "log": None if check.log is None else str(check.log),
                }
                for check in row.checks
            ],
        }
        for row in matrix.rows
    ]
    document = {"pinned": matrix.pinned, "passed": matrix.passed, "runtimes": rows}
    return json.dumps(document, indent=2) + "\n"


def as_markdown(matrix: Matrix, columns: Sequence[Column], day: date) -> str:
    """Return the matrix as a section of a page.

    Args:
        matrix: what came of the checks.
        columns: of the matrix.
        day: on which it was made.
    """
    machine = f"{platform.system()}, Python {platform.python_version()}"
    names = [f"`{column.name}`" for column in columns]
    lines = [
        f"Seen on {day.isoformat()}, on {machine}; pinned is {matrix.pinned}.",
        "",
        f"| runtime | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for row in matrix.rows:
        cells = ["" if c.outcome is Outcome.NOT_MEANT else c.outcome.value for c in row.checks]
        lines.append(f"| {row.version} | {' | '.join(cells)} |")
    reasons = dict.fromkeys(check.reason for check in _not_done(matrix))
    lines += ["", *(f"Where nothing stands: {reason}." for reason in reasons)]
    return "\n".join(lines).rstrip() + "\n"


@dataclass(frozen=True)
class Page:
    """A page that has a place for the matrix."""

    file: Path
    before: str
    after: str

    @classmethod
    def read(cls, file: Path) -> Page:
        """Read a page.

        Args:
            file: the page.

        Raises:
            GeneratorError: It cannot be read, or has no such place.
        """
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise GeneratorError(f"{file}: cannot be read: {error.strerror}") from error
        before, begin, rest = text.partition(f"{BEGIN}\n")
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise GeneratorError(f"{file}: has no place for the matrix: {BEGIN} … {END}")
        return cls(file, before + begin, end + after)

    def write(self, section: str) -> None:
        """Put a section in its place."""
        self.file.write_text(f"{self.before}\n{section}\n{self.after}", encoding="utf-8")
