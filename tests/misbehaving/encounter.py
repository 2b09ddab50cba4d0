"""One client meets one misbehaving server: what the cases are written with.

The sync client blocks, so its calls run in threads, and each case is one coroutine for both
clients. The static types of the two differ, and are not looked at here.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_types import TurnStartParams
from openai_codex import AsyncCodex, Codex, CodexConfig, TurnResult

from tests.rpc.driver import Driver, Gate, SyncDriver
from tests.rpc.processes import descendants, end, has_ended

__all__ = ["Encounter"]

PROGRAM = Path(__file__).with_name("server") / "program.py"

RPC = "codex_app_server_rpc"
EXIT_GRACES = (
    f"{RPC}.transports.stdio",
    f"{RPC}.transports.async_stdio",
    f"{RPC}.transports._process.pump",
    f"{RPC}.transports._pipes.loop_pipes",
)
STOP_GRACES = (f"{RPC}._sync.streams", f"{RPC}._async.streams")

IMPATIENCE = 0.3
"""How long a step of a shutdown, or of stopping a turn, waits in vain here, in seconds."""

LEAVING = 5.0
"""How long a process or thread that is ending may take for that, in seconds."""


class Encounter:
    """A server that was told what to do, and a client yet to be made.

    Attributes:
        driver: Which of the two clients it is.
        log: What was logged.
    """

    def __init__(
        self,
        driver: Driver,
        server: tuple[str, ...],
        *,
        monkeypatch: pytest.MonkeyPatch,
        log: pytest.LogCaptureFixture,
    ) -> None:
        self.driver = driver
        self.log = log
        self._argv = [sys.executable, "-S", "-E", str(PROGRAM), *server]
        self._monkeypatch = monkeypatch
        self._clients: list[Any] = []
        self._is_linux = sys.platform == "linux"
        self._processes = self._children()
        self._threads = set(threading.enumerate())

    @property
    def last_client(self) -> Any:
        """The client that was opened last."""
        return self._clients[-1]

    # --- opening ---------------------------------------------------------------------------

    async def client(self, **options: Any) -> Any:
        """Start the server and open a raw client of it."""
        transport = self.driver.stdio_class(self._argv)
        client = await self.driver.open(transport, **options)
        self._clients.append(client)
        return client

    async def codex(self, **config: Any) -> Any:
        """Start the server and open the facade on it."""
        setup = CodexConfig(launch_args_override=tuple(self._argv), **config)
        if isinstance(self.driver, SyncDriver):
            codex: Any = await self.run(Codex, setup)
        else:
            codex = AsyncCodex(setup)
            await codex.__aenter__()
        self._clients.append(codex)
        return codex

    async def thread(self, **config: Any) -> Any:
        """Open the facade and start a thread."""
        codex = await self.codex(**config)
        return await self.run(codex.thread_start)

    def be_impatient(self) -> None:
        """Have each step of a shutdown, or of stopping a turn, wait a fraction of its time."""
        for module in EXIT_GRACES:
            self._monkeypatch.setattr(f"{module}.EXIT_GRACE", IMPATIENCE)
        for module in STOP_GRACES:
            self._monkeypatch.setattr(f"{module}.STOP_GRACE", IMPATIENCE)

    def patch(self, name: str, value: object) -> None:
        """Put something else in the place of a module's member until the end."""
        self._monkeypatch.setattr(name, value)

    # --- calling ---------------------------------------------------------------------------

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method of the client, or of what it made."""
        return await self.driver.run(function, *args, **kwargs)

    async def read(self, client: Any, path: str = "/a", **options: Any) -> str:
        """Read a file: these servers give its path in place of the data."""
        response = await self.run(client.fs_read_file, path=path, **options)
        text: str = response.data_base64
        return text

    async def start_turn(self, client: Any, thread: str = "T1", **options: Any) -> Any:
        """Start a turn with the raw client."""
        params = TurnStartParams(thread_id=thread, input=[])
        return await self.run(client.start_turn, params, **options)

    async def follow(self, events: Any) -> tuple[list[Any], Exception | None]:
        """Read a stream to its end; return what came, and the error that ended it, if any."""
        seen: list[Any] = []

        def read() -> None:
            for event in events:
                seen.append(event)  # what came before an error counts

        try:
            if hasattr(events, "__aiter__"):
                async for event in events:
                    seen.append(event)
            else:
                await self.run(read)
        except Exception as error:
            return seen, error
        return seen, None

    async def say_hello(self, thread: Any, **options: Any) -> TurnResult:
        """Run a turn with the facade."""
        result: TurnResult = await self.run(thread.run, "hello?", **options)
        return result

    def gate(self) -> Gate:
        """Make something to wait for."""
        return Gate()

    def process_ids(self) -> set[int]:
        """List the processes that came up in this encounter (Linux, else none)."""
        return self._children() - self._processes

    # --- the end ---------------------------------------------------------------------------

    async def play(self, check: Callable[[Encounter], Awaitable[None]], within: float) -> None:
        """Run a check to its end, and see that nothing is left of it.

        Args:
            check: The check.
            within: How long it may take, the closing of the client included, in seconds.
        """
        task = asyncio.ensure_future(self._play(check))
        _, late = await asyncio.wait({task}, timeout=within)
        if late:
            for pid in self.process_ids():  # so that blocking calls end
                end(pid)
            task.cancel()
            await asyncio.wait({task}, timeout=within)
            pytest.fail(f"not done within {within:g} s")
        await task
        await self._see_that_nothing_is_left()

    async def close(self, client: Any, **options: Any) -> None:
        """Close a client before the end."""
        await self.run(client.close, **options)
        self._clients.remove(client)

    async def _play(self, check: Callable[[Encounter], Awaitable[None]]) -> None:
        try:
            await check(self)
            for client in self._clients:
                stats = client.stats()
                assert stats.in_flight == stats.waiting == stats.server_requests == 0
                assert stats.consumers == stats.queued == 0
        finally:
            for client in self._clients:
                await self.run(client.close)

    async def _see_that_nothing_is_left(self) -> None:
        for pid in self.process_ids():
            assert has_ended(pid, LEAVING), "a process of the server outlived its client"
        for thread in set(threading.enumerate()) - self._threads:
            if not thread.name.startswith("test-pool"):
                await self.run(thread.join, LEAVING)
                assert not thread.is_alive(), f"the thread {thread.name} outlived the client"
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        assert not tasks, "tasks outlived the client"

    def _children(self) -> set[int]:
        return descendants(os.getpid()) if self._is_linux else set()
