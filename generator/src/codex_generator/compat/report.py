"""Report: the matrix, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from codex_generator.compat.columns import Column
from codex_generator.compat.matrix import Check, Matrix, Outcome

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
