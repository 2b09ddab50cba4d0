"""What of the pytest plugin only pytest-asyncio can run: its strict mode knows its own fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from openai_codex.testing.pytest_plugin import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai_codex import AsyncCodex, CodexConfig
    from openai_codex.testing import ModelServer


@pytest_asyncio.fixture
async def _codex_of_asyncio(
    codex_model: ModelServer, codex_config: CodexConfig
) -> AsyncIterator[AsyncCodex]:
    async for client in running(codex_config):
        yield client
