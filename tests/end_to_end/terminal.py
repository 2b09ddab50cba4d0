"""A program in a terminal of its own, at which somebody types."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Terminal"]

PATIENCE: Final = 60.0
"""How long something is waited for, in seconds."""
_ORDERS: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


class Terminal:
    """Runs a program in a pseudo-terminal; a context manager that kills what still runs.

    Attributes:
        written: All that the program has written so far, without orders to the terminal.
    """

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, columns: int = 80
    ) -> None:
        """Start the program."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self._process = subprocess.Popen(
            # A new session, whose terminal this becomes: its Ctrl-C goes to the program.
            [sys.executable, "-c", _LEADER, *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**env, "TERM": "xterm-256color"},
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)
        self.written: str = ""

    def wait_for(self, words: str) -> None:
        """Wait until the program has written these words.

        Raises:
            AssertionError: It ended, or took too long, and had not.
        """
        deadline = time.monotonic() + PATIENCE
        while words not in self.written:
            if not self._read(deadline):
                raise AssertionError(f"{words!r} was not written, but: {self.written}")

    def type(self, keys: str) -> None:
        """Type something."""
        os.write(self._master, keys.encode())

    def wait(self) -> int:
        """Wait for the program's end, and give its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self._process.wait(max(deadline - time.monotonic(), 1))

    def __enter__(self) -> Terminal:
        """Return the terminal itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Kill the program, if it still runs."""
        with contextlib.suppress(OSError):
            os.close(self._master)  # which its terminal goes with
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _read(self, deadline: float) -> bool:
        """Read some of what was written; tell whether there may be more."""
        ready, _, _ = select.select([self._master], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # on Linux, the other end is closed
            return False
        text = data.decode("utf-8", "replace")
        self.written = _ORDERS.sub("", self.written + text).replace("\r\n", "\n")
        return bool(data)


_LEADER: Final = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Takes the terminal, then becomes the program."""
