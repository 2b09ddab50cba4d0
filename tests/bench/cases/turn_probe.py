"""Follow or collect one long turn and print what an event costs, in microseconds, as JSON.

A program for a child process: ``turn_probe.py KIND WAY DELTAS SERVER…``. It is the same for both
sides, hence the untyped functions. A short turn comes first and does not count: it builds the
types that all later ones use.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter, process_time
from typing import Any

from openai_codex import AsyncCodex, Codex, CodexConfig

DELTA = "item/agentMessage/delta"

kind, way, deltas = sys.argv[1], sys.argv[2], int(sys.argv[3])
config = CodexConfig(launch_args_override=tuple(sys.argv[4:]))


class Reading:
    """The text of a turn and the number of its events, with the clocks of when it began."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.events = 0
        self.wall, self.cpu = perf_counter(), process_time()

    def report(self) -> str:
        """Stop the clocks; check that the text is whole."""
        wall, cpu = perf_counter() - self.wall, process_time() - self.cpu
        assert self.text == "".join(f" and then word {number}" for number in range(deltas))
        costs = {"wall": wall / deltas * 1e6, "cpu": cpu / deltas * 1e6}
        return json.dumps({**costs, "events": self.events} if way == "stream" else costs)


def read(thread: Any) -> Reading:
    """Run one turn of a sync thread."""
    reading = Reading()
    if way == "run":
        reading.text = thread.run("x").final_response
        return reading
    text: list[str] = []
    for event in thread.turn("x").stream():
        reading.events += 1
        payload = event.payload
        if event.method == DELTA:
            text.append(payload.delta)
    reading.text = "".join(text)
    return reading


async def async_read(thread: Any) -> Reading:
    """Run one turn of an async thread."""
    reading = Reading()
    if way == "run":
        reading.text = (await thread.run("x")).final_response
        return reading
    text: list[str] = []
    async for event in (await thread.turn("x")).stream():
        reading.events += 1
        payload = event.payload
        if event.method == DELTA:
            text.append(payload.delta)
    reading.text = "".join(text)
    return reading


def run() -> str:
    """Warm up and measure, sync."""
    with Codex(config) as codex:
        thread = codex.thread_start()
        read(thread)
        return read(thread).report()


async def async_run() -> str:
    """Warm up and measure, async."""
    async with AsyncCodex(config) as codex:
        thread = await codex.thread_start()
        await async_read(thread)
        return (await async_read(thread)).report()


print(run() if kind == "sync" else asyncio.run(async_run()))
