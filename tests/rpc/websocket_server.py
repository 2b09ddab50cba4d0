"""Servers that listen, well-behaved and not, and what a client's transport did with them.

Everything runs in the test's event loop, on loopback, on a port that the system chooses.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

# The transports of the two clients are alike by name only.
from typing import Any

import pytest
from codex_app_server_rpc import (
    AsyncUnixSocketTransport,
    AsyncWebSocketTransport,
    TransportClosedError,
    UnixSocketTransport,
    WebSocketTransport,
)
from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from tests.rpc.driver import Driver, Gate, SyncDriver
from tests.rpc.processes import open_descriptors
from tests.rpc.wire import INITIALIZE_RESULT, result

__all__ = [
    "MORE_THAN_FITS",
    "Listener",
    "RawPeer",
    "Received",
    "answer_by_echo",
    "be_brief",
    "close",
    "greet",
    "listening",
    "nothing_left",
    "raw_listening",
    "socket_transport",
    "start",
    "url_transport",
]

Script = Callable[[ServerConnection], Awaitable[None]]

MORE_THAN_FITS = b"x" * (32 << 20) + b"\n"
"""A message that no socket takes at once."""

PATIENCE = 20.0
"""How long a test waits for what is bound to happen, in seconds."""


def url_transport(driver: Driver, url: str, **options: Any) -> Any:
    """Make the transport of a driver's client that leads to a URL."""
    if isinstance(driver, SyncDriver):
        return WebSocketTransport(url, **options)
    return AsyncWebSocketTransport(url, **options)


def socket_transport(driver: Driver, path: Path, **options: Any) -> Any:
    """Make the transport of a driver's client that leads to a unix socket."""
    if isinstance(driver, SyncDriver):
        return UnixSocketTransport(path, **options)
    return AsyncUnixSocketTransport(path, **options)


class Received:
    """The callbacks that a transport is started with, and what it gave them.

    Attributes:
        ends: Why the connection ended; a good transport says so once.
    """

    def __init__(self) -> None:
        self.ends: list[TransportClosedError] = []
        self._data = b""
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._ended = Gate()

    def receive(self, data: bytes) -> None:
        assert not self.ends
        self._data += data
        self._loop.call_soon_threadsafe(self._changed.set)

    def closed(self, error: TransportClosedError) -> None:
        self.ends.append(error)
        self._ended.open()

    async def lines(self, count: int) -> list[bytes]:
        """Wait for so many lines, and return everything that has come by then."""

        async def wait() -> None:
            while self._data.count(b"\n") < count:
                await self._changed.wait()
                self._changed.clear()

        await asyncio.wait_for(wait(), PATIENCE)
        assert self._data.endswith(b"\n")
        return self._data.split(b"\n")[:-1]

    async def end(self) -> TransportClosedError:
        """Wait until the transport has said that the connection ended."""
        await self._ended.passed()
        [error] = self.ends
        return error


class Listener:
    """A server whose connections each run a script.

    Attributes:
        url: Where it listens; empty for a unix socket.
        requests: The opening requests it has seen.
    """

    def __init__(self, script: Script) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self._script = script

    async def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.requests.append(connection.request)
        with contextlib.suppress(ConnectionClosed):
            await self._script(connection)


@contextlib.asynccontextmanager
async def listening(
    script: Script,
    *,
    path: Path | None = None,
    tls: ssl.SSLContext | None = None,
    headers: dict[str, str] | None = None,
) -> AsyncGenerator[Listener]:
    """Run a WebSocket server.

    Args:
        script: What it does with each connection.
        path: The unix socket to listen on; ``None`` for TCP.
        tls: Its certificate.
        headers: More headers of its answer to the opening request.
    """
    listener = Listener(script)

    def respond(connection: Any, request: Any, response: Any) -> None:
        for name, value in (headers or {}).items():
            response.headers[name] = value

    options: dict[str, Any] = {
        "process_response": respond,
        "max_size": None,
        "ping_interval": None,
        "close_timeout": 0.1,
    }
    server: Server
    if path is not None:
        server = await unix_serve(listener.serve, str(path), **options)
    else:
        server = await serve(listener.serve, "127.0.0.1", 0, ssl=tls, **options)
        port = next(iter(server.sockets)).getsockname()[1]
        listener.url = f"wss://localhost:{port}" if tls else f"ws://127.0.0.1:{port}"
    async with server:
        yield listener


async def answer_by_echo(connection: ServerConnection) -> None:
    """Shake hands, then answer each request with an empty list, a cursor with its length."""
    async for message in connection:
        request = json.loads(message)
        if "id" not in request:
            continue
        value: object = {"data": []}
        if request["method"] == "initialize":
            value = INITIALIZE_RESULT
        elif "cursor" in request["params"]:
            value = {"data": [], "nextCursor": str(len(request["params"]["cursor"]))}
        await connection.send(result(request["id"], value).decode())


class RawPeer:
    """The server's end of a connection on which nothing happens by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._protocol = ServerProtocol(max_size=None)
        self._frames: list[Frame] = []

    async def accept(self, *, and_send: str | None = None) -> None:
        """Complete the opening handshake; a message may go out in the same piece."""
        while True:
            self._protocol.receive_data(await self.reader.read(65536))
            for event in self._protocol.events_received():
                assert isinstance(event, Request)
                self._protocol.send_response(self._protocol.accept(event))
                if and_send is not None:
                    self._protocol.send_text(and_send.encode())
                await self.flush()
                return

    async def frame(self) -> Frame:
        """Wait for the client's next frame; answer nothing."""
        while not self._frames:
            data = await asyncio.wait_for(self.reader.read(65536), PATIENCE)
            assert data, "the client has hung up"
            self._protocol.receive_data(data)
            events = self._protocol.events_received()
            self._frames += [event for event in events if isinstance(event, Frame)]
            self._protocol.data_to_send()
        return self._frames.pop(0)

    async def texts(self, count: int) -> list[bytes]:
        """Read so many messages of one frame each."""
        frames = [await self.frame() for _ in range(count)]
        assert all(frame.opcode is Opcode.TEXT and frame.fin for frame in frames)
        return [bytes(frame.data) for frame in frames]

    async def send(self, text: str) -> None:
        """Send a message."""
        self._protocol.send_text(text.encode())
        await self.flush()

    async def say_goodbye(self, code: int, reason: str) -> None:
        """Begin the closing handshake, and do not hang up."""
        self._protocol.send_close(code, reason)
        await self.flush()

    async def flush(self) -> None:
        self.writer.write(b"".join(self._protocol.data_to_send()))
        await self.writer.drain()

    async def hung_up(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(ConnectionError):
            while await asyncio.wait_for(self.reader.read(65536), PATIENCE):
                pass


@contextlib.asynccontextmanager
async def raw_listening(script: Callable[[RawPeer], Awaitable[None]]) -> AsyncGenerator[str]:
    """Run a server that knows nothing of WebSocket but what its script does; give its URL."""
    running: set[asyncio.Task[None]] = set()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            # Cancelled by the end of the test, or left by the client; else it fails the test.
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await script(RawPeer(reader, writer))
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running)


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


@contextlib.asynccontextmanager
async def nothing_left() -> AsyncGenerator[None]:
    """See that no descriptor, thread or task of a connection stays."""
    gc.collect()
    opened, tasks, threads = open_descriptors(), asyncio.all_tasks(), set(threading.enumerate())
    yield
    gc.collect()
    assert asyncio.all_tasks() - tasks <= {asyncio.current_task()}
    assert open_descriptors() == opened
    left = set(threading.enumerate()) - threads
    assert not [thread for thread in left if thread.name.startswith("codex")]


def be_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let closing wait less than it would."""
    for module in ("websocket", "async_websocket", "_websocket.async_channel"):
        monkeypatch.setattr(f"codex_app_server_rpc.transports.{module}.GOODBYE_GRACE", 0.1)
