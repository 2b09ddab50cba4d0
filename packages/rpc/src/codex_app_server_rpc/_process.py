"""The server's process: start it, watch it, end it with everything it started.

The child gets a process group of its own, so that a terminal's Ctrl-C does not reach it and
that the whole group can be ended at once. Its exit is seen through a pidfd where the system has
one (Linux), because waiting on it neither reaps the child nor needs a thread: the group can be
swept while the child's id still belongs to it.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import select
import signal
import subprocess
import sys
import weakref
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.errors import LaunchError, TransportClosedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

__all__ = ["ServerProcess", "StderrTail"]

STDERR_TAIL: Final = 8192
"""How much of the program's last stderr output is kept, in bytes."""

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_logger = logging.getLogger("codex_app_server_rpc.stderr")


class StderrTail:
    """The last bytes that the program wrote to stderr."""

    __slots__ = ("_data",)

    def __init__(self) -> None:
        """Start empty."""
        self._data = b""

    def feed(self, data: bytes) -> None:
        """Take in the next bytes; they are also logged at level DEBUG."""
        self._data = (self._data + data)[-STDERR_TAIL:]
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("%s", data.decode("utf-8", "replace").rstrip())

    def text(self) -> str:
        """The tail as text, decoded leniently, without the colours of a terminal."""
        return _COLOURS.sub("", self._data.decode("utf-8", "replace")).strip()


class ServerProcess:
    """A running app-server program.

    Attributes:
        argv: Its command line.
        stdin: The pipe to its standard input.
        stdout: The pipe from its standard output.
        stderr: The pipe from its standard error.
        tail: What it last wrote to stderr; whoever drains ``stderr`` feeds it.
        pidfd: A descriptor that becomes readable when the program ends; ``None`` where the
            system has none.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        """Start the program.

        Args:
            argv: The command line.
            env: The whole environment; ``None`` to inherit this process's.
            cwd: Its working directory; ``None`` to inherit.

        Raises:
            LaunchError: It cannot be started.
        """
        self.argv: tuple[str, ...] = tuple(argv)
        self.tail: StderrTail = StderrTail()
        self._popen = _spawn(self.argv, env, cwd)
        # Ends the group if this object is dropped, or the interpreter exits, without a close.
        self._last_resort = weakref.finalize(self, _abandon, self._popen, os.getpid())
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self.stdin: IO[bytes] = self._popen.stdin
        self.stdout: IO[bytes] = self._popen.stdout
        self.stderr: IO[bytes] = self._popen.stderr
        self.pidfd = _pidfd(self._popen.pid)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code once it was reaped; negative for a signal; ``None`` before."""
        return self._popen.returncode

    def wait(self, timeout: float) -> bool:
        """Wait until the program has ended, without reaping it where that is possible.

        Args:
            timeout: How long to wait at most, in seconds.

        Returns:
            Whether it has ended.
        """
        if self._popen.returncode is not None:
            return True
        if self.pidfd is not None:
            poller = select.poll()
            poller.register(self.pidfd, select.POLLIN)
            return bool(poller.poll(timeout * 1000))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(timeout)
        return self._popen.returncode is not None

    def terminate(self) -> None:
        """Ask the program's whole group to end."""
        _signal_group(self._popen, signal.SIGTERM)

    def kill(self) -> None:
        """End the program's whole group at once."""
        _kill_group(self._popen)

    def reap(self) -> int:
        """Sweep the group and take the exit code of the program, which must have ended.

        Returns:
            The exit code; negative for the signal that ended it.
        """
        if self._popen.returncode is None:
            _kill_group(self._popen)
        exit_code = self._popen.wait()
        self._last_resort.detach()
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None
        return exit_code

    def closed_error(self, message: str) -> TransportClosedError:
        """Make the error that tells a waiter how the program ended."""
        return TransportClosedError(
            message,
            exit_code=self.exit_code,
            stderr_tail=self.tail.text(),
            argv=self.argv,
        )


def _spawn(
    argv: tuple[str, ...], env: Mapping[str, str] | None, cwd: str | os.PathLike[str] | None
) -> subprocess.Popen[bytes]:
    creation_flags = 0
    if sys.platform == "win32":
        creation_flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=sys.platform != "win32",
            creationflags=creation_flags,
        )
    except (OSError, ValueError, IndexError) as error:  # IndexError: an empty command line
        raise LaunchError(_launch_reason(argv, cwd, error), argv=argv) from error


def _launch_reason(
    argv: tuple[str, ...], cwd: str | os.PathLike[str] | None, error: Exception
) -> str:
    program = argv[0] if argv else "(an empty command line)"
    if cwd is not None and not os.path.isdir(cwd):
        return f"cannot start {program}: the working directory {os.fspath(cwd)} does not exist"
    if isinstance(error, FileNotFoundError):
        return f"cannot start {program}: there is no such program"
    if isinstance(error, PermissionError):
        return f"cannot start {program}: it is not executable"
    if isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        return f"cannot start {program}: it is not a program for this system"
    return f"cannot start {program}: {error}"


def _pidfd(pid: int) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # this Python, the kernel or a sandbox lacks it
        return None


def _signal_group(popen: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the group of a child that was not reaped yet, so its id is still its own."""
    if popen.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            popen.send_signal(number)
        else:
            os.killpg(popen.pid, number)


def _abandon(popen: subprocess.Popen[bytes], owner: int) -> None:
    """Kill the group from the process that started it; a fork of that one leaves it alone."""
    if os.getpid() == owner:
        _kill_group(popen)


def _kill_group(popen: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        if popen.returncode is None:
            popen.kill()
    else:
        _signal_group(popen, signal.SIGKILL)
