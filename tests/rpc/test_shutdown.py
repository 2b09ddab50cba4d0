"""Closing: bounded, idempotent, and nothing is left. For both clients."""

from __future__ import annotations

import asyncio
import signal
import threading
from pathlib import Path
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import (
    AsyncStdioTransport,
    Client,
    RequestTimeoutError,
    StdioTransport,
    TransportClosedError,
    UsageError,
)

from tests.rpc.conftest import Connect
from tests.rpc.driver import IDENTITY, AsyncDriver, Driver, Gate, scripted
from tests.rpc.exit_ways import WAYS, see_the_end_by
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.processes import is_gone, open_descriptors
from tests.rpc.schema_examples import minimal_params

BOUND = 60.0
"""Far more than all steps of a shutdown take together, in seconds."""


@pytest.mark.parametrize("way", WAYS)
async def test_closing_ends_the_server_by_the_end_of_its_stdin(
    way: str,
    driver: Driver,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    see_the_end_by(way, monkeypatch)
    client = await connect("say_how_it_ended", str(tmp_path / "end"))
    await driver.run(client.close)
    assert (tmp_path / "end").read_text(encoding="utf-8") == "the end of stdin"
    assert is_gone(client.pid)


async def test_a_server_that_ignores_the_end_of_its_stdin_is_asked_by_sigterm(
    driver: Driver, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "end"
    client = await connect("say_how_it_ended", str(path), "ignore_the_end_of_stdin")
    await driver.run(client.close)
    assert path.read_text(encoding="utf-8") == "SIGTERM"
    assert is_gone(client.pid)


async def test_closing_twice_is_closing_once(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_by_echo")
    await driver.run(client.close)
    await driver.run(client.close)
    assert is_gone(client.pid)


async def test_closing_from_many_places_at_once_is_closing_once(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_by_echo")
    await asyncio.gather(*(driver.run(client.close) for _ in range(10)))
    assert is_gone(client.pid)


async def test_calls_after_the_close_say_that_the_connection_is_closed(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_by_echo")
    await driver.run(client.close)
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x")
    stream = await driver.run(client.subscribe)
    with pytest.raises(TransportClosedError):
        await driver.run(stream.next, 10)


async def test_closing_wakes_whoever_waits(driver: Driver, connect: Connect) -> None:
    client = await connect("answer_in_reverse", "99")
    stream = await driver.run(client.subscribe)
    waiting = [
        asyncio.ensure_future(driver.run(client.fs_read_file, path="/x", timeout=20)),
        asyncio.ensure_future(driver.run(stream.next, 20)),
    ]
    with pytest.raises(RequestTimeoutError):  # by now the others wait as well
        await driver.run(client.fs_write_file, path="/x", data_base64="", timeout=0.1)
    await driver.run(client.close)
    errors = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in errors] == [TransportClosedError] * 2


async def test_the_context_manager_closes(driver: Driver) -> None:
    transport = driver.stdio_class(scripted("answer_by_echo"))
    client = await driver.open(transport)
    await leave_context(driver, client)
    assert is_gone(transport.pid)


async def leave_context(driver: Driver, client: Any) -> None:
    """Leave the client's context as ``with`` does."""
    name = "__aexit__" if hasattr(client, "__aexit__") else "__exit__"
    await driver.run(getattr(client, name), None, None, None)


async def test_a_server_that_ignores_every_end_is_killed_within_the_bound(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("ignore_every_end")
    await asyncio.wait_for(driver.run(client.close), BOUND)
    assert is_gone(client.pid)


async def test_a_server_that_does_not_read_is_ended_although_a_caller_is_stuck_in_sending(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("read_no_more")
    await driver.run(client.fs_read_file, path="/x")
    path = "/" + "x" * 1_000_000
    stuck = asyncio.ensure_future(driver.run(client.fs_read_file, path=path, timeout=60))
    assert not (await asyncio.wait({stuck}, timeout=0.2))[0]
    await asyncio.wait_for(driver.run(client.close), BOUND)
    assert is_gone(client.pid)
    with pytest.raises(TransportClosedError):
        await stuck


async def test_an_abort_ends_a_server_that_ignores_every_end(
    driver: Driver, connect: Connect
) -> None:
    transport = driver.stdio_class(scripted("ignore_every_end"))
    client = await driver.open(transport)
    stream = await driver.run(client.subscribe)
    waiting = asyncio.ensure_future(driver.run(stream.next, 60))
    transport.abort()
    with pytest.raises(TransportClosedError):
        await waiting
    assert is_gone(transport.pid)
    with pytest.raises(TransportClosedError):
        await driver.run(client.fs_read_file, path="/x")
    await driver.run(client.close)


async def test_a_transport_that_was_not_started_is_aborted_and_closed_in_vain(
    driver: Driver,
) -> None:
    transport = driver.stdio_class(scripted("answer_by_echo"))
    transport.abort()
    await driver.run(transport.close)
    assert transport.pid is None


async def test_one_close_that_is_given_up_leaves_the_others_to_it() -> None:
    transport = AsyncStdioTransport(scripted("ignore_every_end"))
    client = await AsyncDriver().open(transport)
    closing = [asyncio.ensure_future(client.close()) for _ in range(3)]
    await asyncio.wait(closing, timeout=0.05)
    closing[0].cancel()
    outcomes = await asyncio.gather(*closing, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert outcomes[1:] == [None, None]
    assert transport.pid is not None
    assert is_gone(transport.pid)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_in_a_close_kills_the_server_and_leaves_nothing() -> None:
    transport = StdioTransport(scripted("ignore_every_end"))
    client = Client(transport, identity=IDENTITY)
    client.start()
    opened = open_descriptors()
    main = threading.main_thread().ident
    assert main is not None
    interrupt = threading.Timer(0.1, signal.pthread_kill, [main, signal.SIGINT])
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        client.close()
    interrupt.join()
    assert transport.pid is not None
    assert is_gone(transport.pid)
    client.close()
    assert len(open_descriptors()) < len(opened)


async def test_a_client_of_a_transport_that_fails_to_start_closes_it(driver: Driver) -> None:
    server = MemoryServer()
    server.refusal = TransportClosedError("cannot be reached")
    transport = driver.memory_class(server)
    with pytest.raises(TransportClosedError, match="cannot be reached"):
        await driver.open(transport)
    assert transport.closed == 1


async def test_a_transport_is_started_once(driver: Driver, connect: Connect) -> None:
    transport = driver.stdio_class(scripted("answer_by_echo"))
    client = await driver.open(transport)
    pid = transport.pid
    with pytest.raises(UsageError):
        await driver.run(transport.start, print, print)
    assert transport.pid == pid
    assert (await driver.run(client.fs_read_file, path="/x")).data_base64 == "/x"
    await driver.run(client.close)


async def test_closing_does_not_wait_for_a_handler_at_work(driver: Driver) -> None:
    entered, leave = Gate(), Gate()

    def answer(params: Any) -> types.FileChangeRequestApprovalResponse:
        return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})

    server = MemoryServer()
    handler = driver.handler(answer, entered, leave)
    client = await driver.open_memory(
        server, handlers=driver.handlers(item_file_change_request_approval=handler)
    )
    method = "item/fileChange/requestApproval"
    server.ask(0, method, minimal_params("ServerRequest", method))
    await entered.passed()
    await driver.run(client.close)
    leave.open()
    await driver.join_workers()
    assert server.replies.empty()
