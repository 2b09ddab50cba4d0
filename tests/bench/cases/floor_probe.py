"""Do a case's work without any client, and print what it costs, as JSON.

A program for a child process: ``floor_probe.py WORK ARGUMENT…``. Lines are written to the server
and read from it, split and parsed by `pydantic_core.from_json`, all in one thread; that is what no
client can do without.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time
from typing import Any

from pydantic_core import from_json

READ_SIZE = 65536  # what a pipe holds


class Pipe:
    """A server on its standard streams, spoken to line by line."""

    def __init__(self, command: tuple[str, ...], cwd: str | None = None) -> None:
        """Start the server and shake hands."""
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.rest = b""
        self.request("initialize", {"clientInfo": {"name": "floor", "version": "1"}})
        self.send(b'{"method":"initialized"}\n')

    def send(self, line: bytes) -> None:
        """Write one line."""
        os.write(self.stdin.fileno(), line)

    def messages(self) -> list[dict[str, Any]]:
        """Wait for the next bytes; return the messages that they complete."""
        *lines, self.rest = (self.rest + os.read(self.stdout.fileno(), READ_SIZE)).split(b"\n")
        return [from_json(line) for line in lines]

    def request(self, method: str, params: object) -> dict[str, Any]:
        """Make a request and wait for its answer; what else comes is lost."""
        self.send(json.dumps({"id": 0, "method": method, "params": params}).encode() + b"\n")
        while True:
            for message in self.messages():
                if message.get("id") == 0:
                    result: dict[str, Any] = message["result"]
                    return result

    def turns(self, *thread_ids: str) -> None:
        """Run turns at once, each to its end."""
        for thread_id in thread_ids:
            params = {"threadId": thread_id, "input": [{"type": "text", "text": "x"}]}
            request = {"id": 0, "method": "turn/start", "params": params}
            self.send(json.dumps(request).encode() + b"\n")
        running = len(thread_ids)
        while running:
            running -= sum(message.get("method") == "turn/completed" for message in self.messages())

    def start_thread(self) -> str:
        """Start a thread and return its id."""
        thread_id: str = self.request("thread/start", {})["thread"]["id"]
        return thread_id

    def close(self) -> None:
        """End the server by the end of its stdin."""
        self.stdin.close()
        self.process.wait()
        self.stdout.close()


def run_turn(deltas: str, *server: str) -> dict[str, float]:
    """Warm up with one turn, measure another."""
    pipe = Pipe(server)
    thread_id = pipe.start_thread()
    pipe.turns(thread_id)
    wall, cpu = perf_counter(), process_time()
    pipe.turns(thread_id)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    pipe.close()
    return {"wall": wall / int(deltas) * 1e6, "cpu": cpu / int(deltas) * 1e6}


def run_crowd(turns: str, *server: str) -> dict[str, float]:
    """Measure so many turns at once."""
    pipe = Pipe(server)
    thread_ids = [pipe.start_thread() for _ in range(int(turns))]
    wall, cpu = perf_counter(), process_time()
    pipe.turns(*thread_ids)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    pipe.close()
    return {"wall": wall * 1e3, "cpu": cpu * 1e3}


def peak() -> float:
    """Return the highest resident memory so far, in MB."""
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def read_unread(stream: str, *server: str) -> dict[str, float]:
    """Measure how memory grows while a flood is read, and nothing is kept."""
    pipe = Pipe(server)
    thread_id = pipe.start_thread()
    if stream == "open":
        pipe.request("turn/start", {"threadId": thread_id, "input": []})
    before = peak()
    pipe.start_thread()
    growth = peak() - before
    pipe.close()
    return {"megabytes": growth}


def make_requests(method: str, trips: str, *server: str) -> dict[str, float]:
    """Measure requests, one after another."""
    pipe = Pipe(server)
    line = b'{"id":0,"method":"%s","params":{}}\n' % method.encode()
    cpu, walls = process_time(), list[float]()
    for _ in range(int(trips)):
        start = perf_counter()
        pipe.send(line)
        pipe.messages()
        walls.append(perf_counter() - start)
    cpu = process_time() - cpu
    pipe.close()
    return {
        "wall": statistics.median(walls) * 1e6,
        "p99": statistics.quantiles(walls, n=100)[-1] * 1e3,
        "cpu": cpu / int(trips) * 1e6,
    }


def start_and_close(cycles: str, *server: str) -> dict[str, float]:
    """Measure the server's start, the handshake and its end."""
    walls, cpus = list[float](), list[float]()
    for _ in range(int(cycles)):
        wall, cpu = perf_counter(), process_time()
        Pipe(server).close()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return {"wall": statistics.median(walls) * 1e3, "cpu": statistics.median(cpus) * 1e3}


def converse(folder: str, *settings: str) -> dict[str, float]:
    """Run one turn on the real runtime."""
    from codex_cli_bin import bundled_codex_path

    options = [part for setting in settings for part in ("--config", setting)]
    pipe = Pipe((str(bundled_codex_path()), "app-server", *options), cwd=folder)
    pipe.turns(pipe.start_thread())
    pipe.close()
    return {"cpu": process_time() * 1e3}


WORKS: dict[str, Callable[..., dict[str, float]]] = {
    "turn": run_turn,
    "crowd": run_crowd,
    "unread": read_unread,
    "cold": converse,
    "lifecycle": start_and_close,
    "models": partial(make_requests, "model/list"),
    "thread_start": partial(make_requests, "thread/start"),
}
print(json.dumps(WORKS[sys.argv[1]](*sys.argv[2:])))
