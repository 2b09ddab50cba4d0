"""Make one request again and again and print what it costs, in microseconds, as JSON.

A program for a child process: ``round_trip_probe.py KIND REQUEST TRIPS SERVER…``. It is the same
for both sides, hence the untyped functions.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from contextlib import AsyncExitStack, ExitStack
from time import perf_counter, process_time
from typing import Any

from openai_codex import AsyncCodex, Codex, CodexConfig

WARM_UP = 100

kind, request, trips = sys.argv[1], sys.argv[2], int(sys.argv[3])
server = tuple(sys.argv[4:])
config = CodexConfig(launch_args_override=server)


def run() -> list[float]:
    """Make the requests of a sync client and return the CPU time, then each one's wall time."""
    with ExitStack() as stack:
        call: Any = getattr(stack.enter_context(Codex(config)), request)
        for _ in range(WARM_UP):
            call()
        cpu, walls = process_time(), list[float]()
        for _ in range(trips):
            start = perf_counter()
            call()
            walls.append(perf_counter() - start)
        return [process_time() - cpu, *walls]


async def async_run() -> list[float]:
    """Do the same with an async client."""
    async with AsyncExitStack() as stack:
        call: Any = getattr(await stack.enter_async_context(AsyncCodex(config)), request)
        for _ in range(WARM_UP):
            await call()
        cpu, walls = process_time(), list[float]()
        for _ in range(trips):
            start = perf_counter()
            await call()
            walls.append(perf_counter() - start)
        return [process_time() - cpu, *walls]


total, *samples = run() if kind == "sync" else asyncio.run(async_run())
print(json.dumps({"wall": statistics.median(samples) * 1e6, "cpu": total / trips * 1e6}))
