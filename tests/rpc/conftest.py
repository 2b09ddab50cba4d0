"""Both clients, and what ends them after each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from codex_app_server_rpc.transports import async_stdio, stdio
from codex_app_server_rpc.transports._pipes import loop_pipes
from codex_app_server_rpc.transports._process import pump

from tests.rpc.driver import AsyncDriver, Driver, SyncDriver, scripted

Connect = Callable[..., Awaitable[Any]]


@pytest.fixture(params=[SyncDriver, AsyncDriver], ids=["sync", "async"])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Give each of the two clients in turn."""
    made: SyncDriver | AsyncDriver = request.param()
    yield made
    made.close()


@pytest.fixture
async def connect(driver: Driver) -> AsyncIterator[Connect]:
    """Give a function that opens a client of the scripted server; it is closed at the end."""
    clients: list[Any] = []

    async def open_client(scenario: str, *arguments: str, **options: Any) -> Any:
        transport = driver.stdio_class(scripted(scenario, *arguments))
        client = await driver.open(transport, **options)
        client.pid = transport.pid
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        await driver.run(client.close)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each step of a shutdown wait a fraction of its time, where servers are deaf to it."""
    for module in (stdio, async_stdio, pump, loop_pipes):
        monkeypatch.setattr(module, "EXIT_GRACE", 0.3)
