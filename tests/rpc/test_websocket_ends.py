"""How a connection ends that the server ends, in whatever way; for both clients."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest
from codex_app_server_rpc import (
    TransportClosedError,
)
from websockets.asyncio.server import ServerConnection

from tests.rpc.driver import Driver
from tests.rpc.websocket_server import (
    RawPeer,
    be_brief,
    close,
    greet,
    listening,
    nothing_left,
    raw_listening,
    start,
    url_transport,
)


@pytest.fixture(autouse=True)
async def tidy(driver: Driver) -> AsyncIterator[None]:
    async with nothing_left():
        yield


async def test_a_server_that_says_goodbye_and_does_not_hang_up_is_left(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_brief(monkeypatch)

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await peer.say_goodbye(1001, "see you")
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        assert "closed the connection: 1001 (going away) see you" in str(await received.end())
        await close(driver, transport)


async def test_a_server_that_talks_on_after_its_goodbye_is_left(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_brief(monkeypatch)

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await peer.say_goodbye(1000, "")
        while True:
            peer.writer.write(b"and another thing")
            await peer.writer.drain()
            await asyncio.sleep(0)

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        assert "closed the connection: 1000 (OK)" in str(await received.end())
        await close(driver, transport)


async def test_a_close_code_and_its_reason_reach_everybody_who_waits(driver: Driver) -> None:
    async def script(connection: ServerConnection) -> None:
        await greet(connection)
        await connection.recv()
        await connection.close(1008, "slow connection")

    async with listening(script) as server:
        client = await driver.open(url_transport(driver, server.url))
        with pytest.raises(TransportClosedError, match=r"1008 \(policy violation\) slow conn"):
            await driver.run(client.model_list, timeout=20)
        with pytest.raises(TransportClosedError):
            await driver.run(client.model_list, timeout=20)
        await close(driver, client)


async def test_an_abrupt_end_wakes_everybody_who_waits(driver: Driver) -> None:
    async def script(connection: ServerConnection) -> None:
        await greet(connection)
        await connection.recv()
        connection.transport.abort()

    async with listening(script) as server:
        client = await driver.open(url_transport(driver, server.url))
        with pytest.raises(TransportClosedError, match=f"the app-server at {server.url} "):
            await driver.run(client.model_list, timeout=20)
        await close(driver, client)


async def test_an_end_without_a_goodbye_is_told_after_the_last_message(driver: Driver) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await peer.send("[1]")

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        await received.end()
        assert await received.lines(1) == [b"[1]"]
        await close(driver, transport)


@pytest.mark.parametrize(("reset", "expected"), [(False, "hung up"), (True, "is gone: ")])
async def test_a_server_that_opens_and_drops_at_once_is_told(
    driver: Driver, reset: bool, expected: str
) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept()
        if reset:
            at_once = struct.pack("ii", 1, 0)
            sock = peer.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            return
        peer.writer.write_eof()
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        assert expected in str(await received.end())
        with pytest.raises(TransportClosedError):
            await driver.run(transport.send, b"[]\n")
        await close(driver, transport)


async def test_a_message_that_is_too_long_ends_the_connection_and_is_told(
    driver: Driver,
) -> None:
    async def script(connection: ServerConnection) -> None:
        await connection.send("x" * 1001)
        await connection.wait_closed()

    async with listening(script) as server:
        transport = url_transport(driver, server.url, max_size=1000)
        received = await start(driver, transport)
        said = str(await received.end())
        assert "sent what a client cannot take" in said
        assert "1001 bytes" in said
        await close(driver, transport)


async def test_bytes_that_are_no_frame_end_the_connection_and_are_told(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_brief(monkeypatch)

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        peer.writer.write(b"\xff\xff\xff\xff")
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        assert "sent what a client cannot take" in str(await received.end())
        await close(driver, transport)
