"""The bump: from the pinned runtime to another, and everything that follows from it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from codex_generator.bumping.checkout import Checkout, changes_since, commit
from codex_generator.bumping.checks import Checking, Lanes, sessions
from codex_generator.bumping.errors import BumpError
from codex_generator.bumping.ledger import Ledger
from codex_generator.bumping.putting import finish_last, put
from codex_generator.bumping.work import Work
from codex_generator.changes.report import CHANGES
from codex_generator.dump import dump
from codex_generator.load import read_version
from codex_generator.runtimes.obtaining import obtain
from codex_generator.runtimes.packages import write_distribution
from codex_generator.runtimes.store import PACKAGE, Runtime, Store
from codex_generator.runtimes.wanted import version_in
from codex_generator.tree import SCHEMA


@dataclass(frozen=True)
class Options:
    """How to bump."""

    python: str
    """The version of the Python that runs the tests, such as `3.10`."""
    selection: Sequence[str] = ()
    """Arguments for pytest; all tests when there are none."""
    dry_run: bool = False
    """Whether the tree stays as it is, whatever comes of it."""
    keep_going: bool = False
    """Whether what worked is brought into the tree, although something else did not."""


@dataclass(frozen=True)
class Bump:
    """A tree, and where runtimes for it are kept."""

    root: Path
    store: Store
    options: Options
    checks: Callable[[Path, Path, str, Sequence[str]], Lanes] = sessions
    work: type[Work] = Work

    def target(self, wanted: str) -> Runtime | None:
        """Get the runtime to bump to.

        Args:
            wanted: `latest`, a version, or the path of a program.

        Returns:
            The runtime; `None` if the tree is made for it already.

        Raises:
            GeneratorError: Something in the tree is not committed, or there is no such runtime.
        """
        if finish_last(self.root):
            cut = "a bump that was cut off while it changed the tree has been finished"
            raise BumpError(f"{self.root}: {cut}: read it and commit, then bump")
        Checkout.at(self.root)
        pinned = version_in(read_version(self.root / SCHEMA))
        if version_in(wanted) == pinned:
            return None
        runtime = obtain(wanted, self.store)
        return None if runtime.version == pinned else runtime

    def run(self, runtime: Runtime, ledger: Ledger) -> None:
        """Bump the tree to a runtime, unless it is to be left, or something fails.

        Args:
            runtime: to bump to.
            ledger: takes what came of each step, and how many files of the tree have changed.

        Raises:
            GeneratorError: Nothing could be done at all, or its result cannot be put.
        """
        checkout = Checkout.at(self.root)
        with _scratch() as scratch:
            copy = scratch / "copy"
            checkout.copy(copy)
            schema = self._schema(runtime, scratch)
            pinned = read_version(self.root / SCHEMA)
            work = self.work(self.root, copy, pinned, runtime.version, schema)
            self._change(work, ledger)
            commit(copy, f"Bump the runtime to {runtime.version}")
            changes = changes_since(copy, checkout.head)
            if self._goes_on(ledger):
                self._check(copy, runtime, scratch, ledger)
            if self.options.dry_run and "report" not in {step.name for step in ledger.failed}:
                ledger.page = self._keep_page(copy, runtime.version)
            if self.options.dry_run or not self._goes_on(ledger):
                return
            checkout.check_unchanged()
            put(self.root, copy, changes)
            ledger.changed = len(changes)

    def _goes_on(self, ledger: Ledger) -> bool:
        return self.options.keep_going or not ledger.failed

    def _change(self, work: Work, ledger: Ledger) -> None:
        steps = {
            "schema": work.take_schema,
            "errata": work.settle_errata,
            "mentions": work.mention,
            "render": work.render,
            "report": work.report,
        }
        for name, step in steps.items():
            if self._goes_on(ledger):
                ledger.run(name, step)
            else:
                ledger.skip(name, "something before it has failed")

    def _check(self, copy: Path, runtime: Runtime, scratch: Path, ledger: Ledger) -> None:
        lanes = self.checks(self.root, copy, self.options.python, self.options.selection)
        if any(entry.name in ("schema", "render") for entry in ledger.failed):
            for check in (check for lane in lanes for check in lane):
                ledger.skip(check.name, "nothing was rendered for it")
            return
        site = runtime.site or _site_of(runtime, scratch / "site")
        checking = Checking(copy, site, self.store.folder / "bump", self.store.folder)
        checking.run(lanes, ledger, keep_going=self.options.keep_going)

    def _keep_page(self, copy: Path, version: str) -> Path | None:
        """Keep the page on a runtime where the logs are, for nobody gets the copy that it is in."""
        page = copy / CHANGES / f"{version}.md"
        if not page.is_file():
            return None
        kept = self.store.folder / "bump" / page.name
        kept.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(page, kept))

    def _schema(self, runtime: Runtime, scratch: Path) -> Path:
        """Return a folder with the bundles of a runtime, printed by that very program."""
        if runtime.site is not None:
            return self.store.schema(runtime.version, _is_there)
        dump(runtime.program, scratch / "schema")
        return scratch / "schema"


def _is_there(version: str, site: Path) -> str:
    raise AssertionError(f"runtime {version} was obtained before, in {site}")


def _site_of(runtime: Runtime, site: Path) -> Path:
    """Make of a program that somebody named what its wheel would unpack to, by links."""
    package = site / PACKAGE
    (package / "bin").mkdir(parents=True)
    name = "codex.exe" if sys.platform == "win32" else "codex"
    link = shutil.copyfile if sys.platform == "win32" else _link
    link(runtime.program, package / "bin" / name)
    beside = runtime.program.parent.parent / "codex-path"
    if beside.is_dir():
        shutil.copytree(beside, package / beside.name)
    write_distribution(site, runtime.version)
    return site


def _link(program: Path, link: Path) -> None:
    link.symlink_to(program)


@contextmanager
def alone(root: Path) -> Generator[None, None, None]:
    """Keep other bumps away: they would install their packages into the same environments.

    Args:
        root: of the tree.

    Raises:
        BumpError: Another one is at work.
    """
    environments = root / ".nox"
    environments.mkdir(exist_ok=True)
    try:
        with FileLock(environments / "bump.lock", timeout=0):
            yield
    except Timeout as error:
        raise BumpError("another bump of this tree is at work: wait for it") from error


@contextmanager
def _scratch() -> Generator[Path, None, None]:
    folder = Path(tempfile.mkdtemp(prefix="codex-bump-")).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
