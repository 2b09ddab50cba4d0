"""Progress: a line for every check that is done, and a bar for those that are not."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from codex_generator.compat.matrix import Check


class Board:
    """Shows how far the checks are; the bar is for terminals only."""

    def __init__(self, console: Console, total: int) -> None:
        """Take the console to print to, and how many checks there will be."""
        self._progress = Progress(
            TextColumn("checks"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=total)

    def __enter__(self) -> Board:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def tell(self, version: str, check: Check) -> None:
        """Say what came of a check; may be called from any thread."""
        time = f"{check.seconds:.0f} s" if check.log is not None else ""
        line = f"{version:<10} {check.column:<14} {check.outcome.value:<14}{time}".rstrip()
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        self._progress.advance(self._task)
