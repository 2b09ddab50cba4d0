"""Requests of the server that their handlers leave open, and answers from anywhere."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import (
    LATER,
    AsyncServerRequestHandlers,
    InvalidArgumentError,
    Later,
    RequestResolvedError,
    ServerRequest,
    ServerRequestHandlers,
)

from tests.rpc.driver import Driver, Gate, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.parking import (
    ACCEPT,
    ACCEPTED,
    APPROVAL,
    DECLINE,
    DECLINED,
    PARAMS,
    Parking,
    Waiting,
    ask,
    open_client,
    outcome,
    problems,
)
from tests.rpc.turn_messages import completed, delta, params
from tests.rpc.turn_server import begun, serve

OTHER_ANSWER = types.CommandExecutionRequestApprovalResponse.from_wire(ACCEPTED)


# --- left open, and answered ---------------------------------------------------------------


@pytest.mark.parametrize("flavour", ["plain", "coroutine"])
async def test_what_a_handler_leaves_open_is_answered_later(
    flavour: str, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, getattr(parking, flavour))
    await ask(server, parking)
    server.ask("other", "currentTime/read", {"threadId": "T"})
    assert (await server.reply())["id"] == "other"

    (request,) = client.server_requests()
    await driver.run(client.respond, request, ACCEPT)

    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    assert client.server_requests() == []
    await driver.run(client.close)
    assert server.replies.empty()
    assert not [text for text in problems(caplog) if APPROVAL in text]


async def test_a_hundred_requests_that_were_left_open_are_answered_in_any_order(
    driver: Driver,
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking, 100)
    requests = client.server_requests()
    assert [request.id for request in requests] == list(range(100))

    shuffled = [requests[number * 37 % 100] for number in range(100)]
    decisions = {
        request.id: (ACCEPT, DECLINE)[number % 2] for number, request in enumerate(shuffled)
    }
    for request in shuffled[:50]:
        await driver.run(client.respond, request, decisions[request.id])
    rest = [driver.run(client.respond, one, decisions[one.id]) for one in shuffled[50:]]
    await asyncio.gather(*rest)

    replies = [await server.reply() for _ in range(100)]
    assert [reply["id"] for reply in replies[:50]] == [request.id for request in shuffled[:50]]
    assert {reply["id"]: reply["result"] for reply in replies} == {
        request_id: response.to_wire() for request_id, response in decisions.items()
    }
    await driver.run(client.close)
    assert server.replies.empty()


async def test_requests_that_were_left_open_take_no_handlers_place(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codex_app_server_rpc._serving.answering.MAX_AT_WORK", 1)
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking, 5)
    assert client.stats().server_requests == 5
    assert server.replies.empty()
    await driver.run(client.close)


async def test_while_a_handler_waits_a_turn_of_the_same_client_streams_on(driver: Driver) -> None:
    entered, leave = Gate(), Gate()
    server = serve(start=begun)
    client = await open_client(driver, server, driver.handler(lambda _: ACCEPT, entered, leave))
    turn = await driver.run(client.start_turn, params())
    server.ask(0, APPROVAL, PARAMS)
    await entered.passed()

    for text in "abc":
        server.deliver(delta(text))
    events = [await driver.run(turn.next, 10) for _ in range(4)]
    assert [event.method for event in events] == ["turn/started"] + ["item/agentMessage/delta"] * 3
    assert server.replies.empty()

    leave.open()
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    server.deliver(completed())
    assert (await driver.run(turn.next, 10)).method == "turn/completed"
    await driver.run(client.close)


async def test_what_waits_for_a_reply_is_listed_in_order_of_arrival_with_its_ids(
    driver: Driver,
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    assert client.server_requests() == []
    await ask(server, parking, 3)
    listed = client.server_requests()
    assert [(one.id, one.method, one.address) for one in listed] == [
        (number, APPROVAL, ("T", "U")) for number in range(3)
    ]
    assert [one.decode().to_wire()["itemId"] for one in listed] == ["0", "1", "2"]
    await driver.run(client.respond, listed[1], DECLINE)
    assert client.server_requests() == [listed[0], listed[2]]
    await driver.run(client.close)


def test_one_set_of_handlers_plain_and_async_fits_both_clients() -> None:
    async def tool(params: types.DynamicToolCallParams) -> types.DynamicToolCallResponse | Later:
        return LATER

    async def others(request: ServerRequest) -> types.WireModel | None:
        return None

    handlers: AsyncServerRequestHandlers = ServerRequestHandlers(
        item_file_change_request_approval=Parking().plain, item_tool_call=tool, otherwise=others
    )
    assert type(handlers) is AsyncServerRequestHandlers


# --- exactly one reply ---------------------------------------------------------------------


async def test_a_request_is_answered_once(driver: Driver) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking)
    (request,) = client.server_requests()
    await driver.run(client.respond, request, ACCEPT)
    with pytest.raises(RequestResolvedError) as caught:
        await driver.run(client.respond, request, DECLINE)
    assert (caught.value.method, caught.value.request_id) == (APPROVAL, 0)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)
    assert server.replies.empty()


async def test_an_answer_of_the_wrong_type_is_refused_and_leaves_the_request_open(
    driver: Driver,
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking)
    (request,) = client.server_requests()
    for wrong in (OTHER_ANSWER, ACCEPTED, None, LATER):
        with pytest.raises(InvalidArgumentError, match="FileChangeRequestApprovalResponse"):
            await driver.run(client.respond, request, wrong)
    with pytest.raises(InvalidArgumentError, match="timeout"):
        await driver.run(client.respond, request, ACCEPT, timeout="soon")
    await driver.run(client.respond, request, ACCEPT)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)


async def test_a_later_request_of_the_same_id_is_not_answered_in_place_of_the_first(
    driver: Driver,
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking)
    (first,) = client.server_requests()
    server.notify("serverRequest/resolved", threadId="T", requestId=0)
    server.ask(0, APPROVAL, first.params)
    (second,) = client.server_requests()
    assert second == first
    with pytest.raises(RequestResolvedError):
        await driver.run(client.respond, first, DECLINE)
    await driver.run(client.respond, second, ACCEPT)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)
    assert server.replies.empty()


async def test_an_answer_in_place_of_a_coroutine_at_work_cancels_it(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = Waiting()
    server = MemoryServer()
    client = await open_client(driver, server, waiting.handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(waiting.entered.is_set)
    (request,) = client.server_requests()
    await driver.run(client.respond, request, ACCEPT)
    await until(waiting.cancelled.is_set)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)
    assert server.replies.empty()
    assert problems(caplog) == []


async def test_an_answer_in_place_of_a_plain_handler_at_work_makes_its_own_be_dropped(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    entered, leave, left = threading.Event(), threading.Event(), threading.Event()

    def handler(params: Any) -> Any:
        entered.set()
        assert leave.wait(10)
        left.set()
        return DECLINE

    server = MemoryServer()
    client = await open_client(driver, server, handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(entered.is_set)
    (request,) = client.server_requests()
    await driver.run(client.respond, request, ACCEPT)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    leave.set()
    await until(left.is_set)
    await driver.run(client.close)
    assert server.replies.empty()
    assert problems(caplog) == []


@pytest.mark.parametrize("gives", [LATER, DECLINE, None])
async def test_a_coroutine_may_answer_its_own_request_and_goes_on(
    gives: object, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    went_on = threading.Event()

    async def handler(params: Any) -> Any:
        (request,) = client.server_requests()
        responding = client.respond(request, ACCEPT)
        if inspect.isawaitable(responding):
            await responding
        for _ in range(3):
            await asyncio.sleep(0)
        went_on.set()
        return gives

    server = MemoryServer()
    client = await open_client(driver, server, handler)
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await until(went_on.is_set)
    await driver.run(client.close)
    assert server.replies.empty()
    assert problems(caplog) == []


async def test_of_a_handler_and_of_whoever_answers_at_the_same_moment_one_is_heard(
    driver: Driver,
) -> None:
    count = 50
    entered: list[str] = []
    leave = Gate()
    decline = driver.handler(lambda _: DECLINE, Gate(), leave)

    def handler(params: Any) -> Any:
        entered.append(params.item_id)
        return decline(params)

    server = MemoryServer()
    client = await open_client(driver, server, handler)
    for number in range(count):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    await until(lambda: len(entered) == count)
    requests = client.server_requests()
    leave.open()
    outcomes = [outcome(driver.run(client.respond, request, ACCEPT)) for request in requests]
    heard = dict(zip(range(count), await asyncio.gather(*outcomes), strict=True))
    replies = [await server.reply() for _ in range(count)]
    assert {reply["id"]: reply["result"] for reply in replies} == {
        number: ACCEPTED if error is None else DECLINED for number, error in heard.items()
    }
    assert set(heard.values()) <= {None, RequestResolvedError}
    await driver.run(client.close)
    assert server.replies.empty()
