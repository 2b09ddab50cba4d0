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
        target: the folder to make; it must not exist, and its parent must.

    Yields:
        The folder to fill.

    Raises:
        ReleaseError: There is something of that name, or the disk does not take it all.
    """
    if os.path.lexists(target):
        raise ReleaseError(f"{target}: exists already; name a new folder, or remove it")
    if not target.parent.is_dir():
        raise ReleaseError(f"{target.parent}: there is no such folder")
    with failures_told(target), scratch_folder(target) as unfinished:
        filled = unfinished / target.name
        filled.mkdir()
        yield filled
        filled.rename(target)


@contextmanager
def scratch_folder(target: Path) -> Generator[Path, None, None]:
    """Have a folder for what is not finished yet, beside where it will be.

    It is removed in the end; so are those that killed processes have left for the same target.

    Args:
        target: what is going to be made.
    """
    for left in target.parent.glob(f".{target.name}.*.part"):
        owner = left.name.split(".")[-2]
        if owner.isdecimal() and not _is_alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    folder = target.with_name(f".{target.name}.{os.getpid()}.part")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return True  # to ask is to end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's
    return True


@contextmanager
def failures_told(target: Path, what: str = "made") -> Generator[None, None, None]:
    """Tell in a sentence what the system refused, such as space on a full disk.

    Args:
        target: what was being worked on.
        what: what cannot be done with it.

    Raises:
        ReleaseError: In place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        reason = error.strerror or error
        raise ReleaseError(f"{target}: cannot be {what}: {reason}{place}") from error


@contextmanager
def watch_growth(folder: Path, meter: Meter) -> Generator[None, None, None]:
    """Tell how far a program has come that does not tell, by what it writes.

    Args:
        folder: where it writes.
        meter: takes by how many bytes the folder has grown.
    """
    done = threading.Event()
    arguments = (folder, size_of(folder), done, meter)
    watching = threading.Thread(target=_watch, args=arguments, daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def _watch(folder: Path, seen: int, done: threading.Event, meter: Meter) -> None:
    while not done.wait(_POLL):
        size = size_of(folder)
        if size > seen:
            meter.add(size - seen)
            seen = size


def size_of(folder: Path) -> int:
    """Return how many bytes all files below a folder have; it may be changed meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it was moved or removed since it was listed
                size += os.stat(os.path.join(place, name)).st_size
    return size
