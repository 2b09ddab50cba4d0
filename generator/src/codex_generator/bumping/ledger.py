"""The ledger: what was done, how long it took, and what came of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from codex_generator.diagnostics import GeneratorError
from codex_generator.release.progress import Board


class Outcome(str, Enum):
    """What came of a step; as the summary writes it."""

    OK = "ok"
    FAILED = "FAILED"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Entry:
    """One step that is over."""

    name: str
    outcome: Outcome
    seconds: float
    words: str
    """What came of it; of one that failed, why."""
    log: Path | None = None

    def __str__(self) -> str:
        """Render the entry as lines of the summary."""
        first, *more = self.words.splitlines() or [""]
        where = [f"all of it is in {self.log}"] if self.log else []
        head = f"{self.outcome.value:<12}{self.name:<10}{self.seconds:5.0f} s  {first}".rstrip()
        return "\n".join([head, *(f"{'':<31}{line}" for line in (*more, *where))])


class StepError(GeneratorError):
    """A step ended without success; says why, and where all of its words are."""

    def __init__(self, reason: str, log: Path | None = None) -> None:
        """Take the reason and the log."""
        self.log = log
        super().__init__(reason)


@dataclass
class Ledger:
    """Runs steps, notes what came of them, and shows it; from any thread."""

    board: Board
    entries: list[Entry] = field(default_factory=list[Entry])
    changed: int | None = None
    """How many files of the tree have changed; `None` while it is as it was."""
    page: Path | None = None
    """Where the page on the runtime is kept that is not brought into the tree."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, name: str, step: Callable[[], str]) -> bool:
        """Run a step.

        Args:
            name: what to call it.
            step: does the work, and returns what came of it in a line.

        Returns:
            Whether it succeeded.
        """
        begin = time.monotonic()
        log = None
        try:
            with self.board.step(name):
                outcome, words = Outcome.OK, step()
        except StepError as error:
            outcome, words, log = Outcome.FAILED, str(error), error.log
        except (GeneratorError, OSError) as error:
            outcome, words = Outcome.FAILED, str(error)
        self._note(Entry(name, outcome, time.monotonic() - begin, words, log))
        return outcome is Outcome.OK

    def skip(self, name: str, reason: str) -> None:
        """Note a step that could not even begin."""
        self._note(Entry(name, Outcome.NOT_REACHED, 0.0, reason))

    @property
    def failed(self) -> list[Entry]:
        """What did not succeed, in the order in which that became clear."""
        return [entry for entry in self.entries if entry.outcome is not Outcome.OK]

    def _note(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)
            self.board.say(str(entry))
