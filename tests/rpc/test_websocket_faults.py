"""Connections that go wrong, and how they end: told once, in time, and with nothing left."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import struct
import threading
import warnings
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import (
    AsyncTransport,
    AsyncWebSocketTransport,
    CodexTimeoutError,
    Transport,
    TransportClosedError,
    WebSocketTransport,
)
from websockets.asyncio.server import ServerConnection
from websockets.frames import Opcode

from tests.rpc.driver import AsyncDriver, Driver, Gate, SyncDriver
from tests.rpc.processes import open_descriptors
from tests.rpc.websocket_server import (
    RawPeer,
    Received,
    answer_by_echo,
    listening,
    raw_listening,
    socket_transport,
    url_transport,
)
from tests.rpc.wire import INITIALIZE_RESULT, result

MORE_THAN_FITS = b"x" * (32 << 20) + b"\n"
"""A message that no socket takes at once."""

Start = Callable[..., Awaitable[tuple[Any, Received]]]


@pytest.fixture(params=[SyncDriver, AsyncDriver], ids=["sync", "async"])
async def driver(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    """Give each of the two clients, and see that nothing of its connections is left."""
    made: SyncDriver | AsyncDriver = request.param()
    gc.collect()
    opened, tasks = open_descriptors(), asyncio.all_tasks()
    yield made
    made.close()
    gc.collect()
    assert asyncio.all_tasks() - tasks <= {asyncio.current_task()}
    assert open_descriptors() == opened
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("codex")]


async def start(driver: Driver, transport: Any) -> Received:
    """Start a transport."""
    received = Received()
    await driver.run(transport.start, received.receive, received.closed)
    return received


async def greet(connection: ServerConnection) -> None:
    """Shake hands with a client."""
    request = json.loads(await connection.recv())
    await connection.send(result(request["id"], INITIALIZE_RESULT).decode())
    await connection.recv()


async def close(driver: Driver, transport: Any) -> None:
    """Close a transport, which must not take for ever."""
    await asyncio.wait_for(driver.run(transport.close), 20)


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
    hang_up, leave = Gate(), Gate()

    async def script(peer: RawPeer) -> None:
        await peer.accept()
        await hang_up.passed()
        peer.writer.write_eof()
        await leave.passed()

    async with raw_listening(script) as url:
        transport = url_transport(driver, url)
        received = await start(driver, transport)
        sending = [asyncio.ensure_future(driver.run(transport.send, MORE_THAN_FITS))]
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


def be_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let closing wait less than it would."""
    for module in ("websocket", "async_websocket", "_async_channel"):
        monkeypatch.setattr(f"codex_app_server_rpc.{module}.CLOSE_GRACE", 0.1)
