"""The real runtime, against a scripted model, in an isolated home."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import AsyncCodex, Codex, CodexConfig
from openai_codex.testing import IsolatedHome, ModelServer

from tests.end_to_end.blocking import open_async
from tests.end_to_end.selection import mark_core, skip_what_lacks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from openai_codex import Thread


@pytest.hookimpl(tryfirst=True)  # before `-m` looks for marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the core, and leave out the tests that need what is lacking."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    mark_core(here)
    skip_what_lacks(items)


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
def config(home: IsolatedHome, model: ModelServer) -> CodexConfig:
    return CodexConfig(cwd=home.workspace, env=home.env, config_overrides=model.config_overrides())


@pytest.fixture(params=["sync", "async"])
def opened(
    request: pytest.FixtureRequest, home: IsolatedHome, model: ModelServer
) -> Iterator[Callable[..., Codex]]:
    """Opens clients of either half, and closes what it opened before home and model go."""
    clients: list[Codex] = []
    if request.param == "sync":

        def open_client(config: CodexConfig, **options: Any) -> Codex:
            client = Codex(config, **options)
            clients.append(client)
            return client

        yield open_client
        for client in clients:
            client.close()
        return

    loop = asyncio.new_event_loop()

    def open_blocking(config: CodexConfig, **options: Any) -> Codex:
        client = open_async(config, loop, **options)
        clients.append(client)
        return client

    yield open_blocking
    for client in clients:
        client.close()
    loop.close()


@pytest.fixture
def codex(opened: Callable[[CodexConfig], Codex], config: CodexConfig) -> Codex:
    """A running client, once of the sync and once of the async half."""
    return opened(config)


@pytest.fixture
async def opened_async(config: CodexConfig) -> AsyncIterator[AsyncCodex]:
    """A running async client."""
    async with AsyncCodex(config) as codex:
        yield codex


@pytest.fixture
def opened_sync(config: CodexConfig) -> Iterator[Codex]:
    """A running sync client."""
    with Codex(config) as codex:
        yield codex


@pytest.fixture
def thread(codex: Codex, model: ModelServer) -> Thread:
    """A thread with one turn: "Hi." - "Hello."."""
    model.add("Hello.")
    thread = codex.thread_start()
    thread.run("Hi.")
    return thread
