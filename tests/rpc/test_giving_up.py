"""A turn whose start was given up, before it had a name or after. For both clients."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from codex_app_server_rpc import (
    InternalRpcError,
    InvalidResponseError,
    RequestTimeoutError,
    TransportClosedError,
)

from tests.rpc.driver import AsyncDriver, Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import completed, params, started, turn_result
from tests.rpc.turn_server import (
    START,
    interrupted,
    leftovers,
    not_taken_in_time,
    serve,
    silence,
    soon,
    start_of,
)
from tests.rpc.wire import failure, result

LOGGER = "openai_codex.rpc.requests"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the stopping of a turn given up soon."""
    monkeypatch.setattr("codex_app_server_rpc._async.streams.STOP_GRACE", 0.1)
    monkeypatch.setattr("codex_app_server_rpc._sync.streams.STOP_GRACE", 0.1)


async def given_up(driver: Driver, server: MemoryServer) -> tuple[Any, asyncio.Task[Any]]:
    """Give up a start that is in flight."""
    client = await driver.open_memory(server)
    starting = asyncio.ensure_future(driver.run(client.start_turn, params()))
    await until(lambda: server.requests)
    return client, starting


async def test_a_turn_that_a_late_answer_names_is_interrupted(driver: Driver) -> None:
    server = serve(not_taken_in_time)
    client, starting = await given_up(driver, server)
    server.deliver(started())
    assert not starting.done()
    server.deliver(turn_result(start_of(server)))
    with pytest.raises(RequestTimeoutError) as caught:
        await soon(starting)
    assert caught.value.method == START
    assert interrupted(server) == [("T", "U")]
    assert leftovers(client) == {}
    assert client.stats().unmatched == 0
    await driver.run(client.close)


async def test_a_turn_that_is_over_before_the_late_answer_is_left_alone(driver: Driver) -> None:
    server = serve(not_taken_in_time)
    client, starting = await given_up(driver, server)
    server.deliver(started() + completed())
    server.deliver(turn_result(start_of(server)))
    with pytest.raises(RequestTimeoutError):
        await soon(starting)
    assert interrupted(server) == []
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_a_late_refusal_ends_the_wait_at_once(driver: Driver) -> None:
    server = serve(not_taken_in_time)
    client, starting = await given_up(driver, server)
    server.deliver(failure(start_of(server), -32600))
    with pytest.raises(RequestTimeoutError):
        await soon(starting)
    assert interrupted(server) == []
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_loss_of_the_connection_ends_the_wait_for_the_late_answer(
    driver: Driver,
) -> None:
    server = serve(not_taken_in_time)
    client, starting = await given_up(driver, server)
    server.hang_up()
    with pytest.raises(RequestTimeoutError):
        await soon(starting)
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_a_turn_that_was_seen_to_start_is_interrupted_without_an_answer(
    hasty: None, driver: Driver
) -> None:
    server = serve(lambda message: [started()])
    client = await driver.open_memory(server)
    with pytest.raises(RequestTimeoutError) as caught:
        await driver.run(client.start_turn, params(), timeout=0.01)
    assert (caught.value.method, caught.value.phase) == (START, "answer")
    assert interrupted(server) == [("T", "U")]
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_a_server_that_says_nothing_holds_up_nobody_for_long(
    hasty: None, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(silence)
    client = await driver.open_memory(server)
    with pytest.raises(RequestTimeoutError):
        await driver.run(client.start_turn, params(), timeout=0.01)
    assert interrupted(server) == []
    assert leftovers(client) == {}
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "the turn that was being started" in record.getMessage()
    await driver.run(client.close)


async def test_a_start_that_was_never_sent_is_not_waited_for(driver: Driver) -> None:
    server = serve(silence)
    client = await driver.open_memory(server, max_in_flight=1)
    other = asyncio.ensure_future(driver.run(client.fs_read_file, path="/x"))
    await until(lambda: client.stats().in_flight)
    with pytest.raises(RequestTimeoutError):
        await soon(driver.run(client.start_turn, params(), timeout=0.01))
    assert client.stats().consumers == 0
    await driver.run(client.close)
    await asyncio.gather(other, return_exceptions=True)


async def test_a_start_that_is_late_is_interrupted_in_any_case(driver: Driver) -> None:
    server = serve(silence)
    client = await driver.open_memory(server)
    starting = asyncio.ensure_future(
        driver.run(client.start_turn, params(), interrupt=False, timeout=0.05)
    )
    await asyncio.wait([starting], timeout=0.2)
    server.deliver(turn_result(start_of(server)))
    with pytest.raises(RequestTimeoutError):
        await soon(starting)
    assert interrupted(server) == [("T", "U")]
    await driver.run(client.close)


async def test_whoever_wants_no_interrupt_waits_for_nothing() -> None:
    server = serve(silence)
    client = await AsyncDriver().open_memory(server)
    starting = asyncio.ensure_future(client.start_turn(params(), interrupt=False))
    await until(lambda: server.requests)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(starting, 1)
    server.deliver(turn_result(start_of(server)))
    assert interrupted(server) == []
    assert leftovers(client) == {}
    assert client.stats().unmatched == 1
    await client.close()


async def test_an_error_answer_is_raised_and_leaves_nothing(driver: Driver) -> None:
    server = serve(lambda message: [failure(message["id"], -32603)])
    client = await driver.open_memory(server)
    with pytest.raises(InternalRpcError):
        await soon(driver.run(client.start_turn, params()))
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_a_turn_whose_answer_does_not_fit_its_type_is_interrupted(driver: Driver) -> None:
    server = serve(lambda message: [result(message["id"], {"turn": {"id": "U", "items": 7}})])
    client = await driver.open_memory(server)
    with pytest.raises(InvalidResponseError):
        await soon(driver.run(client.start_turn, params()))
    assert interrupted(server) == [("T", "U")]
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_end_of_another_threads_turn_is_not_the_end_of_this_one(driver: Driver) -> None:
    server = serve(not_taken_in_time, interrupt=silence)
    client, starting = await given_up(driver, server)
    server.deliver(turn_result(start_of(server)) + started())
    await until(lambda: interrupted(server))
    server.deliver(completed(thread_id="child"))
    server.deliver(completed("U2"))
    assert client.stats().active_turns == 1
    assert not starting.done()
    server.deliver(completed())
    with pytest.raises(RequestTimeoutError):
        await soon(starting)
    assert leftovers(client) == {}
    await driver.run(client.close)


# --- only in tasks -------------------------------------------------------------------------


async def cancelled_start(server: MemoryServer) -> tuple[Any, asyncio.Task[Any]]:
    """Cancel a task that has sent its start."""
    client = await AsyncDriver().open_memory(server)
    starting = asyncio.ensure_future(client.start_turn(params()))
    await until(lambda: server.requests)
    starting.cancel()
    return client, starting


async def test_a_cancelled_start_interrupts_what_it_has_started() -> None:
    server = serve(silence)
    client, starting = await cancelled_start(server)
    await asyncio.sleep(0)
    server.deliver(turn_result(start_of(server)) + started())
    with pytest.raises(asyncio.CancelledError):
        await soon(starting)
    assert interrupted(server) == [("T", "U")]
    assert leftovers(client) == {}
    await client.close()


async def test_a_cancellation_that_meets_the_answer_interrupts_too() -> None:
    server = serve(silence)
    client, starting = await cancelled_start(server)
    server.deliver(turn_result(start_of(server)) + started())
    with pytest.raises(asyncio.CancelledError):
        await soon(starting)
    assert interrupted(server) == [("T", "U")]
    assert leftovers(client) == {}
    await client.close()


@pytest.mark.usefixtures("hasty")
async def test_a_second_cancellation_ends_the_wait_and_all_is_let_go_of_later() -> None:
    server = serve(silence)
    client, starting = await cancelled_start(server)
    await asyncio.sleep(0)
    assert not starting.done()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(starting)
    await until(lambda: leftovers(client) == {})
    await client.close()


@pytest.mark.parametrize("times", [2, 3, 5])
async def test_a_turn_is_stopped_however_often_its_start_is_cancelled(times: int) -> None:
    server = serve(silence)
    client, starting = await cancelled_start(server)
    for _ in range(times):
        await asyncio.sleep(0)
        starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(starting)
    server.deliver(turn_result(start_of(server)) + started())
    await until(lambda: interrupted(server) == [("T", "U")])
    await until(lambda: leftovers(client) == {})
    await client.close()


async def test_a_turn_cannot_be_started_after_the_loss(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    server.hang_up()
    with pytest.raises(TransportClosedError, match="the server hung up"):
        await soon(driver.run(client.start_turn, params()))
    assert leftovers(client) == {}
    await driver.run(client.close)
