"""Start and close clients and print what one costs in the median, in milliseconds, as JSON.

A program for a child process: ``lifecycle_probe.py KIND CYCLES SERVER…``.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from time import perf_counter, process_time

from openai_codex import AsyncCodex, Codex, CodexConfig

kind, cycles = sys.argv[1], int(sys.argv[2])
config = CodexConfig(launch_args_override=tuple(sys.argv[3:]))
walls, cpus = list[float](), list[float]()


def cycle() -> None:
    """Start and close sync clients."""
    for _ in range(cycles + 1):
        wall, cpu = perf_counter(), process_time()
        Codex(config).close()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)


async def async_cycle() -> None:
    """Start and close async clients."""
    for _ in range(cycles + 1):
        wall, cpu = perf_counter(), process_time()
        async with AsyncCodex(config):
            pass
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)


if kind == "sync":
    cycle()
else:
    asyncio.run(async_cycle())
# The first one loads and builds what all of them use.
wall, cpu = (statistics.median(samples[1:]) * 1e3 for samples in (walls, cpus))
print(json.dumps({"wall": wall, "cpu": cpu}))
