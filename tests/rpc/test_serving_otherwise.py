"""One handler for all kinds of server requests that have none of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import LATER, InvalidArgumentError, ServerRequest
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS

from tests.rpc.driver import Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.parking import ACCEPT, ACCEPTED, APPROVAL, DECLINED, PARAMS, problems
from tests.rpc.schema_examples import minimal, minimal_params, server_requests

FUTURE = "future/question"
UNKNOWN = {"code": -32601, "message": f"this client does not know {FUTURE}"}
ANYTHING = types.LogoutAccountResponse.from_wire({"anything": 1})


def as_it_is(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return function


def as_coroutine(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    async def handler(request: Any) -> Any:
        return function(request)

    return handler


def giving(answer: object) -> Callable[[object], Any]:
    def handler(request: object) -> Any:
        return answer

    return handler


async def open_client(driver: Driver, server: MemoryServer, **handlers: Any) -> Any:
    return await driver.open_memory(server, handlers=driver.handlers(**handlers))


@pytest.mark.parametrize("wrap", [as_it_is, as_coroutine], ids=["plain", "async"])
@pytest.mark.parametrize("method", server_requests())
async def test_a_kind_without_a_handler_of_its_own_goes_whole_to_the_one_for_the_others(
    method: str, wrap: Callable[[Any], Any], driver: Driver
) -> None:
    kind = SERVER_REQUESTS[method]
    answer, params = minimal(kind.response), minimal_params("ServerRequest", method)
    got: list[ServerRequest] = []

    def otherwise(request: ServerRequest) -> Any:
        got.append(request)
        return getattr(types, kind.response).from_wire(answer)

    server = MemoryServer()
    client = await open_client(driver, server, otherwise=wrap(otherwise))
    server.ask(7, method, params)
    assert await server.reply() == {"id": 7, "result": answer}
    assert got == [ServerRequest(7, method, params)]
    assert got[0].decode().to_wire() == params
    await driver.run(client.close)


async def test_a_handler_of_its_own_goes_before_the_one_for_the_others(driver: Driver) -> None:
    class Empty(list[object]):
        """A handler that is called, although it counts as false."""

        def __call__(self, params: types.FileChangeRequestApprovalParams) -> Any:
            return ACCEPT

    server = MemoryServer()
    client = await open_client(
        driver,
        server,
        item_file_change_request_approval=Empty(),
        otherwise=giving(LATER),
    )
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)


@pytest.mark.parametrize("answer", [ACCEPT, ANYTHING], ids=["approval", "anything"])
async def test_an_unknown_kind_is_answered_by_any_model(
    answer: types.WireModel, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await open_client(driver, server, otherwise=giving(answer))
    server.ask("a", FUTURE, {"new": True})
    assert await server.reply() == {"id": "a", "result": answer.to_wire()}
    await driver.run(client.close)
    assert problems(caplog) == []


async def test_nothing_for_a_known_kind_is_its_safe_answer(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await open_client(driver, server, otherwise=giving(None))
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": DECLINED}
    await driver.run(client.close)
    assert problems(caplog) == []


async def test_nothing_for_an_unknown_kind_is_an_error_and_one_warning(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await open_client(driver, server, otherwise=giving(None))
    for number in range(3):
        server.ask(number, FUTURE, {})
        assert await server.reply() == {"id": number, "error": UNKNOWN}
    (warning,) = problems(caplog)
    assert warning.startswith(FUTURE)
    await driver.run(client.close)


@pytest.mark.parametrize("method", [APPROVAL, FUTURE])
@pytest.mark.parametrize("gives", [{"decision": "accept"}, "accept", RuntimeError("scripted")])
async def test_what_is_no_answer_gives_the_safe_one_and_a_log_record(
    gives: object, method: str, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    def otherwise(request: ServerRequest) -> Any:
        if isinstance(gives, Exception):
            raise gives
        return gives

    server = MemoryServer()
    client = await open_client(driver, server, otherwise=otherwise)
    server.ask(0, method, PARAMS)
    reply = await server.reply()
    assert (reply.get("result"), reply.get("error")) in [(DECLINED, None), (None, UNKNOWN)]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert method in record.getMessage()
    await driver.run(client.close)


async def test_the_answer_of_another_kind_gives_the_safe_one(driver: Driver) -> None:
    server = MemoryServer()
    client = await open_client(driver, server, otherwise=giving(ANYTHING))
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": DECLINED}
    await driver.run(client.close)


@pytest.mark.parametrize(("method", "answer"), [(APPROVAL, ACCEPT), (FUTURE, ANYTHING)])
async def test_what_it_leaves_open_is_answered_later(
    method: str, answer: types.WireModel, driver: Driver
) -> None:
    got: list[ServerRequest] = []

    def otherwise(request: ServerRequest) -> Any:
        got.append(request)
        return LATER

    server = MemoryServer()
    client = await open_client(driver, server, otherwise=otherwise)
    server.ask(0, method, PARAMS)
    await until(lambda: got)
    with pytest.raises(InvalidArgumentError):
        await driver.run(client.respond, got[0], None)
    await driver.run(client.respond, got[0], answer)
    assert await server.reply() == {"id": 0, "result": answer.to_wire()}
    await driver.run(client.close)
    assert server.replies.empty()


# --- what the log says ---------------------------------------------------------------------

SECRET = "sk-0123456789"
IDS = {"threadId": "thr-1", "turnId": "trn-1", "itemId": "itm-1", "approvalId": "apr-1"}
COMMAND = "item/commandExecution/requestApproval"


def failing(params: object) -> Any:
    raise RuntimeError


@pytest.mark.parametrize(
    ("handler", "options"),
    [
        pytest.param(failing, {}, id="failed"),
        pytest.param(giving(LATER), {"handler_timeout": 0.05}, id="overdue"),
    ],
)
async def test_the_log_names_a_request_by_all_its_ids_and_shows_nothing_of_it(
    handler: Any, options: dict[str, Any], driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    handlers = driver.handlers(item_command_execution_request_approval=handler)
    server = MemoryServer()
    client = await driver.open_memory(server, handlers=handlers, **options)
    params = {**IDS, "startedAtMs": 1, "command": SECRET, "cwd": "/", "reason": SECRET}
    server.ask("req-1", COMMAND, params)
    await server.reply()
    (text,) = problems(caplog)
    assert COMMAND in text
    assert [repr(name) in text for name in ("req-1", *IDS.values())] == [True] * 5
    assert SECRET not in caplog.text
    await driver.run(client.close)


@pytest.mark.parametrize("params", [{"threadId": [SECRET]}, {**IDS, "startedAtMs": SECRET}])
async def test_the_log_does_not_show_params_that_do_not_fit(
    params: dict[str, Any], driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    handlers = driver.handlers(item_command_execution_request_approval=giving(LATER))
    server = MemoryServer()
    client = await driver.open_memory(server, handlers=handlers)
    server.ask(0, COMMAND, params)
    assert await server.reply() == {"id": 0, "result": DECLINED}
    assert "do not fit their type" in caplog.text
    assert SECRET not in caplog.text
    await driver.run(client.close)


async def test_the_log_names_the_request_whose_reply_was_lost(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    server.fault = OSError("scripted")
    server.ask("req-1", COMMAND, {**IDS, "command": SECRET})
    await until(lambda: any("was lost" in text for text in problems(caplog)))
    (text,) = [text for text in problems(caplog) if "was lost" in text]
    assert [repr(name) in text for name in ("req-1", *IDS.values())] == [True] * 5
    assert SECRET not in caplog.text
    await driver.run(client.close)


async def test_the_one_for_the_others_may_be_for_some_kinds_only(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await open_client(
        driver, server, otherwise=giving(ACCEPT), otherwise_for=frozenset({APPROVAL})
    )

    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    server.ask(1, FUTURE, {})
    assert await server.reply() == {"id": 1, "error": UNKNOWN}
    server.ask(2, "currentTime/read", {"threadId": "T"})
    assert "currentTimeAt" in (await server.reply())["result"]
    await driver.run(client.close)
    assert [record for record in caplog.records if FUTURE in record.getMessage()]
