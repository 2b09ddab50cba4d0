"""Outputs: what is made appears whole, under its own name, or not at all."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import Meter

_POLL: Final = 0.2
"""Seconds between two looks at how far a program has come that does not tell."""


@contextmanager
def new_folder(target: Path) -> Generator[Path, None, None]:
    """Have a folder filled beside its place, and put it there once all went well.

    Args:
        target: the folder to make; it must not exist.

    Yields:
        The folder to fill.

    Raises:
        ReleaseError: There is something of that name, or the disk does not take it all.
    """
    if os.path.lexists(target):
        raise ReleaseError(f"{target}: exists already; name a new folder, or remove it")
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    with failures_told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.mkdir()
            yield unfinished
            unfinished.rename(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def failures_told(target: Path) -> Generator[None, None, None]:
    """Tell in a sentence what the system refused, such as space on a full disk.

    Args:
        target: what was being made.

    Raises:
        ReleaseError: In place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise ReleaseError(f"{target}: cannot be made: {error.strerror or error}{place}") from error


@contextmanager
def watch_growth(folder: Path, meter: Meter) -> Generator[None, None, None]:
    """Tell how far a program has come that does not tell, by what it writes.

    Args:
        folder: where it writes.
        meter: takes by how many bytes the folder has grown.
    """
    done = threading.Event()
    watching = threading.Thread(target=_watch, args=(folder, done, meter), daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def _watch(folder: Path, done: threading.Event, meter: Meter) -> None:
    seen = size_of(folder)
    while not done.wait(_POLL):
        size = size_of(folder)
        if size > seen:
            meter.add(size - seen)
            seen = size


def size_of(folder: Path) -> int:
    """Return how many bytes all files below a folder have."""
    size = 0
    for file in folder.rglob("*"):
        with suppress(OSError):  # what is being written may be moved while it is looked at
            size += file.stat().st_size
    return size
