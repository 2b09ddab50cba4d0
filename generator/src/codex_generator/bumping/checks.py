"""Checks: what has to hold in the copy, as the sessions that anybody could run.

They run in two lanes beside each other, as most machines that do this have two processors: the
tests are the one, and all else the other.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from codex_generator.bumping.checkout import own_environment
from codex_generator.bumping.ledger import Ledger, StepError
from codex_generator.logged import last_lines, run_logged

TESTS: Final = "tests"

_DEADLINE: Final = 3600.0
"""Seconds that a check may take."""


@dataclass(frozen=True)
class Check:
    """One check: a command that succeeds if all is well."""

    name: str
    command: tuple[str, ...]


Lanes = Sequence[Sequence[Check]]


def sessions(root: Path, copy: Path, python: str, selection: Sequence[str]) -> Lanes:
    """Return the checks of a copy, by lanes.

    They use the environments of the tree, so that none is made anew for the copy.

    Args:
        root: of the tree.
        copy: of the tree.
        python: the version of the Python that runs the tests, such as `3.10`.
        selection: arguments for pytest.
    """
    nox = (sys.executable, "-m", "nox", "--noxfile", str(copy / "noxfile.py"))
    common = (*nox, "--envdir", str(root / ".nox"), "--error-on-missing-interpreters", "--session")
    drift = (sys.executable, "-m", "codex_generator", "--root", str(copy), "drift")
    tests = Check(TESTS, (*common, f"tests-{python}", "--", *selection))
    others = [
        Check("drift", drift),
        Check("lint", (*common, "lint")),
        Check("types", (*common, "typecheck")),
    ]
    return ([tests], others)


@dataclass(frozen=True)
class Checking:
    """Runs checks in a copy."""

    root: Path
    """The copy; the name is that of what a command runs in."""
    site: Path
    """The unpacked wheel of the runtime that they run on."""
    logs: Path
    """The folder that takes a log of each check."""
    caches: Path
    """The folder of what makes the next run quicker."""
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of the checks."""
        chosen = {
            "CODEX_RUNTIME_WHEEL": str(self.site),
            "MYPY_CACHE_DIR": str(self.caches / "mypy"),
            "NO_COLOR": "1",
        }
        return {**own_environment(), **chosen}

    def run(self, lanes: Lanes, ledger: Ledger, *, keep_going: bool) -> None:
        """Run checks, the lanes beside each other, until one fails.

        Args:
            lanes: of checks, each after the other.
            ledger: takes what came of them.
            keep_going: whether the rest is run as well when one has failed.
        """
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                running = partial(self._run_lane, ledger=ledger, keep_going=keep_going)
                list(pool.map(running, lanes))
            except BaseException:
                self.stopped.set()
                raise

    def _run_lane(self, lane: Sequence[Check], *, ledger: Ledger, keep_going: bool) -> None:
        for check in lane:
            if self.stopped.is_set():
                ledger.skip(check.name, "another check has failed")
            elif not ledger.run(check.name, partial(self._check, check)) and not keep_going:
                self.stopped.set()

    def _check(self, check: Check) -> str:
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{check.name}.log"
        with log.open("wb") as sink:
            if run_logged(check.command, self, sink, _DEADLINE, self.stopped):
                return ""
        if self.stopped.is_set():
            raise StepError("stopped", log)
        raise StepError(last_lines(log), log)
