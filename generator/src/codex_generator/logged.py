"""Logged commands: they write into a log what they say, and end when they shall."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Protocol

_LOOK: Final = 0.2
"""Seconds between two looks at whether a command shall end."""

_LAST_LINES: Final = 6
"""Lines of a log that a failure shows."""

_GRACE: Final = 10.0
"""Seconds that a command has to end when it was asked to."""


class Place(Protocol):
    """Where a command is run."""

    @property
    def root(self) -> Path:
        """The folder."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment."""
        ...


def run_logged(
    command: Sequence[str], place: Place, log: BinaryIO, deadline: float, stopped: threading.Event
) -> bool:
    """Run a command to its end.

    Args:
        command: the program and its arguments.
        place: where it is run, and in whose environment.
        log: takes the command and all that it says.
        deadline: seconds that it may take.
        stopped: is set when it shall end at once.

    Returns:
        Whether it succeeded; if not, the log says why.
    """
    _note(log, f"$ {' '.join(command)}")
    if stopped.is_set():
        _note(log, "stopped")
        return False
    try:
        process = subprocess.Popen(
            command,
            cwd=place.root,
            env=place.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all that it starts can be ended with it
        )
    except OSError as error:
        _note(log, f"cannot be run: {error.strerror}")
        return False
    end = time.monotonic() + deadline
    while time.monotonic() < end and not stopped.is_set():
        try:
            code = process.wait(_LOOK)
        except subprocess.TimeoutExpired:
            continue
        if code:
            _note(log, f"exit code {code}")
        return code == 0
    _end(process)
    _note(log, "stopped" if stopped.is_set() else f"has not ended within {deadline:.0f} s")
    return False


def last_lines(log: Path) -> str:
    """Return the end of a log, which says why a command has failed."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([line for line in lines if line.strip()][-_LAST_LINES:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command with all that it started: first by asking, then whether it wants to or not."""
    _signal(process, force=False)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        _signal(process, force=True)
        process.wait()


def _signal(process: subprocess.Popen[bytes], *, force: bool) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, signal.SIGKILL if force else signal.SIGTERM)


def _note(log: BinaryIO, line: str) -> None:
    log.write(f"{line}\n".encode())
    log.flush()
