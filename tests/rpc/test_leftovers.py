"""What a client leaves behind: no thread, no task, no descriptor, no process."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from codex_app_server_rpc import (
    AsyncClient,
    AsyncStdioTransport,
    Client,
    CodexError,
    LaunchError,
    RequestTimeoutError,
    StdioTransport,
    TransportClosedError,
)

from tests.rpc.driver import IDENTITY, scripted
from tests.rpc.processes import is_gone, open_descriptors

FAILURES: list[object] = [
    pytest.param(["/nowhere/codex"], LaunchError, id="no-program"),
    pytest.param(scripted("die_at_once", "3"), TransportClosedError, id="dies-at-once"),
    pytest.param(scripted("stay_silent"), RequestTimeoutError, id="is-silent"),
]


@pytest.fixture
def nothing_stays_open() -> Iterator[None]:
    gc.collect()
    before = open_descriptors()
    yield
    assert open_descriptors() == before


@pytest.fixture
def no_thread_stays(nothing_stays_open: None) -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("codex-item"):  # a reply went out just now
            thread.join(5)
    assert set(threading.enumerate()) == before


@pytest.fixture
async def no_task_stays() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    opened, threads = open_descriptors(), set(threading.enumerate())
    yield
    assert asyncio.all_tasks() - before <= {asyncio.current_task()}
    assert open_descriptors() == opened
    assert set(threading.enumerate()) == threads


@pytest.mark.usefixtures("no_thread_stays")
def test_a_client_that_was_closed_leaves_nothing() -> None:
    with Client(StdioTransport(scripted("ask_for_approval")), identity=IDENTITY) as client:
        client.fs_read_file(path="/x")
        client.subscribe()
        client.turn_stream("T")


@pytest.mark.usefixtures("no_thread_stays")
def test_a_client_whose_server_died_leaves_nothing_once_it_is_closed() -> None:
    client = Client(StdioTransport(scripted("die_when_asked", "1")), identity=IDENTITY)
    client.start()
    with pytest.raises(TransportClosedError):
        client.fs_read_file(path="/x")
    client.close()


@pytest.mark.usefixtures("no_thread_stays")
@pytest.mark.parametrize(("command", "expected"), FAILURES)
def test_a_client_that_could_not_be_made_leaves_nothing(
    command: list[str], expected: type[CodexError]
) -> None:
    with pytest.raises(expected):
        Client(StdioTransport(command), identity=IDENTITY, request_timeout=0.3).start()


@pytest.mark.usefixtures("no_task_stays")
async def test_an_async_client_has_no_thread_and_leaves_nothing() -> None:
    threads = set(threading.enumerate())
    transport = AsyncStdioTransport(scripted("ask_for_approval"))
    async with AsyncClient(transport, identity=IDENTITY) as client:
        await client.fs_read_file(path="/x")
        client.subscribe()
        client.turn_stream("T")
        assert set(threading.enumerate()) == threads


@pytest.mark.usefixtures("no_task_stays")
async def test_an_async_client_whose_server_died_leaves_nothing_once_it_is_closed() -> None:
    transport = AsyncStdioTransport(scripted("die_when_asked", "1"))
    async with AsyncClient(transport, identity=IDENTITY) as client:
        with pytest.raises(TransportClosedError):
            await client.fs_read_file(path="/x")


@pytest.mark.usefixtures("no_task_stays")
@pytest.mark.parametrize(("command", "expected"), FAILURES)
async def test_an_async_client_that_could_not_be_started_leaves_nothing(
    command: list[str], expected: type[CodexError]
) -> None:
    client = AsyncClient(AsyncStdioTransport(command), identity=IDENTITY, request_timeout=0.3)
    with pytest.raises(expected):
        await client.start()


@pytest.mark.usefixtures("no_task_stays")
@pytest.mark.parametrize("steps", range(12))
async def test_an_async_client_that_is_cancelled_in_its_start_leaves_nothing(steps: int) -> None:
    transport = AsyncStdioTransport(scripted("stay_silent"))
    start = asyncio.ensure_future(AsyncClient(transport, identity=IDENTITY).start())
    for _ in range(steps):
        await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert transport.pid is None or is_gone(transport.pid)


@pytest.mark.usefixtures("no_task_stays")
async def test_many_async_clients_at_once_leave_nothing() -> None:
    async def use() -> None:
        transport = AsyncStdioTransport(scripted("answer_by_echo"))
        async with AsyncClient(transport, identity=IDENTITY) as client:
            await client.fs_read_file(path="/x")

    await asyncio.gather(*(use() for _ in range(10)))


async def test_cancelling_every_task_of_the_loop_takes_nothing_from_a_close(
    tmp_path: Path,
) -> None:
    transport = AsyncStdioTransport(scripted("say_how_it_ended", str(tmp_path / "end")))
    client = AsyncClient(transport, identity=IDENTITY)
    await client.start()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)

    await client.close()

    assert (tmp_path / "end").read_text(encoding="utf-8") == "the end of stdin"
    assert transport.pid is not None
    assert is_gone(transport.pid)


@pytest.mark.usefixtures("no_thread_stays")
def test_a_client_whose_transport_was_aborted_leaves_nothing_once_it_is_closed() -> None:
    transport = StdioTransport(scripted("ignore_every_end"))
    client = Client(transport, identity=IDENTITY)
    client.start()
    transport.abort()
    client.close()
    assert transport.pid is not None
    assert is_gone(transport.pid)


def ignored(event: object) -> None:
    """Take no notice of what a transport delivers."""


def test_a_loop_that_is_closed_and_dropped_takes_the_server_along(nothing_stays_open: None) -> None:
    async def start() -> int:
        transport = AsyncStdioTransport(scripted("ignore_every_end"))
        await transport.start(ignored, ignored)
        assert transport.pid is not None
        return transport.pid

    loop = asyncio.new_event_loop()
    with warnings.catch_warnings():
        # Only ignored, since a warning that is kept would keep the client as well.
        warnings.simplefilter("ignore", ResourceWarning)
        pid = loop.run_until_complete(start())
        loop.close()
        del loop
        gc.collect()
    assert is_gone(pid)
