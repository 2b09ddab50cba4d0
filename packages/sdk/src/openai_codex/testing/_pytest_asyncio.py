"""What of the pytest plugin only pytest-asyncio can run: its strict mode knows its own fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest_asyncio

from openai_codex.testing.pytest_plugin import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest

    from openai_codex import AsyncCodex, CodexConfig
    from openai_codex.testing import ModelServer

    LoopScope = Literal["session", "package", "module", "class", "function"]


def client_fixture_of(item: pytest.Item) -> str:
    """Name the fixture whose client lives in the event loop that a test runs in."""
    marker = item.get_closest_marker("asyncio")
    scope: str | None = None
    if marker is not None:  # "scope" is what older ones call it
        scope = marker.kwargs.get("loop_scope") or marker.kwargs.get("scope")
    scope = scope or _default_scope(item.config)
    return f"_codex_of_{scope}_loop"


def _default_scope(config: pytest.Config) -> str:
    try:
        return str(config.getini("asyncio_default_test_loop_scope"))
    except ValueError:  # this pytest-asyncio is older than the option
        return "function"


def _client_in(scope: LoopScope) -> Callable[..., object]:
    """Make a fixture of every test whose client runs in the event loop of a scope."""

    @pytest_asyncio.fixture(loop_scope=scope)
    async def client(
        codex_model: ModelServer, codex_config: CodexConfig
    ) -> AsyncIterator[AsyncCodex]:
        async for each in running(codex_config):
            yield each

    return client


_codex_of_session_loop = _client_in("session")
_codex_of_package_loop = _client_in("package")
_codex_of_module_loop = _client_in("module")
_codex_of_class_loop = _client_in("class")
_codex_of_function_loop = _client_in("function")
