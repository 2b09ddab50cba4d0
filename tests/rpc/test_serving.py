"""Handlers of the server's requests: whose answer goes out, exactly once, and when."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc._serving import answering
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS

from tests.rpc.driver import Driver, Gate
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.schema_examples import minimal, minimal_params, server_requests
from tests.rpc.wire import result

APPROVAL = "item/fileChange/requestApproval"
PARAMS = minimal_params("ServerRequest", APPROVAL)
DECLINED = {"decision": "decline"}
OTHER_ANSWER = types.CommandExecutionRequestApprovalResponse.from_wire({"decision": "accept"})
LOGGER = "openai_codex.rpc.requests"


def accept(params: Any) -> types.FileChangeRequestApprovalResponse:
    return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})


def as_it_is(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return function


def as_coroutine(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    async def handler(params: Any) -> Any:
        return function(params)

    return handler


def raising(error: BaseException) -> Callable[[Any], Any]:
    def handler(params: Any) -> Any:
        raise error

    return handler


def returning(answer: object) -> Callable[[Any], Any]:
    def handler(params: Any) -> Any:
        return answer

    return handler


async def serve(driver: Driver, server: MemoryServer, **handlers: Any) -> Any:
    return await driver.open_memory(server, handlers=driver.handlers(**handlers))


async def reply_of(driver: Driver, handler: Any) -> dict[str, Any]:
    """Let a handler answer one approval, and return the reply."""
    server = MemoryServer()
    client = await serve(driver, server, item_file_change_request_approval=handler)
    server.ask(0, APPROVAL, PARAMS)
    reply = await server.reply()
    await driver.run(client.close)
    return reply


@pytest.mark.parametrize("wrap", [as_it_is, as_coroutine], ids=["plain", "async"])
@pytest.mark.parametrize("method", server_requests())
async def test_a_handlers_answer_goes_out(
    method: str, wrap: Callable[[Any], Any], driver: Driver
) -> None:
    kind = SERVER_REQUESTS[method]
    answer = minimal(kind.response)
    got: list[Any] = []

    def handler(params: Any) -> Any:
        got.append(params)
        return getattr(types, kind.response).from_wire(answer)

    server = MemoryServer()
    client = await serve(driver, server, **{kind.handler: wrap(handler)})
    params = minimal_params("ServerRequest", method)
    server.ask(7, method, params)
    assert await server.reply() == {"id": 7, "result": answer}
    (typed,) = got
    assert isinstance(typed, types.WireModel)
    assert typed.to_wire() == params
    await driver.run(client.close)


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(raising(RuntimeError("scripted")), id="raises"),
        pytest.param(raising(StopIteration()), id="stops-an-iteration"),
        pytest.param(raising(asyncio.CancelledError()), id="is-cancelled"),
        pytest.param(returning({"decision": "accept"}), id="returns-a-dict"),
        pytest.param(returning(None), id="returns-nothing"),
        pytest.param(returning(OTHER_ANSWER), id="returns-another-answer"),
    ],
)
@pytest.mark.parametrize("wrap", [as_it_is, as_coroutine], ids=["plain", "async"])
async def test_a_handler_that_fails_gives_the_safe_answer_and_a_log_record(
    handler: Any,
    wrap: Callable[[Any], Any],
    driver: Driver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    reply = await reply_of(driver, wrap(handler))
    assert reply == {"id": 0, "result": DECLINED}
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert APPROVAL in record.getMessage()
    assert record.exc_info is not None


async def test_a_plain_handler_that_exits_its_thread_gives_the_safe_answer(driver: Driver) -> None:
    reply = await reply_of(driver, raising(SystemExit(1)))
    assert reply == {"id": 0, "result": DECLINED}


async def test_params_that_do_not_fit_give_the_safe_answer(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await serve(driver, server, item_file_change_request_approval=accept)
    server.ask(0, APPROVAL, {"threadId": 7})
    assert (await server.reply())["result"] == DECLINED
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    await driver.run(client.close)


async def test_a_missing_handler_is_told_once_for_each_kind(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    for request_id, method in enumerate([APPROVAL, APPROVAL, "future", APPROVAL, "future"]):
        server.ask(request_id, method, PARAMS)
        await server.reply()
    warned = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert [message.split()[0] for message in warned] == [APPROVAL, "future"]
    await driver.run(client.close)


async def test_a_server_that_makes_up_methods_does_not_fill_the_log(
    driver: Driver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "MAX_WARNED", 2)
    server = MemoryServer()
    client = await driver.open_memory(server)
    for request_id, method in enumerate("abc"):
        server.ask(request_id, method, PARAMS)
        await server.reply()
    warned = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    assert [message.split()[0] for message in warned] == ["a", "b"]
    await driver.run(client.close)


async def test_a_slow_handler_holds_up_neither_notifications_nor_other_requests(
    driver: Driver,
) -> None:
    entered, leave = Gate(), Gate()
    server = MemoryServer(lambda message: [result(message["id"], {})])
    client = await serve(
        driver,
        server,
        item_file_change_request_approval=driver.handler(accept, entered, leave),
    )
    stream = await driver.run(client.subscribe)
    server.ask(0, APPROVAL, PARAMS)
    await entered.passed()

    server.notify("thread/closed", threadId="T")
    assert (await driver.run(stream.next, 5)).method == "thread/closed"
    server.ask(1, "currentTime/read", {"threadId": "T"})
    assert (await server.reply())["id"] == 1
    await driver.run(client.account_logout)

    leave.open()
    assert await server.reply() == {"id": 0, "result": {"decision": "accept"}}
    await driver.run(client.close)


async def test_two_requests_are_handled_at_once(driver: Driver) -> None:
    entered, leave = Gate(), Gate()
    calls: list[Any] = []
    first = driver.handler(accept, entered, leave)

    def handler(params: Any) -> Any:
        calls.append(params)
        return first(params) if len(calls) == 1 else accept(params)

    server = MemoryServer()
    client = await serve(driver, server, item_file_change_request_approval=handler)
    server.ask("first", APPROVAL, PARAMS)
    await entered.passed()
    server.ask("second", APPROVAL, PARAMS)
    assert (await server.reply())["id"] == "second"
    leave.open()
    assert (await server.reply())["id"] == "first"
    await driver.run(client.close)


async def test_no_reply_goes_out_after_the_server_resolved_its_request(driver: Driver) -> None:
    entered, leave = Gate(), Gate()
    server = MemoryServer()
    client = await serve(
        driver,
        server,
        item_file_change_request_approval=driver.handler(accept, entered, leave),
    )
    server.ask(0, APPROVAL, PARAMS)
    await entered.passed()
    server.notify("serverRequest/resolved", threadId="T", requestId=0)
    leave.open()
    server.ask(1, "currentTime/read", {"threadId": "T"})
    assert (await server.reply())["id"] == 1
    await driver.join_workers()
    assert server.replies.empty()
    await driver.run(client.close)


async def test_our_id_and_the_servers_equal_id_do_not_meet(driver: Driver) -> None:
    server = MemoryServer()
    entered, leave = Gate(), Gate()
    client = await serve(
        driver,
        server,
        item_file_change_request_approval=driver.handler(accept, entered, leave),
    )
    call = asyncio.ensure_future(driver.run(client.account_logout))
    while not server.requests:
        await asyncio.sleep(0)
    ours = server.requests[0]["id"]
    server.ask(ours, APPROVAL, PARAMS)
    await entered.passed()
    assert not call.done()
    leave.open()
    assert (await server.reply())["id"] == ours
    assert not call.done()
    server.deliver(result(ours, {}))
    assert isinstance(await call, types.LogoutAccountResponse)
    await driver.run(client.close)


async def test_an_answer_goes_out_before_what_its_handler_has_left_behind_ends(
    driver: Driver,
) -> None:
    leave = threading.Event()

    async def handler(params: Any) -> Any:
        asyncio.get_running_loop().run_in_executor(None, leave.wait, 10)
        return accept(params)

    server = MemoryServer()
    client = await serve(driver, server, item_file_change_request_approval=handler)
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": {"decision": "accept"}}
    assert not leave.is_set()
    leave.set()
    await driver.run(client.close)
