"""Both clients, and what ends them after each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

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
