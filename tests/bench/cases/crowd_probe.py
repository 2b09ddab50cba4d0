"""Run many turns at once and print what they cost all together, in milliseconds, as JSON.

A program for a child process: ``crowd_probe.py KIND TURNS SERVER…``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time

from openai_codex import AsyncCodex, Codex, CodexConfig

kind, turns = sys.argv[1], int(sys.argv[2])
config = CodexConfig(launch_args_override=tuple(sys.argv[3:]))


def run() -> tuple[float, float, list[str | None]]:
    """Run the turns in a thread each."""
    with Codex(config) as codex, ThreadPoolExecutor(turns) as pool:
        threads = [codex.thread_start() for _ in range(turns)]
        wall, cpu = perf_counter(), process_time()
        futures = [pool.submit(thread.run, "x") for thread in threads]
        results = [future.result() for future in futures]
        return perf_counter() - wall, process_time() - cpu, [it.final_response for it in results]


async def async_run() -> tuple[float, float, list[str | None]]:
    """Run the turns in a task each."""
    async with AsyncCodex(config) as codex:
        threads = [await codex.thread_start() for _ in range(turns)]
        wall, cpu = perf_counter(), process_time()
        results = await asyncio.gather(*(thread.run("x") for thread in threads))
        return perf_counter() - wall, process_time() - cpu, [it.final_response for it in results]


wall, cpu, answers = run() if kind == "sync" else asyncio.run(async_run())
assert len(answers) == turns
assert all(answer is not None and answer.startswith(" and then") for answer in answers)
print(json.dumps({"wall": wall * 1e3, "cpu": cpu * 1e3}))
