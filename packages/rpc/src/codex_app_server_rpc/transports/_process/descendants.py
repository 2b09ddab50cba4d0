"""Who descends from a process, also in groups and sessions of their own (Linux).

Ending a process group reaches neither a daemon nor a command that the runtime started in a
session of its own. Who they are must be asked while the process lives: the children of a dead
one are init's, and nothing tells any more whose they were.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

__all__ = ["Descendants"]


class Descendants:
    """The processes that were seen to descend from one, each known by its id and its birth.

    Process ids are used again. A process whose time of birth is another than the one that was
    seen is another process, and is left alone.
    """

    def __init__(self, pid: int, proc: str = "/proc") -> None:
        """Keep whose descendants are meant; nothing is looked at yet.

        Args:
            pid: The process.
            proc: Where the kernel tells about processes.
        """
        self._pid = pid
        self._proc = proc
        self._births: dict[int, str] = {}

    def look(self) -> None:
        """Remember who descends from the process now. Does nothing where there is no /proc."""
        if sys.platform == "linux":
            self._look_below(self._pid)

    def kill(self) -> None:
        """End at once those that were seen and live still, and what descends from them now."""
        for pid, birth in tuple(self._births.items()):
            if self._parent_and_birth(pid)[1] == birth:
                self._look_below(pid)
        for pid, birth in self._births.items():
            if self._parent_and_birth(pid)[1] == birth:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        self._births.clear()

    def _look_below(self, pid: int) -> None:
        todo = [pid]
        while todo:
            parent = todo.pop()
            for child in self._children(parent):
                real_parent, birth = self._parent_and_birth(child)
                if real_parent == parent:  # else it died, and its id may be somebody else's
                    self._births[child] = birth
                    todo.append(child)

    def _children(self, pid: int) -> list[int]:
        """List the children that any thread of a process has."""
        found: list[int] = []
        threads: list[str] = []
        with contextlib.suppress(OSError):  # it has ended
            threads = os.listdir(f"{self._proc}/{pid}/task")
        for thread in threads:
            children = f"{self._proc}/{pid}/task/{thread}/children"
            # The thread has ended, or this kernel does not tell.
            with contextlib.suppress(OSError), open(children, "rb") as file:
                found.extend(map(int, file.read().split()))
        return found

    def _parent_and_birth(self, pid: int) -> tuple[int, str]:
        """Give a process's parent and its start time, in ticks since the system's start."""
        try:
            with open(f"{self._proc}/{pid}/stat", "rb") as file:
                text = file.read()
        except OSError:
            return 0, ""
        # The name, in brackets, may contain anything.
        fields = text.rpartition(b")")[2].split()
        return int(fields[1]), fields[19].decode()
