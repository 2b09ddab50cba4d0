"""What was asked for the items of a turn ends with the turn. For both clients."""

from __future__ import annotations

from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import LATER, RequestResolvedError, ServerRequest
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS

from tests.rpc.driver import Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.parking import (
    ACCEPT,
    ACCEPTED,
    APPROVAL,
    PARAMS,
    Parking,
    Waiting,
    ask,
    open_client,
    problems,
)
from tests.rpc.schema_examples import minimal, minimal_params, server_requests
from tests.rpc.turn_messages import completed, params
from tests.rpc.turn_server import begun, serve
from tests.rpc.wire import notification, request

ELICITATION = "mcpServer/elicitation/request"
OF_ITEMS = [method for method in server_requests() if method.startswith("item/")]
DECLINED_FORM = {"action": "decline"}


async def parked(driver: Driver, server: MemoryServer, method: str, **members: Any) -> Any:
    """Open a client and let it leave one request of turn U of thread T open."""
    got: list[ServerRequest] = []

    def otherwise(asked: ServerRequest) -> Any:
        got.append(asked)
        return LATER

    client = await driver.open_memory(server, handlers=driver.handlers(otherwise=otherwise))
    whole = minimal_params("ServerRequest", method)
    server.ask(0, method, {**whole, "threadId": "T", "turnId": "U", **members})
    await until(lambda: got)
    return client


@pytest.mark.parametrize("status", ["completed", "interrupted", "failed"])
@pytest.mark.parametrize("method", OF_ITEMS)
async def test_what_was_asked_for_an_item_ends_with_its_turn(
    method: str, status: str, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(OF_ITEMS) == 5
    server = MemoryServer()
    client = await parked(driver, server, method)
    (asked,) = client.server_requests()
    server.deliver(completed("U", "T", status))
    assert client.server_requests() == []
    response = SERVER_REQUESTS[method].response
    answer = getattr(types, response).from_wire(minimal(response))
    with pytest.raises(RequestResolvedError):
        await driver.run(client.respond, asked, answer)
    await driver.run(client.close)
    assert server.replies.empty()
    assert problems(caplog) == []


async def test_a_coroutine_at_work_for_an_item_is_cancelled_at_the_end_of_the_turn(
    driver: Driver,
) -> None:
    waiting = Waiting()
    server = MemoryServer()
    client = await open_client(driver, server, waiting.handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(waiting.entered.is_set)
    server.deliver(completed())
    await until(waiting.cancelled.is_set)
    await driver.run(client.close)
    assert server.replies.empty()


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(completed("V", "T"), id="another-turn"),
        pytest.param(completed("U", "child"), id="a-child-thread"),
        pytest.param(notification("turn/completed", threadId="T"), id="no-turn"),
        pytest.param(notification("turn/completed", turn={"id": "U"}), id="no-thread"),
        pytest.param(notification("turn/completed"), id="nothing"),
        pytest.param(notification("item/completed", threadId="T", turnId="U"), id="an-item"),
    ],
)
async def test_it_stays_open_at_any_other_end(end: bytes, driver: Driver) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking)
    server.deliver(end)
    (asked,) = client.server_requests()
    await driver.run(client.respond, asked, ACCEPT)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)


@pytest.mark.parametrize(
    ("end", "members"),
    [
        (notification("turn/completed", threadId="T"), {"turnId": 7}),
        (notification("turn/completed"), {"threadId": None, "turnId": None}),
    ],
)
async def test_an_end_that_names_no_turn_ends_no_request_that_names_none(
    end: bytes, members: dict[str, object], driver: Driver
) -> None:
    server = MemoryServer()
    client = await parked(driver, server, APPROVAL, **members)
    server.deliver(end)
    assert len(client.server_requests()) == 1
    await driver.run(client.close)


async def test_a_form_of_an_mcp_server_is_still_open_after_the_turn(driver: Driver) -> None:
    server = MemoryServer()
    client = await parked(driver, server, ELICITATION)
    server.deliver(completed())
    (asked,) = client.server_requests()
    answer = types.McpServerElicitationRequestResponse.from_wire(DECLINED_FORM)
    await driver.run(client.respond, asked, answer)
    assert await server.reply() == {"id": 0, "result": DECLINED_FORM}
    await driver.run(client.close)


async def test_what_comes_with_the_end_of_its_turn_is_not_handled(driver: Driver) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    server.deliver(request(0, APPROVAL, **PARAMS) + completed() + request(1, APPROVAL, **PARAMS))
    await until(lambda: parking.items)
    assert [asked.id for asked in client.server_requests()] == [1]
    assert len(parking.items) == 1
    await driver.run(client.close)
    assert server.replies.empty()


@pytest.mark.parametrize("twice", [False, True])
async def test_what_comes_right_after_the_end_is_answered_however_the_input_is_cut(
    twice: bool, driver: Driver
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    pieces = [completed(), request(0, APPROVAL, **PARAMS)]
    for piece in pieces if twice else [b"".join(pieces)]:
        server.deliver(piece)
    await until(lambda: parking.items)
    (asked,) = client.server_requests()
    await driver.run(client.respond, asked, ACCEPT)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)


async def test_the_stream_of_the_turn_ends_as_ever(driver: Driver) -> None:
    parking = Parking()
    server = serve(start=begun)
    client = await open_client(driver, server, parking.plain)
    turn = await driver.run(client.start_turn, params())
    await ask(server, parking)
    server.deliver(completed())
    events = [(await driver.run(turn.next, 10)).method for _ in range(2)]
    assert events == ["turn/started", "turn/completed"]
    assert await driver.run(turn.next, 10) is None
    assert client.stats().server_requests == 0
    await driver.run(client.close)
