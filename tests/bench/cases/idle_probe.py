"""Open streams of silent turns, then print how long requests take, in milliseconds, as JSON.

A program for a child process: ``idle_probe.py KIND STREAMS REQUESTS SERVER…``. It is the same for
both sides, hence the untyped function.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
from time import perf_counter
from typing import Any

from openai_codex import AsyncCodex, Codex, CodexConfig

kind, streams, requests = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
config = CodexConfig(launch_args_override=tuple(sys.argv[4:]))


async def follow(turn: Any) -> None:
    """Wait for a turn's events, which do not come to an end."""
    async for _ in turn.stream():
        pass


def measure() -> None:
    """Open sync streams and make the requests."""
    codex = Codex(config)
    turns = [codex.thread_start().turn("x") for _ in range(streams)]
    opened = [turn.stream() for turn in turns]
    walls: list[float] = []
    for _ in range(requests):
        start = perf_counter()
        codex.thread_start()
        walls.append(perf_counter() - start)
    assert len(opened) == streams
    print_and_exit(walls)


async def async_measure() -> None:
    """Open async streams, each with a task that waits, and make the requests."""
    codex = AsyncCodex(config)
    tasks: list[asyncio.Task[None]] = []
    for _ in range(streams):
        turn = await (await codex.thread_start()).turn("x")
        tasks.append(asyncio.create_task(follow(turn)))
    await asyncio.sleep(0)  # now all of them wait
    walls: list[float] = []
    for _ in range(requests):
        start = perf_counter()
        await codex.thread_start()
        walls.append(perf_counter() - start)
    assert not any(task.done() for task in tasks)
    print_and_exit(walls)


def print_and_exit(walls: list[float]) -> None:
    """Print what a request took, and leave the streams to the end of the process."""
    p99 = statistics.quantiles(walls, n=100)[98]
    print(json.dumps({"p50": statistics.median(walls) * 1e3, "p99": p99 * 1e3}), flush=True)
    os._exit(0)  # to end each turn in order is another matter, and takes its time


if kind == "sync":
    measure()
else:
    asyncio.run(async_measure())
