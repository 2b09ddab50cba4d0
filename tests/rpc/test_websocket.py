"""Messages over WebSocket and unix socket, there and back, for both clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import InvalidArgumentError
from websockets.asyncio.server import ServerConnection
from websockets.frames import Opcode

from tests.rpc.driver import Driver
from tests.rpc.websocket_server import (
    RawPeer,
    Received,
    answer_by_echo,
    listening,
    raw_listening,
    socket_transport,
    url_transport,
)

Start = Callable[..., Awaitable[tuple[Any, Received]]]


@pytest.fixture
async def start(driver: Driver) -> AsyncIterator[Start]:
    """Give a function that starts a transport to a URL; it is closed at the end."""
    transports: list[Any] = []

    async def start_transport(url: str, **options: Any) -> tuple[Any, Received]:
        transport = url_transport(driver, url, **options)
        received = Received()
        await driver.run(transport.start, received.receive, received.closed)
        transports.append(transport)
        return transport, received

    yield start_transport
    for transport in transports:
        await driver.run(transport.close)


async def test_a_client_shakes_hands_and_calls_over_a_websocket(driver: Driver) -> None:
    async with listening(answer_by_echo) as server:
        client = await driver.open(url_transport(driver, server.url))
        assert client.server.codex_home == "/home/somebody/.codex"
        assert (await driver.run(client.model_list)).data == []
        await driver.run(client.close)


async def test_a_client_shakes_hands_and_calls_over_a_unix_socket(
    driver: Driver, tmp_path: Path
) -> None:
    async with listening(answer_by_echo, path=tmp_path / "s"):
        client = await driver.open(socket_transport(driver, tmp_path / "s"))
        assert (await driver.run(client.model_list)).data == []
        await driver.run(client.close)


async def test_many_calls_at_once_each_get_their_own_answer(driver: Driver) -> None:
    async with listening(answer_by_echo) as server:
        client = await driver.open(url_transport(driver, server.url))
        calls = [driver.run(client.model_list, cursor="x" * size) for size in range(200)]
        answers = await asyncio.gather(*calls)
        assert [answer.next_cursor for answer in answers] == [str(size) for size in range(200)]
        await driver.run(client.close)


async def test_messages_arrive_in_order_a_line_each(start: Start) -> None:
    messages = [b'{"n": %d}' % n for n in range(500)]

    async def script(connection: ServerConnection) -> None:
        for message in messages:
            await connection.send(message.decode())
        await connection.wait_closed()

    async with listening(script) as server:
        _, received = await start(server.url)
        assert await received.lines(500) == messages


async def test_a_newline_inside_a_message_does_not_tear_it_apart(start: Start) -> None:
    async def script(connection: ServerConnection) -> None:
        await connection.send('{\n"a":\r\n1}\n')
        await connection.wait_closed()

    async with listening(script) as server:
        _, received = await start(server.url)
        [line] = await received.lines(1)
        assert json.loads(line) == {"a": 1}


async def test_a_binary_message_is_handed_on_like_text(start: Start) -> None:
    async def script(connection: ServerConnection) -> None:
        await connection.send(b"\x00\xff\n")
        await connection.send(b'{"a": 1}')
        await connection.wait_closed()

    async with listening(script) as server:
        _, received = await start(server.url)
        assert await received.lines(2) == [b"\x00\xff ", b'{"a": 1}']


async def test_a_client_skips_and_counts_a_message_that_is_no_json(driver: Driver) -> None:
    async def script(connection: ServerConnection) -> None:
        await connection.send(b"\x00\xff\n")
        await connection.send("rubbish")
        await answer_by_echo(connection)

    async with listening(script) as server:
        client = await driver.open(url_transport(driver, server.url))
        assert (await driver.run(client.model_list)).data == []
        await driver.run(client.close)


async def test_a_message_in_many_frames_is_put_together(start: Start) -> None:
    async def script(connection: ServerConnection) -> None:
        await connection.send(["{", '"a"', ": 1", "}"])
        await connection.wait_closed()

    async with listening(script) as server:
        _, received = await start(server.url)
        assert await received.lines(1) == [b'{"a": 1}']


async def test_a_message_of_64_mib_arrives_whole(start: Start) -> None:
    text = '"' + "x" * (64 << 20) + '"'

    async def script(connection: ServerConnection) -> None:
        await connection.send(text)
        await connection.send("[]")
        await connection.wait_closed()

    async with listening(script) as server:
        _, received = await start(server.url)
        first, second = await received.lines(2)
        assert first == text.encode()
        assert second == b"[]"


async def test_what_comes_right_behind_the_handshake_is_not_lost(start: Start) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept(and_send="[1]")
        await peer.hung_up()

    async with raw_listening(script) as url:
        _, received = await start(url)
        assert await received.lines(1) == [b"[1]"]


async def test_a_line_goes_out_as_one_text_message_without_its_newline(
    driver: Driver, start: Start
) -> None:
    got: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def script(connection: ServerConnection) -> None:
        async for message in connection:
            got.put_nowait(message)

    async with listening(script) as server:
        transport, _ = await start(server.url)
        await driver.run(transport.send, '{"a": "ü"}\n'.encode())
        await driver.run(transport.send, b"[1]\n[2]\n")
        assert [await got.get() for _ in range(3)] == ['{"a": "ü"}', "[1]", "[2]"]


@pytest.mark.parametrize(
    ("announced", "largest"), [("1000", 1000), ("99999999", 8 << 20), ("", 8 << 20)]
)
async def test_a_long_message_goes_out_in_frames_that_the_server_takes(
    driver: Driver, start: Start, announced: str, largest: int
) -> None:
    text = "x" * (2 * largest + 1)
    frames: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def script(connection: ServerConnection) -> None:
        async for frame in connection.recv_streaming():
            frames.put_nowait(frame)

    headers = {"x-codex-websocket-max-unfragmented-message-bytes": announced}
    async with listening(script, headers=headers) as server:
        transport, _ = await start(server.url)
        await driver.run(transport.send, text.encode() + b"\n")
        got = [await frames.get() for _ in range(3)]
        assert [len(frame) for frame in got] == [largest, largest, 1]


async def test_a_message_over_the_limit_is_refused_and_the_connection_goes_on(
    driver: Driver,
) -> None:
    async with listening(answer_by_echo) as server:
        client = await driver.open(url_transport(driver, server.url, max_send_size=1000))
        with pytest.raises(InvalidArgumentError, match=r"1,0\d\d bytes .* limit is 1,000 bytes"):
            await driver.run(client.model_list, cursor="x" * 1000)
        answer = await driver.run(client.model_list, cursor="x" * 900)
        assert answer.next_cursor == "900"
        await driver.run(client.close)


async def test_the_limit_is_on_each_message_not_on_what_is_sent_at_once(
    driver: Driver, start: Start
) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept()
        assert await peer.texts(2) == [b"[1]", b"[2]"]
        await peer.send("[]")
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport, received = await start(url, max_send_size=3)
        await driver.run(transport.send, b"[1]\n[2]\n")
        await received.lines(1)


async def test_a_ping_of_the_server_is_answered(start: Start) -> None:
    async def script(connection: ServerConnection) -> None:
        await (await connection.ping())
        await connection.send("[]")
        await connection.wait_closed()

    async with listening(script) as server:
        _, received = await start(server.url)
        assert await received.lines(1) == [b"[]"]


async def test_silence_is_broken_by_pings_and_nobody_waits_for_their_answer(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("websocket", "_websocket.async_channel"):
        monkeypatch.setattr(f"codex_app_server_rpc.transports.{module}.PING_INTERVAL", 0.01)

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        for _ in range(5):
            assert (await peer.frame()).opcode is Opcode.PING
        await peer.send("[]")
        await peer.hung_up()

    async with raw_listening(script) as url:
        _, received = await start(url)
        assert await received.lines(1) == [b"[]"]
