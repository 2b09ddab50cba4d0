"""The real runtime, listening on a WebSocket and on a unix socket, for both clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_app_server_rpc import InvalidRequestError, TransportClosedError

from tests.rpc.driver import Driver
from tests.rpc.listening_runtime import Runtime
from tests.rpc.websocket_server import socket_transport, url_transport

TOKEN = "open-sesame"


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """Give a runtime that listens on a port of its choice."""
    runtime = Runtime(tmp_path / "home", "ws://127.0.0.1:0")
    runtime.wait_for_port()
    yield runtime
    runtime.terminate()


async def test_the_runtime_answers_on_a_websocket(driver: Driver, runtime: Runtime) -> None:
    client = await driver.open(url_transport(driver, runtime.url))
    assert client.server.user_agent.startswith("tests/")
    assert (await driver.run(client.model_list)).data
    await driver.run(client.close)


async def test_the_runtime_answers_on_a_unix_socket(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "s"
    runtime = Runtime(tmp_path / "home", f"unix://{path}")
    try:
        runtime.wait_for(path.exists)
        client = await driver.open(socket_transport(driver, path))
        assert (await driver.run(client.model_list)).data
        await driver.run(client.close)
    finally:
        runtime.terminate()


async def test_the_runtime_wants_its_token(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN, encoding="utf-8")
    auth = ("--ws-auth", "capability-token", "--ws-token-file", str(file))
    runtime = Runtime(tmp_path / "home", "ws://127.0.0.1:0", *auth)
    try:
        runtime.wait_for_port()
        with pytest.raises(TransportClosedError, match=r"HTTP 401 Unauthorized: .+"):
            await driver.open(url_transport(driver, runtime.url))
        client = await driver.open(url_transport(driver, runtime.url, token=TOKEN))
        assert (await driver.run(client.model_list)).data
        await driver.run(client.close)
    finally:
        runtime.terminate()


async def test_the_runtime_refuses_who_names_an_origin(driver: Driver, runtime: Runtime) -> None:
    transport = url_transport(driver, runtime.url, headers={"Origin": "http://example.com"})
    with pytest.raises(TransportClosedError, match="HTTP 403 Forbidden"):
        await driver.open(transport)


async def test_the_runtime_takes_what_is_too_long_for_one_of_its_frames(
    driver: Driver, runtime: Runtime
) -> None:
    client = await driver.open(url_transport(driver, runtime.url))
    with pytest.raises(InvalidRequestError, match="invalid cursor"):
        await driver.run(client.model_list, cursor="x" * (60 << 20))
    assert (await driver.run(client.model_list)).data
    await driver.run(client.close)


async def test_the_end_of_the_runtime_is_told(driver: Driver, runtime: Runtime) -> None:
    client = await driver.open(url_transport(driver, runtime.url))
    stream = await driver.run(client.subscribe, ("turn/completed",))
    waiting = asyncio.ensure_future(driver.run(stream.next, 20))
    assert runtime.terminate() in (0, -15)  # SIGTERM, if it had no handler for it yet
    with pytest.raises(TransportClosedError, match="the app-server at ws://"):
        await waiting
    await driver.run(client.close)
