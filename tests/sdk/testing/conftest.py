"""Clients of both halves, of a scripted server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai_codex import Codex, CodexConfig
from openai_codex.testing import ScriptedServer

from tests.end_to_end.blocking import open_async

OpenClient = Callable[..., Codex]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def opened(request: pytest.FixtureRequest, server: ScriptedServer) -> Iterator[OpenClient]:
    """Opens clients of the server, of either half, and closes them before it."""
    clients: list[Codex] = []
    loop = asyncio.new_event_loop()

    def open_client(config: CodexConfig | None = None, **options: Any) -> Codex:
        if request.param == "sync":
            client = Codex(config, transport=server.transport(), **options)
        else:
            transport = server.async_transport()
            client = open_async(config or CodexConfig(), loop, transport=transport, **options)
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.close()
    loop.close()


@pytest.fixture
def client(opened: OpenClient) -> Codex:
    """A client without anybody who answers for it."""
    return opened()
