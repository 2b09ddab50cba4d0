"""The async client on event loops of other kinds, and under other frameworks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest
from codex_app_server_rpc import (
    AsyncClient,
    AsyncStdioTransport,
    LaunchError,
    RequestTimeoutError,
    TransportClosedError,
)

from tests.rpc.driver import IDENTITY, scripted
from tests.rpc.exit_ways import WAYS, see_the_end_by
from tests.rpc.processes import end, has_ended, is_gone, open_descriptors

BIG = "/" + "x" * 5_000_000


def refuse(*args: object, **kwargs: object) -> None:
    raise NotImplementedError


def blind_loop() -> asyncio.AbstractEventLoop:
    """Make a loop that can watch no descriptors and no pipes, as those of Windows cannot."""
    loop = loop_without_pipes()
    for name in ("add_reader", "add_writer"):
        setattr(loop, name, refuse)
    return loop


def loop_without_pipes() -> asyncio.AbstractEventLoop:
    """Make a loop that can watch descriptors, but has no pipes and no subprocesses."""
    loop = asyncio.SelectorEventLoop()
    for name in ("connect_read_pipe", "connect_write_pipe", "subprocess_exec"):
        setattr(loop, name, refuse)
    return loop


def uvloop_loop() -> asyncio.AbstractEventLoop:
    uvloop: Any = pytest.importorskip("uvloop", reason="it does not exist for this system")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [blind_loop, loop_without_pipes, uvloop_loop]

Main = Callable[[], Coroutine[Any, Any, None]]
RunIn = Callable[[Main], None]


@pytest.fixture(params=LOOPS, ids=["blind", "without-pipes", "uvloop"])
def run(request: pytest.FixtureRequest) -> RunIn:
    """Give a function that runs a coroutine to its end on a loop, and sees that nothing stays."""

    def run_to_the_end(main: Main) -> None:
        loop: asyncio.AbstractEventLoop = request.param()
        try:
            loop.run_until_complete(watched(main))
        finally:
            loop.close()

    return run_to_the_end


async def watched(main: Main) -> None:
    """Run a coroutine and see that it leaves no descriptor, thread or task."""
    await asyncio.sleep(0)
    opened, threads = open_descriptors(), set(threading.enumerate())
    await asyncio.wait_for(main(), 60)
    assert set(threading.enumerate()) == threads
    assert open_descriptors() == opened
    assert asyncio.all_tasks() == {asyncio.current_task()}


def client_of(*scenario: str) -> tuple[AsyncClient, AsyncStdioTransport]:
    transport = AsyncStdioTransport(scripted(*scenario))
    return AsyncClient(transport, identity=IDENTITY), transport


def ignored(event: object) -> None:
    """Take no notice of what a transport delivers."""


def gone(transport: AsyncStdioTransport) -> bool:
    return transport.pid is not None and is_gone(transport.pid)


def test_requests_of_any_size_are_answered(run: RunIn) -> None:
    async def main() -> None:
        client, transport = client_of("answer_by_echo")
        async with client:
            paths = ["/x", BIG, *(f"/{number}" for number in range(50))]
            calls = [client.fs_read_file(path=path, timeout=60) for path in paths]
            answers = await asyncio.gather(*calls)
            assert [answer.data_base64 for answer in answers] == paths
        assert gone(transport)

    run(main)


def test_a_death_is_told_to_everybody(run: RunIn) -> None:
    async def main() -> None:
        client, transport = client_of("die_when_asked", "5")
        async with client:
            calls = [client.fs_read_file(path="/x", timeout=60) for _ in range(5)]
            errors = await asyncio.gather(*calls, return_exceptions=True)
            for error in errors:
                assert isinstance(error, TransportClosedError)
                assert (error.exit_code, error.stderr_tail) == (7, "died when asked")
        assert gone(transport)

    run(main)


def test_a_grandchild_that_holds_the_streams_delays_nothing(run: RunIn) -> None:
    async def main() -> None:
        client, transport = client_of("leave_a_grandchild", "detached")
        async with client:
            grandchild = int((await client.fs_read_file(path="/x")).data_base64)
            try:
                with pytest.raises(TransportClosedError, match="exit code 7"):
                    await client.fs_read_file(path="/x", timeout=20)
            finally:
                end(grandchild)
        assert gone(transport)

    run(main)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_does_not_read_holds_up_nobody(run: RunIn) -> None:
    async def main() -> None:
        client, transport = client_of("read_no_more")
        async with client:
            await client.fs_read_file(path="/x")
            for path in (BIG, BIG, "/x"):
                with pytest.raises(RequestTimeoutError):
                    await client.fs_read_file(path=path, timeout=0.1)
        assert gone(transport)

    run(main)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_ignores_every_end_is_killed(run: RunIn) -> None:
    async def main() -> None:
        client, transport = client_of("ignore_every_end")
        async with client:
            await client.fs_read_file(path="/x")
        assert gone(transport)

    run(main)


def test_a_program_that_does_not_exist_leaves_nothing(run: RunIn) -> None:
    async def main() -> None:
        client = AsyncClient(AsyncStdioTransport(["/nowhere/codex"]), identity=IDENTITY)
        with pytest.raises(LaunchError):
            await client.start()

    run(main)


def test_a_close_that_is_cancelled_leaves_nothing(run: RunIn) -> None:
    async def main() -> None:
        client, transport = client_of("ignore_every_end")
        await client.start()
        closing = asyncio.ensure_future(transport.close())
        await asyncio.wait({closing}, timeout=0.05)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert gone(transport)
        await client.close()

    run(main)


@pytest.mark.parametrize("way", WAYS)
def test_a_blind_loop_does_with_threads_of_its_own_however_the_end_is_seen(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        client, transport = client_of("answer_by_echo")
        async with client:
            assert (await client.fs_read_file(path=BIG, timeout=60)).data_base64 == BIG
            names = {thread.name for thread in threading.enumerate()} - {"MainThread"}
            assert "codex-reader" in names
            assert not [name for name in names if name.startswith("asyncio")]
        assert gone(transport)

    see_the_end_by(way, monkeypatch)
    loop = blind_loop()
    try:
        loop.run_until_complete(watched(main))
    finally:
        loop.close()


@pytest.mark.parametrize("make", LOOPS, ids=["blind", "without-pipes", "uvloop"])
def test_a_server_whose_loop_was_closed_is_ended_by_an_abort(
    make: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    make().close()  # the first uvloop of a process opens a pipe that stays
    opened, threads = open_descriptors(), set(threading.enumerate())
    loop = make()
    transport = AsyncStdioTransport(scripted("ignore_every_end"))
    loop.run_until_complete(transport.start(ignored, ignored))
    loop.close()
    transport.abort()
    assert gone(transport)
    for thread in set(threading.enumerate()) - threads:
        thread.join(20)
    assert open_descriptors() == opened


def test_a_server_that_speaks_to_a_closed_loop_is_ended_by_the_thread_that_hears_it() -> None:
    loop = blind_loop()
    transport = AsyncStdioTransport(scripted("read_again_when_signalled"))

    async def start() -> None:
        answers: asyncio.Queue[bytes] = asyncio.Queue()
        await transport.start(answers.put_nowait, ignored)
        for path in ("/first", "/second"):
            request = {"id": 1, "method": "fs/readFile", "params": {"path": path}}
            await transport.send(json.dumps(request).encode() + b"\n")
        await answers.get()

    threads = set(threading.enumerate())
    loop.run_until_complete(start())
    loop.close()
    assert transport.pid is not None
    os.kill(transport.pid, signal.SIGUSR1)
    assert has_ended(transport.pid)
    for thread in set(threading.enumerate()) - threads:
        thread.join(20)
    assert gone(transport)


def test_an_async_client_has_no_thread_on_a_loop_that_can_watch_pipes() -> None:
    async def main() -> None:
        threads = set(threading.enumerate())
        client, _ = client_of("answer_by_echo")
        async with client:
            await client.fs_read_file(path="/x")
            assert set(threading.enumerate()) == threads

    asyncio.run(main())


def test_under_anyio_one_task_may_enter_and_another_close() -> None:
    async def main() -> None:
        client, transport = client_of("answer_by_echo")
        async with anyio.create_task_group() as group:
            group.start_soon(client.start)
        async with anyio.create_task_group() as group:
            group.start_soon(client.close)
            group.start_soon(client.close)
        assert gone(transport)

    anyio.run(main, backend="asyncio")


def test_under_anyio_leaving_a_cancelled_scope_ends_the_server() -> None:
    opened = open_descriptors()

    async def main() -> None:
        client, transport = client_of("ignore_every_end")
        with anyio.CancelScope() as scope:
            async with client:
                scope.cancel()
                await anyio.sleep_forever()
        await transport.close()
        assert gone(transport)

    anyio.run(main, backend="asyncio")
    assert open_descriptors() == opened
