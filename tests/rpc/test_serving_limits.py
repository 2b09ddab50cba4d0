"""Handlers of the server's requests that take too long, are not wanted, or are too many."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS

from tests.rpc.driver import AsyncDriver, Driver, Gate, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.parking import APPROVAL, DECLINED, PARAMS, Waiting, open_client
from tests.rpc.schema_examples import minimal, minimal_params


def accept(params: Any) -> types.FileChangeRequestApprovalResponse:
    return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})


def decline(params: Any) -> types.FileChangeRequestApprovalResponse:
    return types.FileChangeRequestApprovalResponse.from_wire(DECLINED)


# --- deadlines and resolutions -------------------------------------------------------------


async def test_a_handler_that_overruns_its_deadline_gives_the_safe_answer_and_is_told(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    entered, leave = Gate(), Gate()
    server = MemoryServer()
    client = await open_client(
        driver, server, driver.handler(accept, entered, leave), handler_timeout=0.05
    )
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": DECLINED}
    leave.open()
    await asyncio.gather(driver.join_workers(), return_exceptions=True)
    assert server.replies.empty()
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "took more than 0.05 s" in record.getMessage()
    await driver.run(client.close)


async def test_a_handler_within_its_deadline_is_heard(driver: Driver) -> None:
    server = MemoryServer()
    client = await open_client(driver, server, accept, handler_timeout=60)
    for request_id in range(3):
        server.ask(request_id, APPROVAL, PARAMS)
        assert await server.reply() == {"id": request_id, "result": {"decision": "accept"}}
    await driver.run(client.close)


async def test_a_coroutine_that_overruns_its_deadline_is_cancelled(driver: Driver) -> None:
    waiting = Waiting()
    server = MemoryServer()
    client = await open_client(driver, server, waiting.handler, handler_timeout=0.05)
    server.ask(0, APPROVAL, PARAMS)
    assert await server.reply() == {"id": 0, "result": DECLINED}
    await until(waiting.cancelled.is_set)
    await driver.run(client.close)
    assert server.replies.empty()


async def test_a_coroutine_whose_request_is_resolved_is_cancelled_and_nothing_is_replied(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = Waiting()
    server = MemoryServer()
    client = await open_client(driver, server, waiting.handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(waiting.entered.is_set)
    server.notify("serverRequest/resolved", threadId="T", requestId=0)
    await until(waiting.cancelled.is_set)
    await driver.run(client.close)
    assert server.replies.empty()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_coroutine_whose_request_is_resolved_before_it_begins_does_not_run(
    driver: Driver,
) -> None:
    called, go, ran = threading.Event(), threading.Event(), threading.Event()

    async def wait() -> None:
        ran.set()

    def handler(params: Any) -> Any:
        called.set()
        assert go.wait(10)
        return wait()

    server = MemoryServer()
    client = await open_client(driver, server, handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(called.is_set)
    server.notify("serverRequest/resolved", threadId="T", requestId=0)
    await until(lambda: client.stats().server_requests == 0)
    go.set()
    await driver.run(client.close)
    assert not ran.is_set()
    assert server.replies.empty()


if sys.version_info >= (3, 12):  # before, tasks were never eager

    async def test_a_handler_does_not_run_before_the_reader_is_through() -> None:
        order: list[str] = []

        async def handler(params: Any) -> Any:
            order.append("handler")
            return accept(params)

        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        server = MemoryServer()
        client = await open_client(AsyncDriver(), server, handler)
        server.ask(0, APPROVAL, PARAMS)
        order.append("reader")
        await server.reply()
        assert order == ["reader", "handler"]
        await client.close()


async def test_closing_waits_for_handlers_that_are_about_to_end(driver: Driver) -> None:
    gate = threading.Event()

    def handler(params: Any) -> Any:
        called.set()
        gate.wait(10)
        return accept(params)

    called = threading.Event()
    server = MemoryServer()
    before = set(threading.enumerate())
    client = await open_client(driver, server, handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(called.is_set)
    threading.Timer(0.2, gate.set).start()
    await driver.run(client.close)
    left = {thread.name for thread in threading.enumerate() if thread not in before}
    assert not [name for name in left if name.startswith("codex-")]


async def test_closing_cancels_a_coroutine_at_work(driver: Driver) -> None:
    waiting = Waiting()
    server = MemoryServer()
    client = await open_client(driver, server, waiting.handler)
    server.ask(0, APPROVAL, PARAMS)
    await until(waiting.entered.is_set)
    await driver.run(client.close)
    await until(waiting.cancelled.is_set)
    assert server.replies.empty()


async def test_an_answer_is_not_given_to_a_later_request_of_the_same_id(driver: Driver) -> None:
    gates = {item: (Gate(), Gate()) for item in ("first", "second")}
    decisions = {"first": accept, "second": decline}
    waits = {item: driver.handler(decisions[item], *gates[item]) for item in gates}

    def handler(params: Any) -> Any:
        return waits[params.item_id](params)

    server = MemoryServer()
    client = await open_client(driver, server, handler)
    server.ask(0, APPROVAL, {**PARAMS, "itemId": "first"})
    await gates["first"][0].passed()
    server.notify("serverRequest/resolved", threadId="T", requestId=0)
    server.ask(0, APPROVAL, {**PARAMS, "itemId": "second"})
    await gates["second"][0].passed()
    gates["first"][1].open()
    server.ask(1, "currentTime/read", {"threadId": "T"})
    assert (await server.reply())["id"] == 1
    gates["second"][1].open()
    assert await server.reply() == {"id": 0, "result": DECLINED}
    await asyncio.gather(driver.join_workers(), return_exceptions=True)
    assert server.replies.empty()
    await driver.run(client.close)


# --- many at once --------------------------------------------------------------------------


class Crowd:
    """Handlers that stay at work until they are let go.

    Attributes:
        entered: The items whose handlers were called, in order.
    """

    def __init__(self, driver: Driver) -> None:
        self.entered: list[str] = []
        self._leave = Gate()
        self._wait = driver.handler(accept, Gate(), self._leave)

    def handler(self, params: Any) -> Any:
        self.entered.append(params.item_id)
        return self._wait(params)

    def leave(self) -> None:
        self._leave.open()


def limit(monkeypatch: pytest.MonkeyPatch, *, at_work: int, waiting: int) -> None:
    monkeypatch.setattr("codex_app_server_rpc._serving.answering.MAX_AT_WORK", at_work)
    for module in ("serving", "async_serving"):
        monkeypatch.setattr(f"codex_app_server_rpc._serving.{module}.MAX_WAITING", waiting)


async def test_so_many_handlers_are_at_work_at_once_and_the_others_follow(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, at_work=2, waiting=10)
    crowd = Crowd(driver)
    server = MemoryServer()
    client = await open_client(driver, server, crowd.handler)
    for number in range(6):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    await until(lambda: len(crowd.entered) == 2)
    server.ask("other", "currentTime/read", {"threadId": "T"})
    assert (await server.reply())["id"] == "other"
    assert len(crowd.entered) == 2
    crowd.leave()
    replies = [await server.reply() for _ in range(6)]
    assert sorted(reply["id"] for reply in replies) == [0, 1, 2, 3, 4, 5]
    assert {reply["result"]["decision"] for reply in replies} == {"accept"}
    assert sorted(crowd.entered) == ["0", "1", "2", "3", "4", "5"]
    await driver.run(client.close)


HURRIED = {"account/chatgptAuthTokens/refresh", "attestation/generate", "currentTime/read"}


# Not every runtime asks for all of it.
@pytest.mark.parametrize("method", sorted(HURRIED.intersection(SERVER_REQUESTS)))
async def test_what_the_server_waits_for_briefly_does_not_stand_in_line(
    method: str, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, at_work=1, waiting=10)
    crowd = Crowd(driver)
    server = MemoryServer()
    kind = SERVER_REQUESTS[method]
    answer = minimal(kind.response)

    def hurry(_: Any) -> Any:
        return getattr(types, kind.response).from_wire(answer)

    handlers = {"item_file_change_request_approval": crowd.handler, kind.handler: hurry}
    client = await driver.open_memory(server, handlers=driver.handlers(**handlers))
    for number in range(3):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    await until(lambda: crowd.entered)

    server.ask("hurried", method, minimal_params("ServerRequest", method))
    assert await server.reply() == {"id": "hurried", "result": answer}
    assert crowd.entered == ["0"]

    crowd.leave()
    assert sorted([(await server.reply())["id"] for _ in range(3)]) == [0, 1, 2]
    await driver.run(client.close)


async def test_a_request_that_is_one_too_many_gets_the_safe_answer_at_once(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, at_work=1, waiting=1)
    crowd = Crowd(driver)
    server = MemoryServer()
    client = await open_client(driver, server, crowd.handler)
    for number in range(4):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    refused = [await server.reply() for _ in range(2)]
    assert refused == [{"id": number, "result": DECLINED} for number in (2, 3)]
    crowd.leave()
    accepted = [await server.reply() for _ in range(2)]
    assert sorted(reply["id"] for reply in accepted) == [0, 1]
    await driver.run(client.close)


async def test_a_request_that_was_resolved_in_line_is_not_handled(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, at_work=1, waiting=10)
    crowd = Crowd(driver)
    server = MemoryServer()
    client = await open_client(driver, server, crowd.handler)
    for number in range(3):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    await until(lambda: crowd.entered)
    server.notify("serverRequest/resolved", threadId="T", requestId=1)
    crowd.leave()
    assert [(await server.reply())["id"] for _ in range(2)] == [0, 2]
    assert crowd.entered == ["0", "2"]
    await driver.run(client.close)


async def test_the_time_in_line_counts_for_the_deadline(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, at_work=1, waiting=10)
    crowd = Crowd(driver)
    server = MemoryServer()
    client = await open_client(driver, server, crowd.handler, handler_timeout=0.05)
    for number in range(3):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    replies = [await server.reply() for _ in range(3)]
    assert sorted(reply["id"] for reply in replies) == [0, 1, 2]
    assert [reply["result"] for reply in replies] == [DECLINED] * 3
    crowd.leave()
    await asyncio.gather(driver.join_workers(), return_exceptions=True)
    await driver.run(client.close)
    assert server.replies.empty()


@pytest.mark.parametrize("method", [APPROVAL, "future/question"])
async def test_a_flood_of_requests_without_a_handler_is_answered_one_by_one_by_few_threads(
    method: str, driver: Driver
) -> None:
    threads = threading.active_count()
    server = MemoryServer()
    client = await driver.open_memory(server)
    for number in range(3000):
        server.ask(number, method, PARAMS)
    most = threading.active_count()
    replies = [await server.reply() for _ in range(3000)]
    assert [reply["id"] for reply in replies] == list(range(3000))
    assert most <= threads + 3
    assert client.stats().server_requests == 0
    await driver.run(client.close)
    assert server.replies.empty()


async def test_a_flood_of_requests_with_a_handler_is_answered_each_exactly_once(
    driver: Driver,
) -> None:
    server = MemoryServer()
    client = await open_client(driver, server, accept)
    for number in range(500):
        server.ask(number, APPROVAL, PARAMS)
    replies = [await server.reply() for _ in range(500)]
    assert sorted(reply["id"] for reply in replies) == list(range(500))
    assert {reply["result"]["decision"] for reply in replies} == {"accept"}
    await driver.run(client.close)
    assert server.replies.empty()
