"""The real runtime, listening on a WebSocket and on a unix socket, for both clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import InvalidRequestError, TransportClosedError

from tests.rpc.driver import Driver
from tests.rpc.websocket_server import socket_transport, url_transport

TOKEN = "open-sesame"
PATIENCE = 30.0
"""How long the runtime may take to listen, in seconds."""


class Runtime:
    """The runtime as a server that somebody else started.

    Attributes:
        url: Where it listens; empty for a unix socket.
    """

    def __init__(self, home: Path, listen: str, *options: str) -> None:
        # Imported late: a machine without a runtime can still run the other tests.
        from codex_cli_bin import bundled_codex_path

        home.mkdir()
        self._log = home.with_suffix(".log")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(str(bundled_codex_path()), "app-server", "--listen", listen, *options),
                    *("--config", "features.plugins=false"),
                ],
                env={"CODEX_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.url = ""

    def wait_for_port(self) -> None:
        """Wait until it says where it listens."""
        ready = re.compile(r"listening on: (ws://\S+)\s")
        self.url = self.wait_for(lambda: ready.search(self._log.read_text(encoding="utf-8")))[1]

    def wait_for(self, look: Any) -> Any:
        """Look again and again, until there is something to see."""
        until = time.monotonic() + PATIENCE
        while not (seen := look()):
            assert time.monotonic() < until, self._log.read_text(encoding="utf-8")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.01)
                raise AssertionError(self._log.read_text(encoding="utf-8"))
        return seen

    def terminate(self) -> int:
        """Ask it to end; give its exit code."""
        self._process.terminate()
        return self._process.wait(PATIENCE)


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
