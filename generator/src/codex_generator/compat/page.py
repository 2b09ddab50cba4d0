"""Page: the document that keeps what was last seen of each runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from packaging.version import Version

from codex_generator.compat.columns import Column
from codex_generator.compat.matrix import Check, Matrix, Outcome
from codex_generator.diagnostics import GeneratorError

BEGIN: Final = "<!-- Written by `nox -s compat -- --write`: what follows. -->"
END: Final = "<!-- Written by `nox -s compat -- --write`: what precedes. -->"
"""Lines of the page between which the matrix stands."""


@dataclass(frozen=True)
class Page:
    """A page with a table that has a row for each runtime."""

    file: Path
    before: str
    after: str
    head: str
    """The first line of the table; nothing where there is none yet."""
    rows: Mapping[str, str]
    """Its other rows, by the runtime's version."""

    @classmethod
    def read(cls, file: Path) -> Page:
        """Read a page.

        Args:
            file: the page.

        Raises:
            GeneratorError: It cannot be read, or has no place for the matrix.
        """
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise GeneratorError(f"{file}: cannot be read: {error.strerror}") from error
        before, begin, rest = text.partition(f"{BEGIN}\n")
        section, end, after = rest.partition(END)
        if not begin or not end:
            raise GeneratorError(f"{file}: has no place for the matrix: {BEGIN} … {END}")
        head, *lines = [line for line in section.splitlines() if line.startswith("| ")] or [""]
        rows = {line.split()[1]: line for line in lines}
        return cls(file, before + begin, end + after, head, rows)

    def extended(self, matrix: Matrix, columns: Sequence[Column], day: date) -> Page:
        """Return the page with new rows, in the place of older ones of the same runtimes.

        Rows of other columns than today's are dropped: they say something else.

        Args:
            matrix: what came of the checks.
            columns: of the matrix.
            day: on which it was made.
        """
        head = _line("runtime", *(f"`{column.name}`" for column in columns), "pinned", "seen")
        kept = dict(self.rows) if head == self.head else dict[str, str]()
        seen = {
            row.version: _line(row.version, *map(_cell, row.checks), matrix.pinned, str(day))
            for row in matrix.rows
        }
        return replace(self, head=head, rows=kept | seen)

    def write(self) -> None:
        """Write the page, its rows by their versions."""
        table = [self.head, "|---" * self.head.count(" | ") + "|---|"]
        table += [self.rows[version] for version in sorted(self.rows, key=Version)]
        section = "\n".join(table)
        self.file.write_text(f"{self.before}\n{section}\n\n{self.after}", encoding="utf-8")


def _cell(check: Check) -> str:
    word: str = check.outcome.value
    return "" if check.outcome is Outcome.NOT_MEANT else word


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
