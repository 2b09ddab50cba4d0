"""Checking: run the columns' commands, and go on whatever comes of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from codex_generator.compat.columns import GENERATION, Column
from codex_generator.compat.copies import Copies, Copy
from codex_generator.compat.matrix import Check, Outcome, Row
from codex_generator.logged import last_lines, run_logged
from codex_generator.runtimes.store import Runtime


@dataclass(frozen=True)
class Checker:
    """Checks runtimes, several at once."""

    copies: Copies
    columns: Sequence[Column]
    minimum: str
    """The oldest runtime that the facade supports."""
    logs: Path
    """The folder that takes a log of each check."""
    told: Callable[[str, Check], None]
    """Is told the version and what came of each check, from any thread."""
    deadline: float = 1800.0
    """Seconds that a command may take."""
    _stopped: threading.Event = field(default_factory=threading.Event)

    def check_all(self, runtimes: Sequence[Runtime], jobs: int) -> list[Row]:
        """Check runtimes, so many at once, and return a row for each, in their order.

        When it is interrupted, what was started is ended first.
        """
        with ThreadPoolExecutor(jobs) as pool:
            try:
                return [*pool.map(self.check, runtimes)]
            except BaseException:
                self._stopped.set()
                pool.shutdown(cancel_futures=True)
                raise

    def check(self, runtime: Runtime) -> Row:
        """Check one runtime."""
        pinned = self.copies.pinned(runtime)
        rendered = self.copies.fresh(runtime)
        checks: list[Check] = []
        for column in self.columns:
            reason = self._why_not(column, runtime, checks)
            check = reason or self._run(column, pinned if column.pinned else rendered, runtime)
            if self._stopped.is_set():
                break  # and what it was doing has not failed
            checks.append(check)
            self.told(runtime.version, check)
        return Row(runtime.version, checks)

    def _why_not(self, column: Column, runtime: Runtime, before: Sequence[Check]) -> Check | None:
        if column.supported and Version(runtime.version).release < Version(self.minimum).release:
            reason = f"facade and pinned packages are for runtimes from {self.minimum} on"
            return Check(column.name, Outcome.NOT_MEANT, reason=reason)
        failed = {check.column for check in before if check.outcome is Outcome.FAILED}
        if not column.pinned and GENERATION.name in failed:
            reason = "there are no packages for this runtime: the generation has failed"
            return Check(column.name, Outcome.NOT_REACHED, reason=reason)
        return None

    def _run(self, column: Column, copy: Copy, runtime: Runtime) -> Check:
        log = self.logs / runtime.version / f"{column.name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        begin = time.monotonic()
        with log.open("wb") as sink:
            good = all(
                run_logged(command, copy, sink, self.deadline, self._stopped)
                for command in column.commands(copy)
            )
        seconds = time.monotonic() - begin
        if good:
            return Check(column.name, Outcome.OK, seconds, log=log)
        return Check(column.name, Outcome.FAILED, seconds, last_lines(log), log)
