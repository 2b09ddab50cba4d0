"""How many requests wait for their answers at once, and what becomes of the next ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from codex_app_server_rpc import RequestTimeoutError, TransportClosedError

from tests.rpc.driver import AsyncDriver, Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import params
from tests.rpc.wire import result

INTERRUPT = "turn/interrupt"


class Traffic:
    """A client of a server that answers when it is told to."""

    def __init__(self, driver: Driver, client: Any, server: MemoryServer) -> None:
        self.client = client
        self._driver = driver
        self._server = server

    def call(self, path: str, **options: Any) -> asyncio.Task[Any]:
        return self.make(self.client.fs_read_file, path=path, **options)

    def make(self, method: Callable[..., Any], *args: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.ensure_future(self._driver.run(method, *args, **options))

    async def in_flight(self, *paths: str) -> list[asyncio.Task[Any]]:
        """Make requests, one after the other, that the server has received."""
        calls: list[asyncio.Task[Any]] = []
        for path in paths:
            calls.append(self.call(path))
            await until(partial(self.has_seen, path))
        return calls

    async def in_line(self, *paths: str, **options: Any) -> list[asyncio.Task[Any]]:
        """Make requests, one after the other, that wait in line."""
        calls: list[asyncio.Task[Any]] = []
        for path in paths:
            waiting = self.client.stats().waiting
            calls.append(self.call(path, **options))
            await until(partial(self.has_waiting, waiting + 1))
        return calls

    @property
    def seen(self) -> list[str]:
        """What has reached the server, in order."""
        return [
            message["params"].get("path", message["method"]) for message in self._server.requests
        ]

    def has_seen(self, path: str) -> bool:
        return path in self.seen

    def has_waiting(self, count: int) -> bool:
        return bool(self.client.stats().waiting == count)

    def answer(self, path: str) -> None:
        message = self._server.requests[self.seen.index(path)]
        self._server.deliver(result(message["id"], {"dataBase64": path}))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is in flight and nobody waits in line."""
        stats = self.client.stats()
        return (stats.in_flight, stats.waiting) == (0, 0)


async def connect(driver: Driver, max_in_flight: int = 2, **options: Any) -> Traffic:
    server = MemoryServer()
    client = await driver.open_memory(server, max_in_flight=max_in_flight, **options)
    return Traffic(driver, client, server)


async def test_a_request_beyond_the_limit_is_sent_when_another_is_answered(driver: Driver) -> None:
    traffic = await connect(driver)
    await traffic.in_flight("/1", "/2")
    (third,) = await traffic.in_line("/3")
    assert traffic.seen == ["/1", "/2"]
    traffic.answer("/2")
    await until(lambda: "/3" in traffic.seen)
    traffic.answer("/3")
    assert (await third).data_base64 == "/3"
    await driver.run(traffic.client.close)


async def test_those_who_wait_are_served_in_the_order_of_their_coming(driver: Driver) -> None:
    traffic = await connect(driver, max_in_flight=1)
    calls = await traffic.in_flight("/0")
    calls += await traffic.in_line("/1", "/2", "/3")
    for number, call in enumerate(calls):
        await until(partial(traffic.has_seen, f"/{number}"))
        assert len(traffic.seen) == number + 1
        traffic.answer(f"/{number}")
        assert (await call).data_base64 == f"/{number}"
    assert traffic.is_idle
    await driver.run(traffic.client.close)


async def test_the_handshake_and_what_comes_one_by_one_take_no_place_for_good(
    driver: Driver,
) -> None:
    traffic = await connect(driver, max_in_flight=1)
    for number in range(3):
        (call,) = await traffic.in_flight(f"/{number}")
        traffic.answer(f"/{number}")
        await call
    assert traffic.is_idle
    await driver.run(traffic.client.close)


async def test_a_request_whose_time_is_up_in_line_says_so_and_is_never_sent(
    driver: Driver,
) -> None:
    traffic = await connect(driver)
    first, second = await traffic.in_flight("/1", "/2")
    with pytest.raises(RequestTimeoutError, match="too many requests are in flight") as caught:
        await traffic.call("/late", timeout=0.05)
    assert (caught.value.phase, caught.value.timeout) == ("queue", 0.05)
    traffic.answer("/1")
    traffic.answer("/2")
    await asyncio.gather(first, second)
    assert traffic.is_idle
    assert traffic.seen == ["/1", "/2"]
    await driver.run(traffic.client.close)


async def test_a_request_that_is_given_up_in_flight_makes_room(driver: Driver) -> None:
    traffic = await connect(driver, max_in_flight=1)
    slow = traffic.call("/slow", timeout=0.05)
    await until(lambda: traffic.seen)
    next_ = traffic.call("/next")
    with pytest.raises(RequestTimeoutError) as caught:
        await slow
    assert caught.value.phase == "answer"
    await until(lambda: "/next" in traffic.seen)
    traffic.answer("/slow")  # late, and so nobody's
    traffic.answer("/next")
    assert (await next_).data_base64 == "/next"
    assert traffic.is_idle
    await driver.run(traffic.client.close)


async def test_an_interrupt_passes_the_line(driver: Driver) -> None:
    traffic = await connect(driver, max_in_flight=1)
    await traffic.in_flight("/1")
    await traffic.in_line("/2")
    interrupt = traffic.make(traffic.client.turn_interrupt, thread_id="T", turn_id="U")
    await until(lambda: INTERRUPT in traffic.seen)
    assert traffic.seen == ["/1", INTERRUPT]
    await driver.run(traffic.client.close)
    with pytest.raises(TransportClosedError):
        await interrupt


async def test_an_interrupt_makes_room_for_nobody(driver: Driver) -> None:
    server = MemoryServer(
        lambda message: [result(message["id"], {})] if message["method"] == INTERRUPT else []
    )
    traffic = Traffic(driver, await driver.open_memory(server, max_in_flight=1), server)
    await traffic.in_flight("/1")
    await traffic.in_line("/2")
    await driver.run(traffic.client.turn_interrupt, thread_id="T", turn_id="U")
    assert traffic.client.stats().waiting == 1
    assert traffic.seen == ["/1", INTERRUPT]
    await driver.run(traffic.client.close)


async def test_a_turn_is_started_in_its_turn(driver: Driver) -> None:
    traffic = await connect(driver, max_in_flight=1)
    await traffic.in_flight("/1")
    starting = traffic.make(traffic.client.start_turn, params(), timeout=0.05)
    with pytest.raises(RequestTimeoutError) as caught:
        await starting
    assert caught.value.phase == "queue"
    assert traffic.seen == ["/1"]
    assert traffic.client.stats().consumers == 0
    await driver.run(traffic.client.close)


@pytest.mark.parametrize("size", [1, 3])
async def test_the_loss_of_the_connection_wakes_the_line(size: int, driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server, max_in_flight=size)
    traffic = Traffic(driver, client, server)
    calls = await traffic.in_flight(*(f"/{number}" for number in range(size)))
    calls += await traffic.in_line("/a", "/b", "/c")
    server.hang_up()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {TransportClosedError}
    assert len(traffic.seen) == size
    assert traffic.is_idle
    await driver.run(client.close)


async def test_closing_wakes_the_line(driver: Driver) -> None:
    traffic = await connect(driver, max_in_flight=1)
    calls = [*await traffic.in_flight("/1"), *await traffic.in_line("/2", "/3")]
    await driver.run(traffic.client.close)
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {TransportClosedError}
    assert traffic.is_idle


@pytest.fixture
async def only_async() -> Traffic:
    return await connect(AsyncDriver(), max_in_flight=1)


async def test_whoever_is_cancelled_in_line_takes_no_place(only_async: Traffic) -> None:
    (first,) = await only_async.in_flight("/1")
    cancelled, next_ = await only_async.in_line("/cancelled", "/2")
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    only_async.answer("/1")
    await until(lambda: "/2" in only_async.seen)
    only_async.answer("/2")
    await asyncio.gather(first, next_)
    assert only_async.seen == ["/1", "/2"]
    assert only_async.is_idle
    await only_async.client.close()


async def test_whoever_is_cancelled_just_when_it_is_its_turn_hands_it_on(
    only_async: Traffic,
) -> None:
    (first,) = await only_async.in_flight("/1")
    cancelled, next_ = await only_async.in_line("/cancelled", "/2")
    only_async.answer("/1")
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await until(lambda: "/2" in only_async.seen)
    only_async.answer("/2")
    await asyncio.gather(first, next_)
    assert only_async.seen == ["/1", "/2"]
    assert only_async.is_idle
    await only_async.client.close()


async def test_whoever_is_cancelled_in_flight_makes_room(only_async: Traffic) -> None:
    (first,) = await only_async.in_flight("/1")
    (next_,) = await only_async.in_line("/2")
    first.cancel()
    await until(lambda: "/2" in only_async.seen)
    only_async.answer("/2")
    await next_
    assert only_async.is_idle
    await only_async.client.close()
