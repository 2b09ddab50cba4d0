"""What this process has open at one moment, and what is left of it at another (Linux)."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import from_json

from tests.rpc.processes import descendants, open_descriptors

__all__ = ["MARK", "Footprint", "Memory", "settle"]

MARK = "CODEX_SOAK"
"""The environment variable that tells the processes of this one, wherever they may have gone."""

PROJECT = ("codex_app_server_rpc", "codex_app_server_types", "openai_codex")
"""Of these packages every object is accounted for."""

GRACE = 10.0
"""How long what is about to end has time for that, in seconds."""

STRINGS = [
    json.dumps([f"string {number}" for number in range(start, start + 5000)]).encode()
    for start in range(0, 200_000, 5000)
]
"""Together they fill the JSON parser's cache of short strings, which has some 16,000 places.

Whatever was parsed before, the same strings take the same room in it then. The parser may have a
second cache, if two threads needed one at once: that is seen as a growth by so many blocks, once.
"""


@dataclass(frozen=True)
class Memory:
    """How much memory is in use.

    Attributes:
        resident: What this process has in RAM of its own, in bytes.
        blocks: How many blocks Python's allocator has given out: exact, but blind to what C keeps.
    """

    resident: int
    blocks: int

    def __sub__(self, other: Memory) -> Memory:
        return Memory(self.resident - other.resident, self.blocks - other.blocks)

    @classmethod
    def measure(cls) -> Memory:
        """Measure after everything was given back that can be."""
        for strings in STRINGS:
            from_json(strings)
        gc.collect()
        if hasattr(_libc(), "malloc_trim"):  # glibc has it
            _libc().malloc_trim(0)
        blocks = sys.getallocatedblocks()
        return cls(_resident(), blocks)


@dataclass(frozen=True)
class Footprint:
    """What this process has open. Each is a table from what it is to how it is called.

    Attributes:
        descriptors: Open files, by number and target.
        threads: Threads, those that Python does not know included.
        tasks: Tasks of the running event loop, but for the current one.
        processes: Those that descend from this one, or from those that did.
        objects: How many objects there are of each type.
    """

    descriptors: Mapping[tuple[int, str], str]
    threads: Mapping[int, str]
    tasks: Mapping[str, str]
    processes: Mapping[int, str]
    objects: Mapping[type, int]

    @classmethod
    def take(cls) -> Footprint:
        """Look around, after the garbage was collected."""
        gc.collect()
        return cls(
            {(number, target): target for number, target in open_descriptors().items()},
            _threads(),
            _tasks(),
            _processes(),
            _objects(),
        )

    def left_since(self, before: Footprint) -> list[str]:
        """Name what is there now and was not then."""
        tables: dict[str, tuple[Mapping[Any, str], Mapping[Any, str]]] = {
            "descriptor": (self.descriptors, before.descriptors),
            "thread": (self.threads, before.threads),
            "task": (self.tasks, before.tasks),
            "process": (self.processes, before.processes),
        }
        left = Counter(
            f"{kind}: {now[key]}"
            for kind, (now, then) in tables.items()
            for key in now.keys() - then
        )
        for name, number in self.more_since(before).items():
            if name.startswith(PROJECT):
                left[f"object: {name}"] = number
        return [f"{number} x {name}" for name, number in left.items()]

    def more_since(self, before: Footprint) -> dict[str, int]:
        """Count of which types there are more objects now, most first."""
        more = Counter(self.objects)
        more.subtract(before.objects)
        return {
            f"{kind.__module__}.{kind.__qualname__}": number
            for kind, number in more.most_common()
            if number > 0
        }


async def settle(before: Footprint) -> Footprint:
    """Take a footprint when nothing is left of what came after another, or `GRACE` is over.

    Of a thread that was joined, the system still knows for a moment, and of a handler's thread
    nobody waits for the end. There is no event to wait for.
    """
    deadline = time.monotonic() + GRACE
    while True:
        footprint = Footprint.take()
        if not footprint.left_since(before) or time.monotonic() > deadline:
            return footprint
        await asyncio.sleep(0.01)


@cache  # each makes types of its own
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _resident() -> int:
    with open("/proc/self/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell how much memory a process uses")


def _threads() -> dict[int, str]:
    found: dict[int, str] = {}
    for number in os.listdir("/proc/self/task"):
        with (
            contextlib.suppress(OSError),
            open(f"/proc/self/task/{number}/comm", encoding="utf-8") as file,
        ):
            found[int(number)] = f"{file.read().strip()} (not of Python)"
    return found | {thread.native_id or 0: thread.name for thread in threading.enumerate()}


def _tasks() -> dict[str, str]:
    try:
        others = asyncio.all_tasks() - {asyncio.current_task()}
    except RuntimeError:  # no event loop
        return {}
    return {task.get_name(): repr(task) for task in others}


def _processes() -> dict[int, str]:
    marked = f"{MARK}={os.getpid()}\0".encode()
    found: dict[int, str] = {}
    ours = descendants(os.getpid())
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if int(name) in ours or (
                int(name) != os.getpid() and marked in _content(f"/proc/{name}/environ") + b"\0"
            ):
                command = _content(f"/proc/{name}/cmdline").replace(b"\0", b" ").decode()
                found[int(name)] = command or "ended, but nobody has taken note (a zombie)"
    return found


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _objects() -> Counter[type]:
    return Counter(map(type, gc.get_objects()))
