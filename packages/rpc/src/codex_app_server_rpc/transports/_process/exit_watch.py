"""Seeing that a child has ended, without reaping it.

While a child is not reaped its id is its own, so the group that it leads can still be swept
safely. Linux has the pidfd and the BSDs and macOS have the kqueue: descriptors that become
readable at the end of a process, to be waited for beside its pipes. Where there is neither (a
Python that was built on an old system, a sandbox, Windows), one has to ask from time to time.
"""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import subprocess

__all__ = ["ASKING_INTERVAL", "ExitWatch"]

ASKING_INTERVAL: Final = 0.1
"""How often to ask for the end where no descriptor tells it, in seconds.

It delays the news only of a program whose streams outlive it; all others end their streams.
"""


class _Kqueue(Protocol):
    """What is used of ``select.kqueue``, which type checkers know on BSD and macOS only."""

    def control(self, changelist: list[object], max_events: int, timeout: float) -> object: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class ExitWatch:
    """Tells when a child has ended."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        """Begin to watch a child that was not reaped."""
        self._child = child
        self._was_gone = False
        self._pidfd: int | None = None
        self._kqueue: _Kqueue | None = None
        if hasattr(select, "poll"):
            self._pidfd = _pidfd(child.pid)
            self._kqueue = self._watching_kqueue() if self._pidfd is None else None

    @property
    def descriptor(self) -> int | None:
        """Becomes readable when the child ends; ``None`` where the system has none, or closed."""
        return self._kqueue.fileno() if self._kqueue is not None else self._pidfd

    def has_ended(self) -> bool:
        """Tell whether the child has ended. It is reaped only if there is no other way to know."""
        if self._child.returncode is not None or self._was_gone:
            return True
        if sys.platform != "win32" and hasattr(os, "waitid"):
            options = os.WEXITED | os.WNOHANG | os.WNOWAIT
            try:
                return os.waitid(os.P_PID, self._child.pid, options) is not None
            except ChildProcessError:  # somebody else reaped it
                return True
        descriptor = self.descriptor
        if descriptor is not None:
            return _becomes_readable(descriptor, 0)
        return self._child.poll() is not None

    def wait(self, timeout: float) -> bool:
        """Wait until the child has ended.

        Args:
            timeout: How long to wait at most, in seconds.

        Returns:
            Whether it has ended.
        """
        descriptor = self.descriptor
        if descriptor is not None and not self.has_ended():
            return _becomes_readable(descriptor, timeout)
        deadline = time.monotonic() + timeout
        pause = 0.0005
        while not self.has_ended():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            time.sleep(min(pause, remaining))
            pause = min(pause * 2, ASKING_INTERVAL / 2)
        return True

    def close(self) -> None:
        """Let go of the descriptor."""
        pidfd, self._pidfd = self._pidfd, None
        if pidfd is not None:
            os.close(pidfd)
        if self._kqueue is not None:
            self._kqueue.close()
            self._kqueue = None

    def _watching_kqueue(self) -> _Kqueue | None:
        names = vars(select)
        if "kqueue" not in names:
            return None
        queue: _Kqueue = names["kqueue"]()
        event = names["kevent"](
            self._child.pid,
            filter=names["KQ_FILTER_PROC"],
            flags=names["KQ_EV_ADD"],
            fflags=names["KQ_NOTE_EXIT"],
        )
        try:
            queue.control([event], 0, 0)
        except OSError as error:
            queue.close()
            self._was_gone = isinstance(error, ProcessLookupError)
            return None
        return queue


def _pidfd(pid: int) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # this Python, the kernel or a sandbox lacks it
        return None


def _becomes_readable(descriptor: int, timeout: float) -> bool:
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(timeout * 1000))
