"""Senders whose server does not read: they wait in turn, within their deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from codex_app_server_rpc import (
    AsyncTransport,
    AsyncWebSocketTransport,
    CodexTimeoutError,
    Transport,
    TransportClosedError,
    WebSocketTransport,
)

from tests.rpc.driver import AsyncDriver, Driver, Gate, SyncDriver
from tests.rpc.websocket_server import (
    MORE_THAN_FITS,
    RawPeer,
    answer_by_echo,
    be_brief,
    close,
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


async def test_closing_does_not_wait_for_a_server_that_does_not_read(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_brief(monkeypatch)
    leave = Gate()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await leave.passed()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        sending = [asyncio.ensure_future(driver.run(transport.send, MORE_THAN_FITS))]
        sending += [asyncio.ensure_future(driver.run(transport.send, b"[]\n")) for _ in range(3)]
        await asyncio.wait(sending, timeout=0.1)
        await close(driver, transport)
        assert str(await received.end()) == "this client is closed"
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} <= {TransportClosedError, type(None)}
        assert TransportClosedError in [type(outcome) for outcome in outcomes]
        leave.open()


async def test_who_waits_for_room_is_woken_when_the_server_hangs_up(driver: Driver) -> None:
    begun, hang_up, leave = Gate(), Gate(), Gate()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await peer.reader.readexactly(1)
        begun.open()
        await hang_up.passed()
        peer.writer.write_eof()
        await leave.passed()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        sending = [asyncio.ensure_future(driver.run(transport.send, MORE_THAN_FITS))]
        await begun.passed()
        sending += [asyncio.ensure_future(driver.run(transport.send, b"[]\n")) for _ in range(3)]
        await asyncio.wait(sending, timeout=0.1)
        hang_up.open()
        assert "hung up" in str(await received.end())
        for sent in sending[1:]:
            with pytest.raises(TransportClosedError, match="hung up"):
                await asyncio.wait_for(sent, 20)
        await asyncio.wait(sending, timeout=20)
        assert sending[0].done()
        sending[0].exception()  # only the sync one waited for the whole to be taken
        leave.open()
        await close(driver, transport)


async def test_a_deadline_of_a_sync_sender_is_kept_and_its_rest_goes_out_first() -> None:
    driver = SyncDriver()
    read = Gate()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await read.passed()
        texts = [bytes((await peer.frame()).data) for _ in range(4)]
        assert b"".join(texts) == MORE_THAN_FITS.strip()
        assert await peer.texts(2) == [b"[1]", b"[4]"]
        await peer.send("[]")
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport: Transport = WebSocketTransport(url)
        received = await start(driver, transport)
        with pytest.raises(CodexTimeoutError, match=r"within 0\.1 s"):
            await driver.run(transport.send, MORE_THAN_FITS, timeout=0.1)
        waiting = asyncio.ensure_future(driver.run(transport.send, b"[1]\n", timeout=20))
        for message in (b"[2]\n", b"[3]\n"):
            with pytest.raises(CodexTimeoutError):
                await driver.run(transport.send, message, timeout=0.01)
        read.open()
        await waiting
        await driver.run(transport.send, b"[4]\n", timeout=20)
        await received.lines(1)
        await close(driver, transport)
    driver.close()


async def test_an_async_sender_waits_for_room_before_it_writes() -> None:
    driver = AsyncDriver()
    read = Gate()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await read.passed()
        for _ in range(4):
            await peer.frame()
        assert await peer.texts(3) == [b"[2]", b"[3]", b"[4]"]
        await peer.send("[]")
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport: AsyncTransport = AsyncWebSocketTransport(url)
        received = await start(driver, transport)
        await transport.send(MORE_THAN_FITS)
        with pytest.raises(CodexTimeoutError, match=r"within 0\.01 s"):
            await transport.send(b"[0]\n", timeout=0.01)
        given_up = asyncio.ensure_future(transport.send(b"[1]\n"))
        waiting = [asyncio.ensure_future(transport.send(b"[%d]\n" % n)) for n in (2, 3)]
        _, still = await asyncio.wait([given_up, *waiting], timeout=0.1)
        assert len(still) == 3
        given_up.cancel()
        read.open()
        await asyncio.gather(*waiting)
        await transport.send(b"[4]\n")
        await received.lines(1)
        await close(driver, transport)


async def test_async_senders_write_one_by_one_as_there_is_room() -> None:
    first, rest = Gate(), Gate()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await first.passed()
        for _ in range(4):
            await peer.frame()
        await rest.passed()
        for _ in range(4):
            await peer.frame()
        assert await peer.texts(1) == [b"[4]"]
        await peer.send("[]")
        await peer.hung_up()

    async with raw_listening(script) as url:
        transport = AsyncWebSocketTransport(url)
        received = await start(AsyncDriver(), transport)
        await transport.send(MORE_THAN_FITS)
        second = asyncio.ensure_future(transport.send(MORE_THAN_FITS))
        third = asyncio.ensure_future(transport.send(b"[3]\n"))
        await asyncio.wait([second, third], timeout=0.1)
        first.open()
        await second
        assert not third.done()
        third.cancel()
        rest.open()
        await transport.send(b"[4]\n")
        await received.lines(1)
        await transport.close()


async def test_an_async_sender_does_not_suspend_when_there_is_room() -> None:
    async with listening(answer_by_echo) as server:
        transport = AsyncWebSocketTransport(server.url)
        driver = AsyncDriver()
        await start(driver, transport)
        with pytest.raises(StopIteration):
            transport.send(b'{"method": "initialized"}\n').send(None)
        await close(driver, transport)
