"""Obtaining: from what somebody asks for to a runtime, or to the schema of one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from codex_generator.load import MANIFEST, read_version
from codex_generator.runtimes.errors import RuntimeFetchError
from codex_generator.runtimes.store import Runtime, Store, runtime_at
from codex_generator.runtimes.wanted import LATEST, program_at, version_in

if TYPE_CHECKING:
    from codex_generator.runtimes.fetching import Fetcher


def obtain(wanted: str, store: Store) -> Runtime:
    """Return a runtime that somebody asks for, fetched if it is not in the store.

    Args:
        wanted: `latest`, a version, or the path of a program.
        store: where runtimes are kept.

    Raises:
        GeneratorError: It cannot be had, in one sentence.
    """
    version = _version(wanted)
    return runtime_at(wanted) if version is None else store.runtime(version, _fetch)


def schema_source(wanted: str, store: Store, pinned: Path) -> Path:
    """Return what prints or holds the schema that somebody asks for.

    Args:
        wanted: `latest`, a version, or the path of a program or of a folder with both bundles.
        store: where schemas are kept; what is not there is fetched.
        pinned: the folder with the schema of the checkout, which needs no fetching.

    Returns:
        A folder, or a program that somebody named.

    Raises:
        GeneratorError: The runtime of that version cannot be had.
    """
    version = _version(wanted)
    if version is None:
        return program_at(wanted)
    if (pinned / MANIFEST).is_file() and version_in(read_version(pinned)) == version:
        return pinned
    return store.schema(version, _fetch)


def _version(wanted: str) -> str | None:
    """Return the version that is asked for, `None` for a path."""
    if wanted != LATEST:
        return version_in(wanted)
    with _fetcher() as fetcher:
        return fetcher.latest()


def _fetch(version: str, site: Path) -> str:
    with _fetcher() as fetcher:
        return fetcher.fetch(version, site)


@contextmanager
def _fetcher() -> Generator[Fetcher, None, None]:
    """Give what fetches, with its progress on stderr: stdout is for what was asked for."""
    try:
        # Here, so that whoever only renders needs neither npm nor a terminal's colours.
        from rich.console import Console

        from codex_generator.release.progress import Board
        from codex_generator.runtimes.fetching import Fetcher
    except ImportError as error:
        reason = "fetching a runtime needs an extra: pip install './generator[release]'"
        raise RuntimeFetchError(reason) from error
    with Board(Console(stderr=True)) as board:
        yield Fetcher(board)
