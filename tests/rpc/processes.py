"""Watching other processes, and what this one holds open."""

from __future__ import annotations

import contextlib
import os
import select
import signal

__all__ = ["end", "has_ended", "is_gone", "open_descriptors"]


def is_gone(pid: int) -> bool:
    """Tell whether there is no such process, not even one that nobody has reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def has_ended(pid: int, within: float = 5.0) -> bool:
    """Tell whether a process ends in time; a zombie has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(within * 1000))
    finally:
        os.close(descriptor)


def end(pid: int) -> None:
    """Kill a process that a test left on purpose."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def open_descriptors() -> dict[int, str]:
    """List what this process holds open (Linux)."""
    found: dict[int, str] = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that read the folder
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found
