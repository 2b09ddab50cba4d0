"""A server that is overloaded (-32001) is asked again where that is wished, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import tenacity
from codex_app_server_rpc import (
    InternalRpcError,
    InvalidRequestError,
    JsonRpcError,
    OverloadRetry,
    RequestTimeoutError,
    RetryLimitExceededError,
    ServerBusyError,
    TransportClosedError,
    deadline,
)
from codex_app_server_rpc.deadline import Deadline

from tests.rpc.driver import AsyncDriver, Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import completed, params, turn_result
from tests.rpc.wire import failure, line, result

SOON = OverloadRetry(attempts=4, first_delay=0.001, max_delay=0.002)
FAR_AWAY = OverloadRetry(attempts=2, first_delay=1e9, max_delay=1e9)
BUSY = ServerBusyError(-32001, "scripted")


def busy(times: int, then: Callable[[dict[str, Any]], bytes]) -> MemoryServer:
    """Make a server that is overloaded at first."""
    answers = 0

    def respond(message: dict[str, Any]) -> Iterable[bytes]:
        nonlocal answers
        answers += 1
        return [failure(message["id"], -32001) if answers <= times else then(message)]

    return MemoryServer(respond)


def read_result(message: dict[str, Any]) -> bytes:
    return result(message["id"], {"dataBase64": message["params"]["path"]})


# --- the rules -----------------------------------------------------------------------------


class Attempts:
    """Attempts that all fail, with sleeping that is only written down, on a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        self.made = 0
        self.retries = 0
        self.slept: list[float] = []
        self._now = 1000.0
        self._error = error
        monkeypatch.setattr(deadline, "monotonic", lambda: self._now)

    def run(self, policy: OverloadRetry, timeout: float | None = None) -> None:
        rules = policy.rules(Deadline(timeout), self._retry)
        tenacity.Retrying(**rules, sleep=self._sleep)(self._attempt)

    def _attempt(self) -> None:
        self.made += 1
        raise self._error

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds

    def _retry(self) -> None:
        self.retries += 1


def test_a_request_is_sent_so_often_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(monkeypatch, BUSY)
    with pytest.raises(ServerBusyError) as caught:
        attempts.run(OverloadRetry(attempts=5))
    assert caught.value is BUSY
    assert (attempts.made, attempts.retries, len(attempts.slept)) == (5, 4, 4)


def test_one_attempt_means_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(monkeypatch, BUSY)
    with pytest.raises(ServerBusyError):
        attempts.run(OverloadRetry(attempts=1))
    assert (attempts.made, attempts.slept) == (1, [])


def test_the_delays_are_random_below_a_bound_that_doubles_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bounds = [0.25, 0.5, 1, 2, 2]
    delays: list[list[float]] = []
    for _ in range(50):
        attempts = Attempts(monkeypatch, BUSY)
        with pytest.raises(ServerBusyError):
            attempts.run(OverloadRetry(attempts=6, first_delay=0.25, max_delay=2))
        delays.append(attempts.slept)
    for bound, at_this_point in zip(bounds, zip(*delays, strict=True), strict=True):
        assert all(0 <= delay <= bound for delay in at_this_point)
        assert max(at_this_point) > bound / 2  # or fifty tosses were all heads
        assert len(set(at_this_point)) > 1


@pytest.mark.parametrize("timeout", [0.5, 3, 20, 100])
def test_no_delay_goes_beyond_the_deadline(timeout: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(50):
        attempts = Attempts(monkeypatch, BUSY)
        with pytest.raises(ServerBusyError):
            attempts.run(OverloadRetry(attempts=1000, first_delay=1, max_delay=10), timeout)
        assert sum(attempts.slept) <= timeout
        assert attempts.made == len(attempts.slept) + 1


@pytest.mark.parametrize(
    "error",
    [
        RetryLimitExceededError(-32001, "retry limit"),
        ServerBusyError(-32603, "it may have been executed", {"reason": "serverOverloaded"}),
        InternalRpcError(-32603, "scripted"),
        InvalidRequestError(-32600, "scripted"),
        JsonRpcError(-32002, "scripted"),
        TransportClosedError(),
        RequestTimeoutError("fs/readFile", timeout=1),
    ],
)
def test_nothing_but_an_overload_is_retried(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = Attempts(monkeypatch, error)
    with pytest.raises(type(error)) as caught:
        attempts.run(SOON)
    assert caught.value is error
    assert attempts.made == 1


# --- in both clients -----------------------------------------------------------------------


async def test_a_request_is_sent_again_until_the_server_has_time(driver: Driver) -> None:
    server = busy(3, read_result)
    client = await driver.open_memory(server, overload_retry=SOON)
    assert (await driver.run(client.fs_read_file, path="/x")).data_base64 == "/x"
    assert [message["params"] for message in server.requests] == [{"path": "/x"}] * 4
    assert len({message["id"] for message in server.requests}) == 4
    assert client.stats().retries == 3
    await driver.run(client.close)


async def test_the_servers_refusal_is_raised_when_all_attempts_are_used_up(driver: Driver) -> None:
    server = busy(100, read_result)
    client = await driver.open_memory(server, overload_retry=SOON)
    with pytest.raises(ServerBusyError, match="scripted"):
        await driver.run(client.fs_read_file, path="/x")
    assert len(server.requests) == 4
    stats = client.stats()
    assert (stats.retries, stats.in_flight) == (3, 0)
    await driver.run(client.close)


async def test_nothing_is_sent_again_where_that_is_not_wished(driver: Driver) -> None:
    server = busy(1, read_result)
    client = await driver.open_memory(server)
    with pytest.raises(ServerBusyError):
        await driver.run(client.fs_read_file, path="/x")
    assert len(server.requests) == 1
    assert client.stats().retries == 0
    await driver.run(client.close)


@pytest.mark.parametrize(
    "error",
    [
        {"code": -32603, "message": "scripted"},
        {"code": -32001, "message": "scripted", "data": {"reason": "retryLimitExceeded"}},
        {"code": -32001, "message": "the retry limit is used up"},
    ],
)
async def test_other_errors_are_raised_at_once(error: dict[str, Any], driver: Driver) -> None:
    server = MemoryServer(lambda message: [line({"id": message["id"], "error": error})])
    client = await driver.open_memory(server, overload_retry=SOON)
    with pytest.raises(JsonRpcError):
        await driver.run(client.fs_read_file, path="/x")
    assert len(server.requests) == 1
    assert client.stats().retries == 0
    await driver.run(client.close)


async def test_a_request_without_time_for_the_delay_is_not_sent_again(driver: Driver) -> None:
    server = busy(1, read_result)
    client = await driver.open_memory(server, overload_retry=FAR_AWAY)
    with pytest.raises(ServerBusyError):
        await driver.run(client.fs_read_file, path="/x", timeout=30)
    assert client.stats().retries == 0
    await driver.run(client.close)


async def test_all_attempts_share_one_deadline(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(deadline, "monotonic", lambda: now)

    def respond(message: dict[str, Any]) -> Iterable[bytes]:
        nonlocal now
        now += 4  # the first two attempts are refused after four seconds each
        return [failure(message["id"], -32001)] if now < 9 else []

    server = MemoryServer(respond)
    client = await driver.open_memory(server, overload_retry=SOON)
    with pytest.raises(RequestTimeoutError) as caught:
        await driver.run(client.fs_read_file, path="/x", timeout=10)
    assert caught.value.timeout == 10
    assert len(server.requests) == 3
    await driver.run(client.close)


async def test_a_turn_is_started_when_the_server_has_time(driver: Driver) -> None:
    server = busy(2, lambda message: turn_result(message["id"]))
    client = await driver.open_memory(server, overload_retry=SOON)
    stream = await driver.run(client.start_turn, params())
    assert stream.turn_id == "U"
    assert [message["method"] for message in server.requests] == ["turn/start"] * 3
    server.deliver(completed())
    assert (await driver.run(stream.next, 10)).method == "turn/completed"
    assert await driver.run(stream.next, 10) is None
    assert client.stats().consumers == 0
    await driver.run(client.close)


async def test_a_turn_that_could_not_be_started_leaves_nothing(driver: Driver) -> None:
    server = busy(100, lambda message: turn_result(message["id"]))
    client = await driver.open_memory(server, overload_retry=SOON)
    with pytest.raises(ServerBusyError):
        await driver.run(client.start_turn, params())
    stats = client.stats()
    assert (stats.consumers, stats.in_flight, stats.active_turns) == (0, 0, 0)
    assert {message["method"] for message in server.requests} == {"turn/start"}
    await driver.run(client.close)


async def test_whoever_is_cancelled_between_two_attempts_makes_no_other() -> None:
    server = busy(100, read_result)
    client = await AsyncDriver().open_memory(server, overload_retry=FAR_AWAY, request_timeout=None)
    call = asyncio.ensure_future(client.fs_read_file(path="/x"))
    await until(lambda: client.stats().retries)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(server.requests) == 1
    assert client.stats().in_flight == 0
    await client.close()


async def test_whoever_waits_for_the_next_attempt_learns_of_the_end_at_once(
    driver: Driver,
) -> None:
    server = busy(100, read_result)
    client = await driver.open_memory(server, overload_retry=FAR_AWAY, request_timeout=None)
    calls = [asyncio.ensure_future(driver.run(client.fs_read_file, path="/x")) for _ in range(3)]
    await until(lambda: client.stats().retries == 3)
    await driver.run(client.close)
    for outcome in await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10):
        assert isinstance(outcome, TransportClosedError)
