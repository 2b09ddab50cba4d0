"""Sending to a server that does not read: bounded waits, and no message is ever torn."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any

import pytest
from codex_app_server_rpc import (
    AsyncStdioTransport,
    CodexTimeoutError,
    RequestTimeoutError,
    TransportClosedError,
)
from codex_app_server_rpc.transports._pipes.pipe_writer import PipeWriter
from codex_app_server_rpc.transports._pipes.thread_writer import ThreadWriter

from tests.rpc.conftest import Connect
from tests.rpc.driver import AsyncDriver, Driver, scripted
from tests.rpc.processes import is_gone

BIG = "/" + "x" * 1_000_000
"""A path that makes a message bigger than any pipe."""


class Answers:
    """What a server wrote, as a transport delivers it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._paths: asyncio.Queue[str] = asyncio.Queue()
        self._rest = b""

    def receive(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            path = json.loads(line)["result"].get("dataBase64")
            self._loop.call_soon_threadsafe(self._paths.put_nowait, path)

    def closed(self, error: TransportClosedError) -> None:
        self._loop.call_soon_threadsafe(self._paths.put_nowait, str(error))

    async def next(self) -> str:
        return await asyncio.wait_for(self._paths.get(), 20)


def message(path: str) -> bytes:
    """Make the request that the scripted server answers with the path."""
    method = "initialize" if path == "initialize" else "fs/readFile"
    return json.dumps({"id": 1, "method": method, "params": {"path": path}}).encode() + b"\n"


async def send(driver: Driver, transport: Any, path: str, timeout: float) -> None:
    """Send a request within a deadline."""
    await driver.run(transport.send, message(path), timeout=timeout)


@pytest.mark.usefixtures("impatient")
async def test_a_request_that_the_server_does_not_read_times_out(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("read_no_more")
    await driver.run(client.fs_read_file, path="/x")
    for path in (BIG, BIG, "/x"):
        with pytest.raises(RequestTimeoutError):
            await driver.run(client.fs_read_file, path=path, timeout=0.1)
    await driver.run(client.close)
    assert is_gone(client.pid)


@pytest.mark.usefixtures("impatient")
async def test_one_who_waits_long_for_a_server_that_does_not_read_holds_up_nobody(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("read_no_more")
    await driver.run(client.fs_read_file, path="/x")
    patient = asyncio.ensure_future(driver.run(client.fs_read_file, path=BIG, timeout=100))
    for _ in range(3):
        with pytest.raises(RequestTimeoutError):
            await driver.run(client.fs_read_file, path="/x", timeout=0.1)
    assert not patient.done()
    await driver.run(client.close)
    with pytest.raises(TransportClosedError):
        await patient


async def test_a_client_is_of_use_again_when_its_server_reads_again(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("read_again_when_signalled")
    await driver.run(client.fs_read_file, path="/x")
    with pytest.raises(RequestTimeoutError):
        await driver.run(client.fs_read_file, path=BIG, timeout=0.1)
    os.kill(client.pid, signal.SIGUSR1)
    assert (await driver.run(client.fs_read_file, path="/y", timeout=20)).data_base64 == "/y"


async def test_messages_that_were_begun_arrive_whole_and_in_order_and_others_not_at_all(
    driver: Driver,
) -> None:
    answers = Answers()
    transport = driver.stdio_class(scripted("read_again_when_signalled"))
    await driver.run(transport.start, answers.receive, answers.closed)
    for path in ("initialize", "first"):
        await send(driver, transport, path, 20)
        await answers.next()
    # The async transport keeps the rest of one message; the sync one is told of its deadline.
    try:
        await send(driver, transport, BIG, 0.1)
    except CodexTimeoutError:
        assert not isinstance(driver, AsyncDriver)
    for path in ("given up", BIG):
        with pytest.raises(CodexTimeoutError):
            await send(driver, transport, path, 0.1)
    os.kill(transport.pid, signal.SIGUSR1)
    await send(driver, transport, "last", 20)
    assert [await answers.next(), await answers.next()] == [BIG, "last"]
    await driver.run(transport.close)
    assert await answers.next() == "this client is closed"


async def test_those_who_wait_for_room_are_served_in_the_order_of_their_coming() -> None:
    answers = Answers()
    transport = AsyncStdioTransport(scripted("read_again_when_signalled"))
    await transport.start(answers.receive, answers.closed)
    for path in ("initialize", "first"):
        await transport.send(message(path))
        await answers.next()
    await transport.send(message(BIG))
    waiting = [asyncio.ensure_future(transport.send(message(f"{n}"))) for n in range(6)]
    given_up = asyncio.ensure_future(transport.send(message("given up"), timeout=0.01))
    await asyncio.wait({given_up})
    waiting += [asyncio.ensure_future(transport.send(message(f"{n}"))) for n in range(6, 9)]
    await asyncio.sleep(0)
    for number in (0, 3):
        waiting[number].cancel()
    assert transport.pid is not None
    os.kill(transport.pid, signal.SIGUSR1)
    assert [await answers.next() for _ in range(8)] == [BIG, *"1245678"]
    await transport.send(message("last"))
    assert await answers.next() == "last"
    outcomes = await asyncio.gather(given_up, *waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [
        CodexTimeoutError,
        asyncio.CancelledError,
        asyncio.CancelledError,
    ]
    await transport.close()


async def test_nobody_passes_those_who_wait_although_there_is_room_by_now() -> None:
    answers = Answers()
    transport = AsyncStdioTransport(scripted("read_again_when_signalled"))
    await transport.start(answers.receive, answers.closed)
    for path in ("initialize", "first"):
        await transport.send(message(path))
        await answers.next()
    await transport.send(message(BIG))
    waiting = [asyncio.ensure_future(transport.send(message(f"{n}"))) for n in range(3)]
    await asyncio.sleep(0)
    assert transport.pid is not None
    os.kill(transport.pid, signal.SIGUSR1)
    while not is_sent_at_once(transport.send(message("newcomer"))):
        await asyncio.sleep(0)
    assert [await answers.next() for _ in range(5)] == [BIG, "0", "1", "2", "newcomer"]
    await asyncio.gather(*waiting)
    await transport.close()


def is_sent_at_once(sending: Coroutine[Any, Any, None]) -> bool:
    """Take the first step of a send; tell whether it was the last, else give it up."""
    try:
        sending.send(None)
    except StopIteration:
        return True
    sending.close()
    return False


async def test_many_big_messages_at_once_arrive_whole(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_by_echo")
    paths = [f"/{number}" + "x" * 200_000 for number in range(20)]
    calls = [driver.run(client.fs_read_file, path=path, timeout=60) for path in paths]
    assert [answer.data_base64 for answer in await asyncio.gather(*calls)] == paths


async def test_an_async_send_does_not_suspend_while_there_is_room() -> None:
    answers = Answers()
    transport = AsyncStdioTransport(scripted("answer_by_echo"))
    await transport.start(answers.receive, answers.closed)
    assert is_sent_at_once(transport.send(message("initialize")))
    await answers.next()
    await transport.close()


@pytest.mark.usefixtures("impatient")
async def test_a_send_that_waits_for_room_is_turned_away_by_a_close(driver: Driver) -> None:
    answers = Answers()
    transport = driver.stdio_class(scripted("read_no_more"))
    await driver.run(transport.start, answers.receive, answers.closed)
    # The server reads one; the async transport keeps the rest of another.
    waiting = [asyncio.ensure_future(send(driver, transport, BIG, 60)) for _ in range(4)]
    _, turned_away = await asyncio.wait(waiting, timeout=0.5)
    assert len(turned_away) >= 2
    await driver.run(transport.close)
    outcomes = await asyncio.gather(*turned_away, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {TransportClosedError, type(None)}
    words = {str(outcome) for outcome in outcomes if outcome is not None}
    assert words == {"the connection to the app-server is closed"}


async def test_a_send_to_a_server_that_died_says_how_it_died(driver: Driver) -> None:
    answers = Answers()
    transport = driver.stdio_class(scripted("die_when_asked", "1"))
    await driver.run(transport.start, answers.receive, answers.closed)
    await send(driver, transport, "initialize", 20)
    await send(driver, transport, "die", 20)
    await answers.next()
    assert "exit code 7" in await answers.next()
    errors: list[BaseException | None] = []
    for _ in range(2):
        with pytest.raises(TransportClosedError) as caught:
            await send(driver, transport, "after", 20)
        assert caught.value.exit_code == 7
        errors += [caught.value, caught.value.__cause__]
    assert len(set(map(id, errors))) == len(errors)  # each its own, with a traceback of its own
    await driver.run(transport.close)


# --- the writing end of a pipe -------------------------------------------------------------


@pytest.fixture
def pipe() -> Iterator[tuple[int, Any]]:
    """Give the reading end, as a descriptor, and the writing end of a pipe."""
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "wb", buffering=0)
    yield reading, stream
    stream.close()
    os.close(reading)


def send_many(writer: PipeWriter | ThreadWriter, data: bytes, timeout: float) -> None:
    """Send more than can be on its way."""
    for _ in range(3):
        writer.send(data, timeout)


@pytest.mark.parametrize("kind", [PipeWriter, ThreadWriter])
def test_writing_to_a_pipe_that_is_not_read_times_out(
    kind: Callable[[Any], PipeWriter | ThreadWriter], pipe: tuple[int, Any]
) -> None:
    reading, stream = pipe
    writer = kind(stream)
    with pytest.raises(CodexTimeoutError) as caught:
        send_many(writer, b"x" * 1_000_000, 0.05)
    assert caught.value.timeout == 0.05
    drain = threading.Thread(target=read_all, args=(reading, []))
    drain.start()
    writer.send(b"x", 20)
    assert writer.close(20)
    drain.join()
    with pytest.raises(TransportClosedError):
        writer.send(b"x", 20)


def test_a_message_that_was_not_begun_in_time_is_not_sent_later(pipe: tuple[int, Any]) -> None:
    reading, stream = pipe
    writer = PipeWriter(stream)
    sent: list[bytes] = []

    def fill() -> None:
        while True:
            writer.send(b"%4095d\n" % len(sent), 0.05)  # fills the pipe without being cut
            sent.append(b"%d" % len(sent))

    with pytest.raises(CodexTimeoutError):
        fill()
    received: list[bytes] = []
    drain = threading.Thread(target=read_all, args=(reading, received))
    drain.start()
    writer.send(b"last\n", 20)
    assert writer.close(20)
    drain.join()
    assert b"".join(received).split() == [*sent, b"last"]


def test_a_thread_that_writes_says_when_there_is_room(pipe: tuple[int, Any]) -> None:
    reading, stream = pipe
    room = threading.Event()
    writer = ThreadWriter(stream, room.set)
    assert writer.offer(b"x" * 1_000_000)
    assert not writer.offer(b"y")
    received: list[bytes] = []
    drain = threading.Thread(target=read_all, args=(reading, received))
    drain.start()
    assert room.wait(20)
    assert writer.offer(b"y")
    assert writer.close(20)
    drain.join()
    assert b"".join(received)[-2:] == b"xy"


@pytest.mark.parametrize("kind", [PipeWriter, ThreadWriter])
def test_writing_to_a_pipe_that_nobody_reads_any_more_fails(
    kind: Callable[[Any], PipeWriter | ThreadWriter], pipe: tuple[int, Any]
) -> None:
    reading, stream = pipe
    writer = kind(stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), reading)
    with pytest.raises(BrokenPipeError):
        send_many(writer, b"x" * 1_000_000, 20)
    assert writer.close(20)


def read_all(descriptor: int, received: list[bytes]) -> None:
    """Read a pipe to its end."""
    while data := os.read(descriptor, 65536):
        received.append(data)


def test_ctrl_c_in_the_midst_of_writing_tears_no_message_and_holds_up_nobody(
    pipe: tuple[int, Any],
) -> None:
    reading, stream = pipe
    writer = PipeWriter(stream)
    received: list[bytes] = []
    drain = threading.Thread(target=read_all, args=(reading, received))
    drain.start()

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    interrupted = sent = 0
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        while interrupted < 300:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0002)
                while True:
                    writer.send(b"%d:" % sent + b"x" * 300_000 + b"\n", 20)
                    sent += 1
            except KeyboardInterrupt:
                interrupted += 1
                sent += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    writer.send(b"end\n", 20)
    assert writer.close(20)
    drain.join()
    lines = b"".join(received).split(b"\n")
    assert lines[-2:] == [b"end", b""]
    assert {line.partition(b":")[2] for line in lines[:-2]} == {b"x" * 300_000}
    numbers = [int(line.partition(b":")[0]) for line in lines[:-2]]
    assert numbers == sorted(set(numbers))
