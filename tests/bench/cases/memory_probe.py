"""Let notifications come that nobody reads, and print the growth of memory in MB, as JSON.

A program for a child process: ``memory_probe.py KIND STREAM SERVER…``, where ``STREAM`` is ``open``
if there is to be a turn whose stream could take them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

from openai_codex import AsyncCodex, Codex, CodexConfig

kind, stream = sys.argv[1:3]
config = CodexConfig(launch_args_override=tuple(sys.argv[3:]))


def resident() -> float:
    """Return the resident memory in MB; where only the peak is at hand, that."""
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as status:
            size = int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    else:
        import resource

        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / 2**20


def print_and_exit(growth: float) -> None:
    """Print the growth, and leave the turn to the end of the process."""
    print(json.dumps({"megabytes": growth}), flush=True)
    os._exit(0)  # to end it in order is another matter


def measure() -> None:
    """Measure a sync client."""
    codex = Codex(config)
    thread = codex.thread_start()
    turn = thread.turn("x") if stream == "open" else None
    before = resident()
    codex.thread_start()  # answered after the flood
    growth = resident() - before
    assert turn is None or turn.thread_id == thread.id
    print_and_exit(growth)


async def async_measure() -> None:
    """Measure an async client."""
    codex = AsyncCodex(config)
    thread = await codex.thread_start()
    turn = await thread.turn("x") if stream == "open" else None
    before = resident()
    await codex.thread_start()
    growth = resident() - before
    assert turn is None or turn.thread_id == thread.id
    print_and_exit(growth)


if kind == "sync":
    measure()
else:
    asyncio.run(async_measure())
