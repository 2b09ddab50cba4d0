"""Clients of a scripted server that are traced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai_codex import Codex, CodexConfig, Tracing
from openai_codex.testing import ScriptedServer

from tests.end_to_end.blocking import open_async
from tests.sdk.tracing.spans import Spans

OpenTraced = Callable[..., Codex]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    yield made
    made.provider.shutdown()


@pytest.fixture(params=["sync", "async"])
def opened(request: pytest.FixtureRequest, server: ScriptedServer) -> Iterator[OpenTraced]:
    """Opens clients of either half that are traced as it is told."""
    clients: list[Codex] = []
    loop = asyncio.new_event_loop()

    def open_client(tracing: Tracing, **options: Any) -> Codex:
        config = CodexConfig(experimental_api=True, tracing=tracing)
        if request.param == "sync":
            client = Codex(config, transport=server.transport(), **options)
        else:
            client = open_async(config, loop, transport=server.async_transport(), **options)
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.close()
    loop.close()


@pytest.fixture
def codex(opened: OpenTraced, spans: Spans) -> Codex:
    """A client whose spans are kept."""
    return opened(Tracing(tracer_provider=spans.provider))
