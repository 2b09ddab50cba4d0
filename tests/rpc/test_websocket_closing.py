"""Closing, aborting and cancelling, at every moment: in time, and with nothing left."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
import weakref
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import (
    AsyncWebSocketTransport,
    TransportClosedError,
)
from websockets.asyncio.server import ServerConnection
from websockets.frames import Opcode

from tests.rpc.driver import AsyncDriver, Driver, Gate
from tests.rpc.processes import open_descriptors
from tests.rpc.websocket_server import (
    RawPeer,
    Received,
    answer_by_echo,
    be_brief,
    close,
    listening,
    nothing_left,
    raw_listening,
    socket_transport,
    start,
    url_transport,
)


@pytest.fixture(autouse=True)
async def tidy(driver: Driver) -> AsyncIterator[None]:
    async with nothing_left():
        yield


async def test_closing_says_goodbye_and_tells_the_client_once(driver: Driver) -> None:
    codes: asyncio.Queue[int | None] = asyncio.Queue()

    async def script(connection: ServerConnection) -> None:
        await connection.wait_closed()
        codes.put_nowait(connection.close_code)

    async with listening(script) as server:
        transport = url_transport(driver, server.url)
        received = await start(driver, transport)
        await asyncio.gather(*(close(driver, transport) for _ in range(5)))
        await close(driver, transport)
        assert str(await received.end()) == "this client is closed"
        assert await codes.get() == 1000


async def test_what_the_server_sends_before_its_own_goodbye_still_arrives(
    driver: Driver,
) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept()
        assert (await peer.frame()).opcode is Opcode.CLOSE
        peer.writer.write(b"\x81\x03[1]" + b"\x88\x02\x03\xe8")  # a message, and code 1000

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        await close(driver, transport)
        await received.end()
        assert await received.lines(1) == [b"[1]"]


async def test_closing_a_unix_socket_leaves_nothing(driver: Driver, tmp_path: Path) -> None:
    async with listening(answer_by_echo, path=tmp_path / "s"):
        transport = socket_transport(driver, tmp_path / "s")
        received = await start(driver, transport)
        await close(driver, transport)
        await received.end()


async def test_a_server_that_does_not_answer_the_goodbye_is_left(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_brief(monkeypatch)

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        assert (await peer.frame()).opcode is Opcode.CLOSE
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        await driver.run(transport.close)
        assert [str(error) for error in received.ends] == ["this client is closed"]


async def test_aborting_ends_it_at_once_and_closing_still_works(driver: Driver) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        transport.abort()  # nothing to end yet, and no harm done
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        transport.abort()
        transport.abort()
        assert str(await received.end()) == "this client is closed"
        with pytest.raises(TransportClosedError):
            await driver.run(transport.send, b"[]\n")
        await close(driver, transport)
        transport.abort()


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_ending_a_transport_that_is_being_opened_wakes_its_start(
    driver: Driver, end: str
) -> None:
    met = Gate()

    async def script(peer: RawPeer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        met.open()
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url, open_timeout=60)
        received = Received()
        opening = asyncio.ensure_future(
            driver.run(transport.start, received.receive, received.closed)
        )
        await met.passed()
        await driver.run(getattr(transport, end))
        with pytest.raises(TransportClosedError, match="this client is closed"):
            await asyncio.wait_for(opening, 20)
        await close(driver, transport)
        assert received.ends == []


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_ending_a_transport_before_it_is_connected_keeps_it_from_opening(
    driver: Driver, end: str
) -> None:
    async with listening(answer_by_echo) as server:
        transport: Any = None

        def token() -> Any:
            ending = getattr(transport, end)()
            return ended_by(ending) if ending is not None else "open-sesame"

        async def ended_by(ending: Awaitable[None]) -> str:
            await ending
            return "open-sesame"

        transport = url_transport(driver, server.url, token=token)
        received = Received()
        with pytest.raises(TransportClosedError, match="this client is closed"):
            await driver.run(transport.start, received.receive, received.closed)
        assert received.ends == []


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_an_async_start_that_waits_for_its_token_is_woken_by_the_end(end: str) -> None:
    asked = asyncio.Event()

    async def token() -> str:
        asked.set()
        await asyncio.Event().wait()
        return ""

    transport = AsyncWebSocketTransport("ws://127.0.0.1:9", token=token, open_timeout=60)
    opening = asyncio.ensure_future(start(AsyncDriver(), transport))
    await asked.wait()
    await AsyncDriver().run(getattr(transport, end))
    with pytest.raises(TransportClosedError, match="this client is closed"):
        await asyncio.wait_for(opening, 20)


@pytest.mark.parametrize("end", ["abort", "cancel"])
async def test_an_async_start_that_is_ended_by_the_first_message_tells_nothing(end: str) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept(and_send="[1]")
        await peer.hung_up()

    ends: list[TransportClosedError] = []
    async with raw_listening(script) as url:
        transport = AsyncWebSocketTransport(url)

        def receive(data: bytes) -> None:
            transport.abort() if end == "abort" else starting.cancel()

        starting = asyncio.ensure_future(transport.start(receive, ends.append))
        expected = TransportClosedError if end == "abort" else asyncio.CancelledError
        with pytest.raises(expected):
            await starting
        await transport.close()
    assert ends == []


async def test_a_transport_that_was_closed_is_let_go_of(driver: Driver) -> None:
    async with listening(answer_by_echo) as server:
        transport = url_transport(driver, server.url)
        await start(driver, transport)
        await close(driver, transport)
        gone = weakref.ref(transport)
        del transport
        gc.collect()
        assert gone() is None


async def test_an_opening_that_fails_leaves_nothing(driver: Driver) -> None:
    async with raw_listening(RawPeer.hung_up) as url:
        transport = url_transport(driver, url, open_timeout=0.05)
        with pytest.raises(TransportClosedError):
            await start(driver, transport)
        await close(driver, transport)


@pytest.mark.parametrize("steps", range(14))
async def test_an_async_opening_that_is_cancelled_leaves_nothing(steps: int) -> None:
    opened = open_descriptors()
    async with listening(answer_by_echo) as server:
        transport = AsyncWebSocketTransport(server.url)
        opening = asyncio.ensure_future(start(AsyncDriver(), transport))
        for _ in range(steps):
            await asyncio.sleep(0)
        if not opening.done():
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
        else:
            await transport.close()
    assert open_descriptors() == opened


async def test_an_async_close_that_is_cancelled_leaves_nothing(driver: Driver) -> None:
    async def script(peer: RawPeer) -> None:
        await peer.accept()
        assert (await peer.frame()).opcode is Opcode.CLOSE
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = AsyncWebSocketTransport(url)
        received = await start(AsyncDriver(), transport)
        closing = asyncio.ensure_future(transport.close())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        await received.end()


async def test_many_connections_at_once_leave_nothing(driver: Driver) -> None:
    async def use(url: str) -> None:
        client = await driver.open(url_transport(driver, url))
        await driver.run(client.model_list)
        await close(driver, client)

    async with listening(answer_by_echo) as server:
        await asyncio.gather(*(use(server.url) for _ in range(20)))


def test_aborting_after_the_loop_has_closed_ends_the_connection() -> None:
    loops = asyncio.new_event_loop(), asyncio.new_event_loop()
    left = threading.Event()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await peer.hung_up()
        left.set()

    async def connect(url: str) -> AsyncWebSocketTransport:
        transport = AsyncWebSocketTransport(url)
        await start(AsyncDriver(), transport)
        return transport

    serving = raw_listening(script)
    url = loops[0].run_until_complete(serving.__aenter__())
    thread = threading.Thread(target=loops[0].run_forever)
    thread.start()
    transport = loops[1].run_until_complete(connect(url))
    loops[1].close()

    transport.abort()

    assert left.wait(20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it was the loop that was not waited for
        del transport
        gc.collect()
    loops[0].call_soon_threadsafe(loops[0].stop)
    thread.join()
    loops[0].run_until_complete(serving.__aexit__(None, None, None))
    loops[0].close()
