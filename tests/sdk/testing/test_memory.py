"""The ways to a server in this process, and a server of one's own at their end."""

from __future__ import annotations

import asyncio
import threading

import pytest
from codex_app_server_rpc import TransportClosedError, UsageError
from openai_codex.testing import AsyncMemoryTransport, MemoryLine, MemoryTransport


class Echo:
    """A far end that sends back what it gets."""

    def __init__(self) -> None:
        self.line: MemoryLine | None = None
        self.left = 0

    def connect(self, line: MemoryLine) -> None:
        self.line = line

    def take(self, line: MemoryLine, data: bytes) -> None:
        line.deliver(data)

    def leave(self, line: MemoryLine) -> None:
        self.left += 1


class Ears:
    """What a client hears."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ends: list[str] = []

    def receive(self, data: bytes) -> None:
        self.heard.append(data)

    def closed(self, error: TransportClosedError) -> None:
        self.ends.append(str(error))


def test_a_sync_client_hears_everything_before_the_end_and_nothing_after_it() -> None:
    far, ears, over = Echo(), Ears(), threading.Event()

    def closed(error: TransportClosedError) -> None:
        ears.closed(error)
        over.set()

    transport = MemoryTransport(far)
    with pytest.raises(TransportClosedError):
        transport.send(b"too early")
    transport.start(ears.receive, closed)
    transport.send(b"one")
    assert far.line is not None
    far.line.end(TransportClosedError("enough"))
    far.line.deliver(b"too late")
    far.line.end(TransportClosedError("enough, again"))

    assert over.wait(10)
    assert (ears.heard, ears.ends) == ([b"one"], ["enough"])
    with pytest.raises(TransportClosedError, match="enough"):
        transport.send(b"two")
    transport.close()
    transport.close()
    assert far.left >= 1
    with pytest.raises(UsageError, match="started once"):
        transport.start(ears.receive, closed)


def test_a_client_that_goes_hears_nothing_of_what_is_on_its_way() -> None:
    ears, busy, gone = Ears(), threading.Event(), threading.Event()

    def receive(data: bytes) -> None:
        ears.receive(data)
        busy.set()
        gone.wait(10)

    transport = MemoryTransport(Echo())
    transport.start(receive, ears.closed)
    transport.send(b"one")
    transport.send(b"two")
    assert busy.wait(10)
    transport.abort()
    gone.set()
    transport.close()

    assert (ears.heard, ears.ends) == ([b"one"], ["this client is closed"])


async def test_an_async_client_hears_in_its_loop_whoever_speaks() -> None:
    far, ears = Echo(), Ears()
    transport = AsyncMemoryTransport(far)
    await transport.start(ears.receive, ears.closed)
    await transport.send(b"one")
    assert far.line is not None
    speaker = threading.Thread(target=far.line.deliver, args=(b"two",))
    speaker.start()
    await asyncio.to_thread(speaker.join)
    await transport.close()
    far.line.deliver(b"too late")
    await asyncio.sleep(0)

    assert (ears.heard, ears.ends) == ([b"one", b"two"], ["this client is closed"])
    with pytest.raises(TransportClosedError):
        await transport.send(b"three")


async def test_an_async_client_that_goes_hears_nothing_more_and_is_gone_once_closed() -> None:
    ears = Ears()
    transport = AsyncMemoryTransport(Echo())
    await transport.start(ears.receive, ears.closed)
    await transport.send(b"one")
    transport.abort()
    await transport.close()

    assert (ears.heard, ears.ends) == ([], ["this client is closed"])
