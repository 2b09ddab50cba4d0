"""Watching other processes, and what this one holds open."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from select import POLLIN, poll  # before any test takes them away

import pytest

__all__ = [
    "descendants",
    "end",
    "has_ended",
    "is_gone",
    "on_linux",
    "open_descriptors",
    "parent_of",
]

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="looks into /proc, which other systems do not have"
)


def is_gone(pid: int) -> bool:
    """Tell whether there is no such process, not even one that nobody has reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def has_ended(pid: int, within: float = 10.0) -> bool:
    """Tell whether a process ends in time; a zombie has ended."""
    if not hasattr(os, "pidfd_open"):
        return _is_seen_to_end(pid, within)
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poller = poll()
        poller.register(descriptor, POLLIN)
        return bool(poller.poll(within * 1000))
    finally:
        os.close(descriptor)


def _is_seen_to_end(pid: int, within: float) -> bool:
    """Where no descriptor tells the end of another process: ask for its state."""
    deadline = time.monotonic() + within
    while True:
        command = ["ps", "-o", "state=", "-p", str(pid)]
        state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if state.strip()[:1] in ("", "Z"):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def end(pid: int) -> None:
    """Kill a process that a test left on purpose."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> set[int]:
    """List who descends from a process, whatever group or session they are in (Linux)."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(name)] = parent_of(int(name))
    found: set[int] = set()
    todo = {pid}
    while todo:
        found |= todo
        todo = {child for child, parent in parents.items() if parent in todo}
    return found - {pid}


def parent_of(pid: int) -> int:
    """Tell from whom a process descends (Linux)."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rpartition(b")")[2].split()[1])


def open_descriptors() -> dict[int, str]:
    """List what this process holds open."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("this system does not tell what a process holds open")
    found: dict[int, str] = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the one that read the folder
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found
