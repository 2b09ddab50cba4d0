"""Running a program of which nothing is known: bounded in time and in what it may say."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Probe", "probe"]

LONGEST_OUTPUT: Final = 64 * 1024
"""How much of a program's output is read, in bytes."""


@dataclass(frozen=True)
class Probe:
    """What came of running a program.

    Attributes:
        output: What it wrote to stdout and stderr, decoded leniently; the first part of it.
        exit_code: Its exit code; ``None`` if it was killed, or never ran.
        failure: Why it did not end by itself; ``None`` if it did.
    """

    output: str
    exit_code: int | None
    failure: str | None = None


def probe(
    argv: Sequence[str], timeout: float, environment: Mapping[str, str] | None = None
) -> Probe:
    """Run a program to its end, without input.

    Args:
        argv: The command line.
        timeout: How long it may take, in seconds; then it is killed, with its children on POSIX.
        environment: Its whole environment; ``None`` for this process's own.
    """
    deadline = time.monotonic() + timeout
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        return Probe("", None, f"it cannot be started: {reason or error}")
    assert process.stdout is not None
    pieces: list[bytes] = []
    # In a thread, which a child that keeps the pipe open cannot make this one wait for.
    reader = threading.Thread(target=_read, args=(process, pieces), daemon=True)
    reader.start()
    try:
        reader.join(timeout)
        exit_code = process.wait(max(deadline - time.monotonic(), 0.01))
        failure = None
    except subprocess.TimeoutExpired:
        exit_code, failure = None, f"it did not end within {timeout:g} s"
    finally:
        _kill(process)
    return Probe(b"".join(pieces).decode("utf-8", "replace"), exit_code, failure)


def _read(process: subprocess.Popen[bytes], pieces: list[bytes]) -> None:
    assert process.stdout is not None
    left = LONGEST_OUTPUT
    with process.stdout as pipe:  # closed when enough was read: the program is told so
        while left > 0 and (piece := os.read(pipe.fileno(), left)):
            pieces.append(piece)
            left -= len(piece)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill what still runs of the program, and on POSIX what it has started."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            os.killpg(process.pid, 9)
    elif process.poll() is None:
        process.kill()
    process.wait()
