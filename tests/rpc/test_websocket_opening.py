"""Opening a WebSocket, and every way in which that may go wrong; for both clients."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from codex_app_server_rpc import (
    AsyncWebSocketTransport,
    TransportClosedError,
    UsageError,
)
from websockets.asyncio.server import ServerConnection

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

SECRET = "open-sesame"
Say = Callable[[RawPeer], Awaitable[None]]


async def refused(driver: Driver, transport: Any) -> str:
    """Start a transport, which must fail; return what is said of it."""
    received = Received()
    with pytest.raises(TransportClosedError) as failure:
        await driver.run(transport.start, received.receive, received.closed)
    assert received.ends == []
    return str(failure.value)


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make the context of a server named localhost, and that of a client which trusts it."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with authority.issue_cert("localhost").private_key_and_cert_chain_pem.tempfile() as file:
        server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    return server, client


async def test_a_client_calls_through_tls(driver: Driver) -> None:
    tls, trusting = certificates()
    async with listening(answer_by_echo, tls=tls) as server:
        client = await driver.open(url_transport(driver, server.url, ssl_context=trusting))
        sizes = [1, 5_000_000, 2]
        calls = [driver.run(client.model_list, cursor="x" * size) for size in sizes]
        answers = await asyncio.gather(*calls)
        assert [answer.next_cursor for answer in answers] == [str(size) for size in sizes]
        await driver.run(client.close)


async def test_a_server_that_is_not_trusted_is_not_spoken_to(driver: Driver) -> None:
    tls, _ = certificates()
    async with listening(answer_by_echo, tls=tls) as server:
        said = await refused(driver, url_transport(driver, server.url, token=SECRET))
        assert "certificate verify failed" in said
        assert server.requests == []


async def test_a_server_that_does_not_speak_tls_is_given_up(driver: Driver) -> None:
    async with listening(answer_by_echo) as server:
        url = server.url.replace("ws://", "wss://")
        said = await refused(driver, url_transport(driver, url))
        assert re.search("cannot be reached: .+", said)


async def test_a_name_is_looked_up_and_its_addresses_tried_in_turn(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **options: Any) -> Any:
        if host != "codex.example":
            return real(host, port, *args, **options)
        entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*entry, (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with listening(answer_by_echo) as server:
        url = server.url.replace("127.0.0.1", "codex.example")
        client = await driver.open(url_transport(driver, url))
        assert (await driver.run(client.model_list)).data == []
        await driver.run(client.close)
        assert server.requests[0].headers["Host"] in url


async def test_a_name_that_nobody_knows_is_named(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*args: Any, **options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    said = await refused(driver, url_transport(driver, "ws://codex.example:4500"))
    assert "ws://codex.example:4500 cannot be reached" in said
    assert "Name or service not known" in said


async def test_a_name_that_cannot_be_one_is_refused(driver: Driver) -> None:
    assert "cannot be reached" in await refused(
        driver, url_transport(driver, f"ws://{'x' * 100}.example")
    )


async def test_a_port_on_which_nobody_listens_is_named(driver: Driver) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens there
        url = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        said = await refused(driver, url_transport(driver, url))
    assert f"{url} cannot be reached" in said
    assert "refused" in said


@pytest.mark.parametrize("name", ["nothing", "x" * 200, "plain"])
async def test_a_path_on_which_nobody_listens_is_named(
    driver: Driver, tmp_path: Path, name: str
) -> None:
    (tmp_path / "plain").touch()
    said = await refused(driver, socket_transport(driver, tmp_path / name))
    assert f"unix://{tmp_path / name} cannot be reached" in said


def saying(answer: bytes) -> Say:
    """Make a server that answers every opening request with the same bytes, and hangs up."""

    async def script(peer: RawPeer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        peer.writer.write(answer)
        peer.writer.write_eof()
        await peer.hung_up()

    return script


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 17\r\n\r\nno bearer token\r\n"
NO_UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (FORBIDDEN, "refused the connection: HTTP 403 Forbidden"),
        (UNAUTHORIZED, "refused the connection: HTTP 401 Unauthorized: no bearer token"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", "refused the connection: HTTP 200 OK: hello"),
        (NO_UPGRADE, "did not answer like a WebSocket server"),
        (b'{"method": "welcome"}\r\n', "did not answer like a WebSocket server"),
        (b"\r\n" * 100_000, "did not answer like a WebSocket server"),
        (b"", "hung up in the opening handshake"),
        (b"HTTP/1.1 101 Swi", "hung up in the opening handshake"),
    ],
    ids=["403", "401", "200", "no-upgrade", "json", "flood", "nothing", "half"],
)
async def test_a_refusal_says_what_the_server_answered(
    driver: Driver, answer: bytes, expected: str
) -> None:
    async with raw_listening(saying(answer)) as url:
        said = await refused(driver, url_transport(driver, f"{url}/?token={SECRET}"))
        assert f"{url}/ {expected}" in said
        assert SECRET not in said


async def test_a_server_that_never_answers_is_given_up_in_time(driver: Driver) -> None:
    async with raw_listening(RawPeer.hung_up) as url:
        said = await refused(driver, url_transport(driver, url, open_timeout=0.2))
        assert f"{url} did not complete the opening handshake within 0.2 s" in said


async def test_a_server_that_answers_without_end_is_given_up_in_time(driver: Driver) -> None:
    async def script(peer: RawPeer) -> None:
        peer.writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000\r\n\r\n")
        for _ in range(999_999):
            peer.writer.write(b"y")
            await peer.writer.drain()
            await asyncio.sleep(0)

    async with raw_listening(script) as url:
        said = await refused(driver, url_transport(driver, url, open_timeout=0.05))
        assert "within 0.05 s" in said


async def test_a_server_that_never_begins_tls_is_given_up_in_time(driver: Driver) -> None:
    async with raw_listening(RawPeer.hung_up) as url:
        url = url.replace("ws://", "wss://")
        said = await refused(driver, url_transport(driver, url, open_timeout=0.2))
        assert "within 0.2 s" in said


async def test_a_transport_is_started_once(driver: Driver) -> None:
    async def script(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with listening(script) as server:
        transport = url_transport(driver, server.url)
        received = Received()
        await driver.run(transport.start, received.receive, received.closed)
        with pytest.raises(UsageError):
            await driver.run(transport.start, received.receive, received.closed)
        await driver.run(transport.close)


async def test_nothing_is_sent_before_the_start(driver: Driver) -> None:
    transport = url_transport(driver, "ws://127.0.0.1:9")
    with pytest.raises(TransportClosedError):
        await driver.run(transport.send, b"[]\n")
    await driver.run(transport.close)


async def test_without_the_extra_a_transport_says_what_to_install() -> None:
    program = """
import sys
sys.modules["websockets"] = None
import codex_app_server_rpc as rpc
for name in rpc.__all__:
    getattr(rpc, name)
for make in (rpc.WebSocketTransport, rpc.AsyncWebSocketTransport):
    for _ in range(2):
        try:
            make("ws://127.0.0.1:9")
        except rpc.UsageError as error:
            print(error)
for make in (rpc.UnixSocketTransport, rpc.AsyncUnixSocketTransport):
    try:
        make("/nowhere")
    except rpc.UsageError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    said = done.stdout.splitlines()
    assert len(said) == 6
    assert all("pip install websockets" in line for line in said)


async def test_an_async_transport_looks_up_names_in_a_thread_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[threading.Thread] = []

    def look_up(*args: Any, **options: Any) -> Any:
        threads.append(threading.current_thread())
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    received = Received()
    transport = AsyncWebSocketTransport("ws://codex.example")
    with pytest.raises(TransportClosedError):
        await transport.start(received.receive, received.closed)
    [thread] = threads
    assert thread is not threading.current_thread()
    thread.join(5)
    assert not thread.is_alive()
