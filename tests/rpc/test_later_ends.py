"""Requests that were left open, and what ends them before they are answered, or while they are."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import RequestResolvedError, RequestTimeoutError, TransportClosedError
from codex_app_server_rpc._serving.helper import HelperThread

from tests.rpc.driver import AsyncDriver, Driver, Gate, SyncDriver, until
from tests.rpc.memory_transport import AsyncMemoryTransport, MemoryServer, MemoryTransport
from tests.rpc.parking import (
    ACCEPT,
    ACCEPTED,
    DECLINED,
    Parking,
    ask,
    open_client,
    outcome,
    problems,
)
from tests.rpc.turn_messages import completed

# --- its end before its answer -------------------------------------------------------------


@pytest.mark.parametrize("flavour", ["plain", "coroutine"])
async def test_a_request_that_was_left_open_gets_the_safe_answer_at_its_deadline(
    flavour: str, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, getattr(parking, flavour), handler_timeout=0.2)
    await ask(server, parking)
    (request,) = client.server_requests()
    assert await server.reply() == {"id": 0, "result": DECLINED}
    assert len(parking.items) == 1
    with pytest.raises(RequestResolvedError):
        await driver.run(client.respond, request, ACCEPT)
    (text,) = problems(caplog)
    assert "took more than 0.2 s" in text
    await driver.run(client.close)
    assert server.replies.empty()


async def test_of_the_deadline_and_of_whoever_answers_at_the_same_moment_one_is_heard(
    driver: Driver,
) -> None:
    count = 50
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain, handler_timeout=0.5)
    await ask(server, parking, count)
    requests = client.server_requests()
    assert len(requests) == count
    first = await server.reply()
    outcomes = [outcome(driver.run(client.respond, request, ACCEPT)) for request in requests]
    heard = dict(zip(range(count), await asyncio.gather(*outcomes), strict=True))
    replies = [first, *[await server.reply() for _ in range(count - 1)]]
    assert {reply["id"]: reply["result"] for reply in replies} == {
        number: ACCEPTED if error is None else DECLINED for number, error in heard.items()
    }
    await driver.run(client.close)
    assert server.replies.empty()


async def test_a_request_that_was_answered_has_no_deadline_any_more(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain, handler_timeout=0.2)
    await ask(server, parking, 2)
    first, _ = client.server_requests()
    await driver.run(client.respond, first, ACCEPT)
    replies = [await server.reply() for _ in range(2)]
    assert replies == [{"id": 0, "result": ACCEPTED}, {"id": 1, "result": DECLINED}]
    (text,) = problems(caplog)
    assert "request 1" in text
    await driver.run(client.close)
    assert server.replies.empty()


@pytest.mark.parametrize("end", ["answer", "resolution", "turn"])
async def test_what_is_over_is_not_kept_until_its_deadline(end: str, driver: Driver) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain, handler_timeout=3600)
    await ask(server, parking)
    (request,) = client.server_requests()
    kept = weakref.ref(request)
    if end == "answer":
        await driver.run(client.respond, request, ACCEPT)
    elif end == "resolution":
        server.notify("serverRequest/resolved", threadId="T", requestId=0)
    else:
        server.deliver(completed())
    del request

    def is_gone() -> bool:
        gc.collect()
        return kept() is None

    await until(is_gone)
    await driver.run(client.close)


async def test_a_request_that_was_left_open_and_then_resolved_wants_no_answer(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain, handler_timeout=60)
    await ask(server, parking)
    (request,) = client.server_requests()
    server.notify("serverRequest/resolved", threadId="T", requestId=0)
    assert client.server_requests() == []
    with pytest.raises(RequestResolvedError):
        await driver.run(client.respond, request, ACCEPT)
    await driver.run(client.close)
    assert server.replies.empty()
    assert problems(caplog) == []


@pytest.mark.parametrize("end", ["loss", "close"])
async def test_with_the_connection_all_that_was_left_open_ends(end: str, driver: Driver) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain, handler_timeout=60)
    await ask(server, parking, 3)
    request, *_ = client.server_requests()
    if end == "loss":
        server.hang_up()
    else:
        await driver.run(client.close)
    assert client.server_requests() == []
    with pytest.raises(TransportClosedError):
        await driver.run(client.respond, request, ACCEPT)
    await driver.run(client.close)
    assert server.replies.empty()


async def test_a_connection_that_is_lost_while_an_answer_is_made_is_the_reason_it_is_refused(
    driver: Driver,
) -> None:
    class Slow(types.FileChangeRequestApprovalResponse):
        def to_wire_json(self) -> bytes:
            server.hang_up()
            return super().to_wire_json()

    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking)
    (request,) = client.server_requests()
    with pytest.raises(TransportClosedError, match="hung up"):
        await driver.run(client.respond, request, Slow.from_wire(ACCEPTED))
    await driver.run(client.close)


async def test_nobody_who_answers_is_left_waiting_when_the_connection_is_lost(
    driver: Driver,
) -> None:
    parking = Parking()
    server = MemoryServer()
    client = await open_client(driver, server, parking.plain)
    await ask(server, parking, 60)
    responding = [
        asyncio.ensure_future(outcome(driver.run(client.respond, one, ACCEPT, timeout=None)))
        for one in client.server_requests()
    ]
    await server.reply()
    server.hang_up()
    outcomes = await asyncio.wait_for(asyncio.gather(*responding), 10)
    assert set(outcomes) <= {None, TransportClosedError}
    await driver.run(client.close)


def test_a_helper_thread_that_was_ended_takes_no_job_and_says_so() -> None:
    done: list[str] = []
    helper = HelperThread()
    assert helper.put(lambda: done.append("before"))
    helper.end()
    assert not helper.put(lambda: done.append("after"))
    helper.close()
    assert done == ["before"]


# --- a server that does not read -----------------------------------------------------------


class DeafTransport(MemoryTransport):
    """The sync way to a server that reads no reply before it is told to."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self.room = Gate()

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        if b'"method"' not in data:
            self.room.block()
        if self.closed:
            raise TransportClosedError("closed before it was read")
        super().send(data)

    def close(self) -> None:
        super().close()
        self.room.open()


class AsyncDeafTransport(AsyncMemoryTransport):
    """The same for the async client."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self.room = Gate()

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        if b'"method"' not in data:
            await self.room.passed()
        if self.closed:
            raise TransportClosedError("closed before it was read")
        await super().send(data)


def deaf(driver: Driver, server: MemoryServer) -> DeafTransport | AsyncDeafTransport:
    return (DeafTransport if isinstance(driver, SyncDriver) else AsyncDeafTransport)(server)


async def parked(driver: Driver, server: MemoryServer, transport: object) -> tuple[Any, Any]:
    """Open a client and let it leave a request open."""
    parking = Parking()
    handlers = driver.handlers(item_file_change_request_approval=parking.plain)
    client = await driver.open(transport, handlers=handlers)
    await ask(server, parking)
    (request,) = client.server_requests()
    return client, request


async def test_an_answer_that_is_not_read_in_time_is_sent_once_and_when_there_is_room(
    driver: Driver,
) -> None:
    server = MemoryServer()
    transport = deaf(driver, server)
    client, request = await parked(driver, server, transport)
    with pytest.raises(RequestTimeoutError) as caught:
        await driver.run(client.respond, request, ACCEPT, timeout=0.05)
    assert (caught.value.phase, caught.value.timeout) == ("sending", 0.05)
    with pytest.raises(RequestResolvedError):
        await driver.run(client.respond, request, ACCEPT)
    assert client.server_requests() == []
    transport.room.open()
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await driver.run(client.close)
    assert server.replies.empty()


async def test_an_answer_whose_sender_was_cancelled_is_sent_when_there_is_room() -> None:
    driver = AsyncDriver()
    server = MemoryServer()
    transport = deaf(driver, server)
    client, request = await parked(driver, server, transport)
    responding = asyncio.ensure_future(client.respond(request, ACCEPT))
    await until(lambda: client.server_requests() == [])
    responding.cancel()
    assert await outcome(responding) is asyncio.CancelledError
    transport.room.open()
    assert await server.reply() == {"id": 0, "result": ACCEPTED}
    await client.close()


async def test_an_answer_that_is_not_read_is_given_up_with_the_client(driver: Driver) -> None:
    server = MemoryServer()
    client, request = await parked(driver, server, deaf(driver, server))
    responding = asyncio.ensure_future(driver.run(client.respond, request, ACCEPT, timeout=None))
    await until(lambda: client.server_requests() == [])
    await driver.run(client.close)
    assert await outcome(responding) is TransportClosedError
    assert server.replies.empty()


async def test_an_answer_that_nobody_waits_for_any_more_fails_in_silence(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    transport = deaf(driver, server)
    client, request = await parked(driver, server, transport)
    with pytest.raises(RequestTimeoutError):
        await driver.run(client.respond, request, ACCEPT, timeout=0.05)
    caplog.set_level(logging.INFO)
    transport.closed = 1
    transport.room.open()
    await until(lambda: any("before the reply" in one.getMessage() for one in caplog.records))
    await driver.run(client.close)
    gc.collect()
    assert problems(caplog) == []


async def test_an_answer_that_the_way_does_not_take_is_told_to_its_sender(driver: Driver) -> None:
    server = MemoryServer()
    client, request = await parked(driver, server, driver.memory_class(server))
    server.fault = OSError("scripted")
    with pytest.raises(OSError, match="scripted"):
        await driver.run(client.respond, request, ACCEPT)
    await driver.run(client.close)
