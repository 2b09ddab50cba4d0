"""The command line: `nox -s compat -- VERSION…`, or `python -m codex_generator.compat`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from codex_app_server_rpc import MINIMUM_RUNTIME
from rich.console import Console

from codex_generator.compat.checking import Checker
from codex_generator.compat.columns import COLUMNS, GENERATION, Column
from codex_generator.compat.copies import Copies
from codex_generator.compat.matrix import Matrix
from codex_generator.compat.page import Page
from codex_generator.compat.progress import Board
from codex_generator.compat.report import as_json, print_matrix
from codex_generator.diagnostics import GeneratorError
from codex_generator.entry import CHECKOUT, hear_signals, told
from codex_generator.load import read_version
from codex_generator.runtimes.obtaining import obtain
from codex_generator.runtimes.store import STORE, Runtime, Store
from codex_generator.tree import SCHEMA

_WIDTH: Final = 140
"""Characters in a line of a log."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check runtimes and print the matrix.

    Args:
        arguments: of the command line; those of the process when not given.

    Returns:
        The exit code: 0 when all that was checked is ok, 1 when anything failed or the input is
        bad, which is then said in a sentence; a wrong command line exits with 2.
    """
    options = _parse(arguments)
    return told(lambda: _run(options), "what was begun has ended")


def program() -> int:
    """Run as a program, which ends what it has started whichever way it is asked to stop."""
    hear_signals()
    return main()


def _run(options: argparse.Namespace) -> int:
    root: Path = options.root.resolve()
    # What cannot be written is refused before the work, and not after it.
    if options.write is not None:
        Page.read(options.write)
    if options.json is not None and not options.json.parent.is_dir():
        raise GeneratorError(f"{options.json.parent}: there is no such folder")
    pinned = read_version(root / SCHEMA)
    store = Store((options.runtimes or root / STORE).resolve())
    runtimes = _runtimes(options.runtime, store)
    columns = _columns(options.only)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    with (
        _scratch(options.keep) as scratch,
        Board(console, len(runtimes) * len(columns)) as board,
    ):
        copies = Copies(root, scratch)
        checker = Checker(copies, columns, MINIMUM_RUNTIME, store.folder / "compat", board.tell)
        rows = checker.check_all(runtimes, options.jobs)
    matrix = Matrix(pinned, rows)
    print_matrix(matrix, columns, console)
    if options.json is not None:
        options.json.write_text(as_json(matrix), encoding="utf-8")
    if options.write is not None:
        Page.read(options.write).extended(matrix, columns, date.today()).write()
    if options.keep:
        print(f"kept: {scratch}")
    return 0 if matrix.passed else 1


def _runtimes(wanted: Sequence[str], store: Store) -> list[Runtime]:
    """Return the runtimes that are asked for, each once, as they were named."""
    found: dict[str, Runtime] = {}
    for text in wanted:
        runtime = obtain(text, store)
        print(f"{runtime.version:<10} {'runtime':<14} {runtime.origin}", flush=True)
        known = found.setdefault(runtime.version, runtime)
        if known.program != runtime.program:
            raise GeneratorError(
                f"{text}: is runtime {runtime.version}, as {known.program} is: name one of them"
            )
    return [*found.values()]


def _columns(only: Sequence[str]) -> list[Column]:
    """Return the columns that are asked for, with the one that others stand on."""
    chosen = [column for column in COLUMNS if column.name in only or not only]
    if not all(column.pinned for column in chosen) and GENERATION not in chosen:
        return [GENERATION, *chosen]
    return chosen


@contextmanager
def _scratch(keep: bool) -> Generator[Path, None, None]:
    folder = Path(tempfile.mkdtemp(prefix="codex-compat-")).resolve()
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [column.name for column in COLUMNS]
    parser = argparse.ArgumentParser(
        prog="nox -s compat --",
        description="Drive packages that are made for other runtimes, and ours, against them.",
        epilog="\n".join(["columns:", *(f"  {each.name:<15}{each.about}" for each in COLUMNS)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "runtime",
        nargs="+",
        metavar="RUNTIME",
        help="`latest`, a version, or the path of a program",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=names,
        metavar="COLUMN",
        help="only this column, and those named likewise (default: all)",
    )
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=min(2, os.cpu_count() or 1),
        metavar="N",
        help="runtimes that are checked at once (default: %(default)s)",
    )
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the matrix there too")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="put the rows into the matrix on a page"
    )
    parser.add_argument("--root", type=Path, default=CHECKOUT, help=argparse.SUPPRESS)
    parser.add_argument(
        "--runtimes",
        type=Path,
        help="where fetched runtimes and logs are kept (default: in nox's cache)",
    )
    options = parser.parse_args(arguments)
    if options.write is not None and options.only:
        parser.error("--write wants the whole matrix, and --only gives a part of it")
    return options


def _jobs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("must be a number, 1 or more")
    return int(text)
