"""Both clients behind the same coroutines, so that each behaviour is written down once.

A call of the sync client blocks, so it runs in a thread of the driver's own pool.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

# The two clients are alike by name only, so what passes through here has no static type.
from typing import Any

from codex_app_server_rpc import (
    AsyncClient,
    AsyncServerRequestHandlers,
    AsyncStdioTransport,
    Client,
    ClientIdentity,
    ServerRequestHandlers,
    StdioTransport,
)

from tests.rpc.memory_transport import AsyncMemoryTransport, MemoryServer, MemoryTransport

__all__ = ["IDENTITY", "AsyncDriver", "Driver", "Gate", "SyncDriver", "scripted", "until"]

IDENTITY = ClientIdentity("tests", "1.0", "The tests")
SERVER = Path(__file__).with_name("scripted_server.py")


def scripted(scenario: str, *arguments: str) -> list[str]:
    """Make the command line of the scripted server."""
    return [sys.executable, "-S", "-E", str(SERVER), scenario, *arguments]


async def until(condition: Callable[[], object]) -> None:
    """Let everybody else go on until something has come about."""

    async def look() -> None:
        while not condition():
            await asyncio.sleep(0)

    await asyncio.wait_for(look(), 20)


class Driver(ABC):
    """One of the two clients, behind coroutines."""

    client_class: type[Any]
    handlers_class: type[Any]
    memory_class: type[Any]
    stdio_class: type[Any]

    @abstractmethod
    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method of the client or of what it made."""

    @abstractmethod
    async def open(self, transport: Any, **options: Any) -> Any:
        """Make a client and shake hands."""

    @abstractmethod
    def handler(self, answer: Callable[[Any], Any], entered: Gate, leave: Gate) -> Any:
        """Make a handler that waits between two gates in the client's own way."""

    @abstractmethod
    async def join_workers(self) -> None:
        """Wait for the end of what ran the handlers that `handler` made."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what the driver itself holds."""

    async def open_memory(self, server: MemoryServer, **options: Any) -> Any:
        """Make a client of a server in memory."""
        return await self.open(self.memory_class(server), **options)

    def handlers(self, **functions: Any) -> Any:
        """Make the client's set of handlers."""
        return self.handlers_class(**functions)


class Gate:
    """Something to wait for that can be opened from any thread and awaited in the test."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._open = asyncio.Event()

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._open.set)

    async def passed(self) -> None:
        await asyncio.wait_for(self._open.wait(), 10)

    def block(self) -> None:
        """Wait in a thread that is not the loop's."""
        asyncio.run_coroutine_threadsafe(self.passed(), self._loop).result(20)


class SyncDriver(Driver):
    """`Client`."""

    client_class = Client
    handlers_class = ServerRequestHandlers
    memory_class = MemoryTransport
    stdio_class = StdioTransport

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="test-pool")
        self._workers: list[threading.Thread] = []

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        call = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def open(self, transport: Any, **options: Any) -> Any:
        client = Client(transport, identity=IDENTITY, **options)
        await self.run(client.start)
        return client

    def handler(self, answer: Callable[[Any], Any], entered: Gate, leave: Gate) -> Any:
        def blocking(params: Any) -> Any:
            self._workers.append(threading.current_thread())
            entered.open()
            leave.block()
            return answer(params)

        return blocking

    async def join_workers(self) -> None:
        for worker in self._workers:
            await self.run(worker.join, 10)
            assert not worker.is_alive()

    def close(self) -> None:
        self._pool.shutdown()


class AsyncDriver(Driver):
    """`AsyncClient`."""

    client_class = AsyncClient
    handlers_class = AsyncServerRequestHandlers
    memory_class = AsyncMemoryTransport
    stdio_class = AsyncStdioTransport

    def __init__(self) -> None:
        self._workers: set[asyncio.Task[Any]] = set()

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    async def open(self, transport: Any, **options: Any) -> Any:
        client = AsyncClient(transport, identity=IDENTITY, **options)
        await client.start()
        return client

    def handler(self, answer: Callable[[Any], Any], entered: Gate, leave: Gate) -> Any:
        async def waiting(params: Any) -> Any:
            task = asyncio.current_task()
            assert task is not None
            self._workers.add(task)
            entered.open()
            await leave.passed()
            return answer(params)

        return waiting

    async def join_workers(self) -> None:
        _, unfinished = await asyncio.wait(self._workers, timeout=10)
        assert not unfinished

    def close(self) -> None:
        """Nothing is held."""
