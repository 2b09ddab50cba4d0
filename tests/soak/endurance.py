"""A load put on twice, after a warm-up: what it leaves, and whether memory grows with it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from tests.soak.footprint import Footprint, Memory, settle

__all__ = ["Load", "Report", "Tolerance", "endure"]

Load: TypeAlias = Callable[[int], Awaitable[None]]
"""Does so many pieces of work, or works for so many seconds."""

Report: TypeAlias = Callable[[str], None]
"""Takes a line for whoever watches."""

MIB = 1024 * 1024


@dataclass(frozen=True)
class Tolerance:
    """By how much memory may grow in half a load.

    What grows without end grows in both halves, so the smaller growth of the two is looked at:
    what is made once, but late, counts in one of them only.

    Attributes:
        blocks: Blocks of Python's allocator, at most.
        blocks_each: The same for each piece of work. What is forgotten takes one block or more.
        resident: Resident memory, in bytes. It varies with what lies unused in between.
    """

    blocks: int = 150
    blocks_each: float = 0.2
    resident: int = 4 * MIB

    def allows(self, growths: list[Memory], half: int) -> bool:
        """Judge the growth in each half, of so many pieces of work."""
        return (
            min(growth.blocks for growth in growths) <= self.blocks + self.blocks_each * half
            and min(growth.resident for growth in growths) <= self.resident
        )


TOLERANCE = Tolerance()


async def endure(
    load: Load,
    size: int,
    *,
    warm_up: int,
    step: int,
    limit: float,
    report: Report,
    tolerance: Tolerance = TOLERANCE,
) -> None:
    """Put a load on in two equal halves, and see that all is as it was after each.

    Args:
        load: The load.
        size: How much of it.
        warm_up: How much of it comes first, so that everything is made that is made once.
        step: How much of it is put on at once.
        limit: How long a step may take before it counts as hanging, in seconds.
        report: Is told how far it is, and what came of it.
        tolerance: By how much memory may grow.

    Raises:
        AssertionError: Something was left, or memory grew, or a task was forgotten.
    """
    half = (size + 1) // 2
    started = time.monotonic()
    complaints = _complaints()
    await _put_on(load, warm_up, limit)
    before = Footprint.take()
    memory = [Memory.measure()]
    for number in (1, 2):
        for done in range(0, half, step):
            await _put_on(load, min(step, half - done), limit)
            report(f"half {number}: {min(done + step, half)} of {half}")
        left = (await settle(before)).left_since(before)
        assert not left, f"left behind: {left}"
        assert not complaints, complaints
        memory.append(Memory.measure())
    now = Footprint.take()
    growths = [end - begin for begin, end in pairwise(memory)]
    report(
        f"2 x {half} in {time.monotonic() - started:.0f} s: nothing was left; {_text(growths)}; "
        f"there are now {len(now.descriptors)} descriptors, {len(now.threads)} threads, "
        f"{len(now.tasks)} tasks, {len(now.processes)} processes"
    )
    more = list(now.more_since(before).items())[:12]
    assert tolerance.allows(growths, half), f"{_text(growths)}; there are more of {more}"


def _text(growths: list[Memory]) -> str:
    mib = [round(growth.resident / MIB, 2) for growth in growths]
    return f"memory grew by {[growth.blocks for growth in growths]} blocks, {mib} MiB"


def _complaints() -> list[str]:
    """Collect what the event loop says of tasks that nobody has waited for."""
    complaints: list[str] = []

    def complain(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        complaints.append(repr(context))

    asyncio.get_running_loop().set_exception_handler(complain)
    return complaints


async def _put_on(load: Load, size: int, limit: float) -> None:
    """Put a load on; should it hang, end its servers, so that its threads end too."""
    before = Footprint.take()
    task = asyncio.ensure_future(load(size))
    _, late = await asyncio.wait({task}, timeout=limit)
    if late:
        at_work = [repr(each) for each in asyncio.all_tasks()]
        for pid in Footprint.take().processes.keys() - before.processes.keys():
            os.kill(pid, signal.SIGKILL)
        task.cancel()
        await asyncio.wait({task}, timeout=10)
        raise AssertionError(f"not done within {limit:g} s; at work: {at_work}")
    await task
