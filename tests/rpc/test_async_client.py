"""What only the async client has: cancellation, tasks, and starting apart from making."""

from __future__ import annotations

import asyncio
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import (
    AsyncClient,
    AsyncServerRequestHandlers,
    AsyncStdioTransport,
    Notification,
    RequestTimeoutError,
    UsageError,
)

from tests.rpc.driver import IDENTITY, AsyncDriver, Gate, scripted
from tests.rpc.memory_transport import AsyncMemoryTransport, MemoryServer
from tests.rpc.processes import end, is_gone
from tests.rpc.schema_examples import minimal_params
from tests.rpc.turn_messages import params
from tests.rpc.turn_server import serve
from tests.rpc.wire import result

APPROVAL = "item/fileChange/requestApproval"
PARAMS = minimal_params("ServerRequest", APPROVAL)


async def open_client(server: MemoryServer, **handlers: Any) -> AsyncClient:
    client = AsyncClient(
        AsyncMemoryTransport(server),
        identity=IDENTITY,
        handlers=AsyncServerRequestHandlers(**handlers),
    )
    await client.start()
    return client


async def waiting_request(client: AsyncClient, server: MemoryServer) -> asyncio.Task[Any]:
    """Make a request that the server has received and not answered."""
    call = asyncio.ensure_future(client.account_logout(timeout=20))
    while not server.requests:
        await asyncio.sleep(0)
    return call


async def test_nothing_runs_before_the_client_is_started() -> None:
    transport = AsyncStdioTransport(scripted("answer_by_echo"))
    AsyncClient(transport, identity=IDENTITY)
    assert transport.pid is None


async def test_a_client_is_started_once_and_stays_as_it_is() -> None:
    transport = AsyncStdioTransport(scripted("answer_by_echo"))
    async with AsyncClient(transport, identity=IDENTITY) as client:
        pid = transport.pid
        with pytest.raises(UsageError):
            await client.start()
        assert transport.pid == pid
        assert (await client.fs_read_file(path="/x")).data_base64 == "/x"


async def test_a_client_that_was_never_started_is_closed_without_harm() -> None:
    await AsyncClient(AsyncStdioTransport(scripted("stay_silent")), identity=IDENTITY).close()


async def test_a_cancelled_request_leaves_the_client_usable() -> None:
    async with AsyncClient(
        AsyncStdioTransport(scripted("answer_the_first_too_late")), identity=IDENTITY
    ) as client:
        call = asyncio.ensure_future(client.fs_read_file(path="/first"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        responses = await asyncio.gather(
            client.fs_read_file(path="/second"), client.fs_read_file(path="/third")
        )
        assert [response.data_base64 for response in responses] == ["/second", "/third"]


async def test_a_cancellation_that_meets_the_answer_is_not_swallowed() -> None:
    server = MemoryServer()
    client = await open_client(server)
    call = await waiting_request(client, server)
    server.deliver(result(server.requests[0]["id"], {}))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await client.close()


async def test_a_cancellation_that_meets_a_notification_loses_neither() -> None:
    server = MemoryServer()
    client = await open_client(server)
    stream = client.subscribe()
    waiting = asyncio.ensure_future(stream.next(20))
    for _ in range(5):
        await asyncio.sleep(0)
    server.notify("a")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await stream.next(5) == Notification("a", {})
    await client.close()


async def test_a_deadline_also_covers_a_server_that_does_not_read() -> None:
    transport = AsyncStdioTransport(scripted("read_no_more"))
    async with AsyncClient(transport, identity=IDENTITY) as client:
        await client.fs_read_file(path="/x")
        tasks = asyncio.all_tasks()
        with pytest.raises(RequestTimeoutError):
            await client.fs_read_file(path="/" + "x" * 1_000_000, timeout=0.2)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
        assert transport.pid is not None
        end(transport.pid)  # so that closing need not wait for it


async def test_a_plain_handler_that_blocks_does_not_hold_up_the_loop() -> None:
    entered, leave = Gate(), Gate()

    def handler(params: Any) -> types.FileChangeRequestApprovalResponse:
        entered.open()
        leave.block()
        return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})

    server = MemoryServer()
    client = await open_client(server, item_file_change_request_approval=handler)
    server.ask(0, APPROVAL, PARAMS)
    await entered.passed()
    leave.open()
    assert await server.reply() == {"id": 0, "result": {"decision": "accept"}}
    await client.close()


async def test_closing_cancels_a_handler_at_work_and_waits_for_its_end() -> None:
    steps: list[str] = []

    async def handler(params: Any) -> types.FileChangeRequestApprovalResponse:
        steps.append("entered")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("left")
        raise AssertionError

    server = MemoryServer()
    client = await open_client(server, item_file_change_request_approval=handler)
    server.ask(0, APPROVAL, PARAMS)
    while not steps:
        await asyncio.sleep(0)
    await client.close()
    assert steps == ["entered", "left"]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert server.replies.empty()


async def test_a_handler_may_close_its_own_client() -> None:
    closed = asyncio.Event()

    async def handler(params: Any) -> types.FileChangeRequestApprovalResponse:
        await client.close()
        closed.set()
        return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})

    transport = AsyncStdioTransport(scripted("ask_for_approval"))
    client = AsyncClient(
        transport,
        identity=IDENTITY,
        handlers=AsyncServerRequestHandlers(item_file_change_request_approval=handler),
    )
    await client.start()
    await asyncio.gather(client.fs_read_file(path="/x"), return_exceptions=True)
    await asyncio.wait_for(closed.wait(), 10)
    assert transport.pid is not None
    assert is_gone(transport.pid)


async def test_in_another_event_loop_a_client_says_that_it_belongs_elsewhere() -> None:
    client = await AsyncDriver().open_memory(serve())
    stream = client.subscribe()
    turn = await client.start_turn(params())

    async def elsewhere() -> None:
        with pytest.raises(UsageError, match="belongs to another event loop"):
            await turn.interrupt()
        with pytest.raises(UsageError, match="belongs to another event loop"):
            await turn.stop()
        with pytest.raises(UsageError, match="belongs to another event loop"):
            await client.model_list()
        with pytest.raises(UsageError, match="belongs to another event loop"):
            await stream.next()
        with pytest.raises(UsageError, match="belongs to another event loop"):
            await client.close()

    await asyncio.to_thread(asyncio.run, elsewhere())
    assert client.stats().in_flight == 0
    assert not stream.is_closed
    assert not turn.is_closed
    assert await turn.stop()
    await client.close()
