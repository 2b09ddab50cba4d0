"""The raw client on the real runtime, against a scripted model, in an isolated home."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from openai_codex.testing import IsolatedHome, ModelServer

from tests.rpc.driver import Driver
from tests.rpc.runtime_program import runtime_program

Open = Callable[..., Awaitable[Any]]


@pytest.fixture
def home() -> Iterator[IsolatedHome]:
    with IsolatedHome() as home:
        yield home


@pytest.fixture
def model() -> Iterator[ModelServer]:
    """A model whose script each test appends; an unexpected request fails the test."""
    with ModelServer() as model:
        yield model


@pytest.fixture
async def open_client(
    driver: Driver, home: IsolatedHome, model: ModelServer
) -> AsyncIterator[Open]:
    """Opens clients, each on a runtime of its own, and closes them at the end."""
    clients: list[Any] = []

    async def open_client(**options: Any) -> Any:
        settings = [part for item in model.config_overrides() for part in ("--config", item)]
        transport = driver.stdio_class(
            [runtime_program(), "app-server", *settings], env=home.process_env, cwd=home.workspace
        )
        client = await driver.open(transport, **options)
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        await driver.run(client.close)
