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

from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import Meter


class Board:
    """Shows progress on a terminal; elsewhere, a line for each step and for what is done.

    Who stops a board stops the work that is shown on it: no step begins or goes on.
    """

    def __init__(self, console: Console) -> None:
        """Take the console to print to."""
        self.stopped = False
        """Whether the work is to end."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
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

        Raises:
            ReleaseError: The board was stopped.
        """
        bar = _Bar(self, self._progress, self._progress.add_task(label, total=None))
        bar.add(0)
        if not self._progress.console.is_terminal:
            self.say(f"           {label}")
        try:
            yield bar
        finally:
            self._progress.remove_task(bar.task)

    def say(self, line: str) -> None:
        """Print a line, above the bars."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        """End the work: the steps that are at work end at their next piece."""
        if not self.stopped:
            self.stopped = True
            self.say("stopping   a program that was started ends first")


@dataclass(frozen=True)
class _Bar:
    """The meter of one step."""

    board: Board
    progress: Progress
    task: TaskID

    def expect(self, total: int) -> None:
        self.progress.update(self.task, total=total)

    def add(self, count: int) -> None:
        if self.board.stopped:
            raise ReleaseError("stopped")
        self.progress.update(self.task, advance=count)
