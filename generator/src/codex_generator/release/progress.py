"""Progress: bars for whatever takes long, and a line for whatever is done."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from codex_generator.release.meter import Meter


class Board:
    """Shows progress on a terminal; elsewhere, only the lines of what is done."""

    def __init__(self, console: Console) -> None:
        """Take the console to print to."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )

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

    @contextmanager
    def step(self, label: str) -> Generator[Meter, None, None]:
        """Show a bar for one step; may be called from any thread.

        Args:
            label: what is done.

        Yields:
            What takes its progress; while no total is known, the bar only moves.
        """
        task = self._progress.add_task(label, total=None)
        try:
            yield _Bar(self._progress, task)
        finally:
            self._progress.remove_task(task)

    def say(self, line: str) -> None:
        """Print a line, above the bars."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class _Bar:
    """The meter of one step."""

    progress: Progress
    task: TaskID

    def expect(self, total: int) -> None:
        self.progress.update(self.task, total=total)

    def add(self, count: int) -> None:
        self.progress.update(self.task, advance=count)
