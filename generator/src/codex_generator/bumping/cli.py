"""The command line of a bump: `nox -s bump -- VERSION`, or `python -m codex_generator bump`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from packaging.version import Version
from rich.console import Console

from codex_generator.bumping.bump import Bump, Options, alone
from codex_generator.bumping.checks import TESTS
from codex_generator.bumping.ledger import Ledger
from codex_generator.compatibility import read_compatibility
from codex_generator.entry import hear_signals
from codex_generator.load import read_version
from codex_generator.release.progress import Board
from codex_generator.runtimes.packages import came_from_index
from codex_generator.runtimes.store import Store
from codex_generator.tree import SCHEMA
from codex_generator.versions import python_version

PARTLY: Final = 3
"""The exit code when only what worked is in the tree."""


def run(options: argparse.Namespace, root: Path, store: Store) -> int:
    """Bump a tree, and tell what came of it.

    Args:
        options: of the command line.
        root: of the repository.
        store: where runtimes are kept.

    Returns:
        The exit code: 0 when all went well, 1 when something failed and the tree is as it was, 3
        when what worked is in the tree, and not all did.

    Raises:
        GeneratorError: The tree cannot be bumped to that; it is as it was.
    """
    hear_signals()
    with alone(root):
        return _run(options, root, store)


def _run(options: argparse.Namespace, root: Path, store: Store) -> int:
    chosen = Options(options.python, options.tests, options.dry_run, options.keep_going)
    bump = Bump(root, store, chosen)
    begin = time.monotonic()
    try:
        runtime = bump.target(options.runtime)
        pinned = read_version(root / SCHEMA)
        if runtime is None:
            print(f"{pinned} is pinned already: nothing is to be done")
            return 0
        print(f"{pinned} -> {runtime.version}: the runtime is from {runtime.origin}", flush=True)
        minimum = python_version(read_compatibility(root / SCHEMA, pinned).minimum)
        if Version(runtime.version) < Version(minimum):
            print(f"the facade is for {minimum} and newer: not all can succeed", flush=True)
        fetched = time.monotonic()
        with Board(Console(soft_wrap=True)) as board:
            ledger = Ledger(board)
            try:
                bump.run(runtime, ledger)
            except KeyboardInterrupt:
                if ledger.changed is None:
                    raise  # else nothing is left to do but tidying up
    except KeyboardInterrupt:
        print("stopped: the tree is as it was", file=sys.stderr)
        return 130
    ended = time.monotonic()
    _print_failures(ledger)
    tests = sum(entry.seconds for entry in ledger.entries if entry.name == TESTS)
    print(
        f"{ended - begin:.0f} s: {fetched - begin:.0f} s for the runtime, {tests:.0f} s for the "
        f"tests, and {ended - fetched - tests:.0f} s for all else that was not beside them"
    )
    made_from_npm = runtime.site is not None and not came_from_index(runtime.site)
    if made_from_npm and ledger.changed is not None:
        print(
            f"the runtime {runtime.version} was not on the Python index: before our wheel is, "
            "nobody can `pip install` it as the pages say; sessions fetch it from npm"
        )
    print(_verdict(runtime.version, ledger, chosen))
    if not ledger.failed:
        return 0
    return 1 if ledger.changed is None else PARTLY


def _print_failures(ledger: Ledger) -> None:
    if ledger.failed:
        print(f"{len(ledger.failed)} step(s) did not succeed:")
        for entry in ledger.failed:
            print(f"  {entry.name}: {entry.words.splitlines()[0] if entry.words else 'see above'}")


def _verdict(version: str, ledger: Ledger, options: Options) -> str:
    if ledger.changed is None:
        why = " (--dry-run)" if options.dry_run else ""
        page = f"; the page on it is {ledger.page}" if ledger.page else ""
        return f"the tree is as it was{why}{page}"
    changed = f"{ledger.changed} files changed"
    if ledger.failed:
        return f"{changed}: what worked for {version} is in the tree, and is no whole"
    return f"{changed}: the tree is made for {version} now; read it, then commit"
