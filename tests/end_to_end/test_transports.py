"""A runtime that somebody else has started, used by clients of both halves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_app_server_rpc import AsyncUnixSocketTransport, UnixSocketTransport
from openai_codex import AsyncCodex, Codex
from openai_codex.testing import IsolatedHome, ModelServer

from tests.rpc.listening_runtime import Runtime


@pytest.fixture
def socket(home: IsolatedHome, model: ModelServer) -> Iterator[Path]:
    home.configure(model.config_overrides())
    path = home.path / "s"
    runtime = Runtime(home.codex_home, f"unix://{path}", env=home.process_env)
    runtime.wait_for(path.exists)
    yield path
    runtime.terminate()


def test_sync_clients_share_a_runtime_and_leave_it_running(
    socket: Path, home: IsolatedHome, model: ModelServer
) -> None:
    for answer in ("One.", "Two."):
        model.add(answer)
        with Codex(transport=UnixSocketTransport(socket)) as codex:
            assert codex.metadata.codex_home == str(home.codex_home)
            thread = codex.thread_start(cwd=str(home.workspace))
            assert thread.run("Count.").final_response == answer


async def test_async_clients_share_a_runtime_and_leave_it_running(
    socket: Path, home: IsolatedHome, model: ModelServer
) -> None:
    for answer in ("One.", "Two."):
        model.add(answer)
        async with AsyncCodex(transport=AsyncUnixSocketTransport(socket)) as codex:
            thread = await codex.thread_start(cwd=str(home.workspace))
            assert (await thread.run("Count.")).final_response == answer
