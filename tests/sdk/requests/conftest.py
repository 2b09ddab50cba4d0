"""Clients of the asking server, of either half."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import Codex, CodexConfig

from tests.end_to_end import blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-S", "-E", "-m", "tests.sdk.requests.asking_server")


@pytest.fixture(params=["sync", "async"])
def opened(request: pytest.FixtureRequest) -> Iterator[Callable[..., Codex]]:
    """Opens clients of either half, and closes them."""
    loop = asyncio.new_event_loop()
    clients: list[Codex] = []

    def open_client(**options: Any) -> Codex:
        config = CodexConfig(launch_args_override=COMMAND, cwd=ROOT, **options.pop("config", {}))
        if request.param == "sync":
            client = Codex(config, **options)
        else:
            client = blocking.open_async(config, loop, **options)
        clients.append(client)
        return client

    yield open_client
    for client in clients:
        client.close()
    loop.close()
