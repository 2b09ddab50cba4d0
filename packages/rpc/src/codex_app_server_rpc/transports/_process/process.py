"""The server's process: start it, watch it, end it with everything it started.

The child gets a process group of its own, so that a terminal's Ctrl-C does not reach it and
that the whole group can be ended at once; on Windows a job object does the same. It is reaped
only after its group was swept, while its id is still its own. Three nets catch those who are not
closed: a process that is dropped is ended by its finaliser, those that live when the interpreter
exits are ended then, and a guardian ends the tree of one whose owner is killed.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
import weakref
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.errors import TransportClosedError
from codex_app_server_rpc.transports._process.descendants import Descendants
from codex_app_server_rpc.transports._process.exit_watch import ExitWatch
from codex_app_server_rpc.transports._process.guardian import Guardian
from codex_app_server_rpc.transports._process.launch import job_of, launch
from codex_app_server_rpc.transports._process.stderr_tail import StderrTail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

__all__ = ["EXIT_GRACE", "KILL_GRACE", "ServerProcess"]

EXIT_GRACE: Final = 3.0
"""How long each step of a shutdown waits for the program, in seconds."""

KILL_GRACE: Final = 1.0
"""How long the end of a program that was killed is waited for, in seconds."""

_KILL: Final = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
"""What ends a program at once."""


class ServerProcess:
    """A running app-server program.

    Attributes:
        argv: Its command line.
        stdin: The pipe to its standard input.
        stdout: The pipe from its standard output.
        stderr: The pipe from its standard error.
        tail: What it last wrote to stderr; whoever drains ``stderr`` feeds it.
        keeper: The thread that reads from it and finishes with it, if it is a thread that does.
    """

    _is_finished = True  # what there is to let go of if it cannot be started

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
        self.keeper: threading.Thread | None = None
        self._popen = launch(self.argv, env, cwd)
        try:
            self._watch_over()
        except BaseException:  # Ctrl-C: nothing else would end it
            with self._popen:
                self._popen.kill()
            raise

    def _watch_over(self) -> None:
        """Take hold of all that ends the program."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self.stdin: IO[bytes] = self._popen.stdin
        self.stdout: IO[bytes] = self._popen.stdout
        self.stderr: IO[bytes] = self._popen.stderr
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._job = job_of(self._popen)
        self._watch = ExitWatch(self._popen)
        self._descendants = Descendants(self._popen.pid)
        self._guardian: Guardian | None = None
        if sys.platform != "win32":
            self._guardian = Guardian(self._popen.pid, self.stdin)
        self._is_finished = False
        _alive.add(self)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code once it was reaped; negative for a signal; ``None`` before."""
        return self._popen.returncode

    @property
    def exit_descriptor(self) -> int | None:
        """Becomes readable when the program ends; ``None`` where the system has none."""
        return self._watch.descriptor

    @property
    def is_foreign(self) -> bool:
        """Whether this is a fork of the process that started the program, and must leave it."""
        return os.getpid() != self._owner

    def has_ended(self) -> bool:
        """Tell whether the program has ended."""
        return self._watch.has_ended()

    def wait(self, timeout: float) -> bool:
        """Wait until the program has ended, without reaping it where that is possible.

        Args:
            timeout: How long to wait at most, in seconds.

        Returns:
            Whether it has ended.
        """
        return self._watch.wait(timeout)

    def look(self) -> None:
        """Look at who descends from the program, to end with it those who are not in its group.

        A program that has ended, has no descendants any more.
        """
        with self._lock:
            if not self._is_finished:
                self._descendants.look()

    def prepare_end(self) -> None:
        """Get ready for the end of stdin, before it is closed.

        Looks who there is to end, and has the guardian let go of stdin, which else would not end.
        """
        self.look()
        if self._guardian is not None:
            self._guardian.let_stdin_end()

    def terminate(self) -> None:
        """Ask the program's whole group to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the program's whole tree at once; safe in a finaliser and from any thread."""
        self._signal(_KILL)

    def finish(self) -> None:
        """Sweep what the program, which must have ended, left behind; reap it; let go of all.

        That is its group, and those in groups of their own that were seen in time.
        """
        with self._lock:
            if self._is_finished:
                return
            self._send(_KILL)
            self._descendants.kill()
            if self._guardian is not None:
                self._guardian.dismiss()
            self._popen.wait()
            self._watch.close()
            if self._job is not None:
                self._job.close()
            self._close_pipes()
            self._is_finished = True
            _alive.discard(self)

    def abandon(self) -> None:
        """Kill the program's tree and let go of all, for those who do not wait for its end."""
        if self._is_finished:
            return
        self.kill()
        if self.keeper is not None and self.keeper.is_alive():
            self.keeper.join(KILL_GRACE)  # nobody else may close what it reads from
        elif self.wait(KILL_GRACE):
            self.finish()

    def __del__(self) -> None:
        """End the program of one who forgot it."""
        self.abandon()

    def closed_error(self, message: str) -> TransportClosedError:
        """Make the error that tells a waiter how the program ended."""
        return TransportClosedError(
            message,
            exit_code=self.exit_code,
            stderr_tail=self.tail.text(),
            argv=self.argv,
        )

    def forget_in_fork(self) -> None:
        """Let go, in a fork of the owner, of everything, and leave the program alone.

        The pipes above all: while a fork holds their other ends too, neither the program nor
        the guardian sees that the owner is gone.
        """
        self._is_finished = True
        self._close_pipes()
        self._watch.close()
        if self._guardian is not None:
            self._guardian.forget_in_fork()
        self._popen.returncode = 0  # not a child of this process: nothing to wait for or signal

    def _signal(self, number: signal.Signals) -> None:
        """Signal the tree. Whoever holds the lock for long is reaping what has ended."""
        # Bounded, for a finaliser may interrupt, in the same thread, the one who holds it.
        if not self._lock.acquire(timeout=0.1):
            return
        try:
            if self._popen.returncode is None:
                self._descendants.look()
                self._send(number)
                if number == _KILL:
                    self._descendants.kill()
        finally:
            self._lock.release()

    def _send(self, number: signal.Signals) -> None:
        """Signal the group of a child that was not reaped yet, so its id is still its own."""
        if self._popen.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform != "win32":
                os.killpg(self._popen.pid, number)
            elif self._job is not None:
                self._job.kill()
            else:
                self._popen.terminate()

    def _close_pipes(self) -> None:
        for pipe in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(OSError):
                pipe.close()


_alive: weakref.WeakSet[ServerProcess] = weakref.WeakSet()


def _end_at_exit() -> None:
    """End what nobody closed, all at once: by the end of stdin at first, as a close would."""
    processes = list(_alive)
    for process in processes:
        process.prepare_end()
        with contextlib.suppress(OSError):
            process.stdin.close()
    deadline = time.monotonic() + KILL_GRACE
    while time.monotonic() < deadline and not all(process.has_ended() for process in processes):
        time.sleep(0.002)
    for process in processes:
        process.abandon()


def _forget_in_fork() -> None:
    for process in list(_alive):
        process.forget_in_fork()
    _alive.clear()


atexit.register(_end_at_exit)
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget_in_fork)
