"""Stopping a turn, also one whose start was given up before it had a name. For both clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import pytest
from codex_app_server_rpc import (
    CodexTimeoutError,
    InternalRpcError,
    InvalidRequestError,
    InvalidResponseError,
    RequestTimeoutError,
    TransportClosedError,
    UsageError,
)
from codex_app_server_rpc.defaults import STOP_GRACE

from tests.rpc.driver import AsyncDriver, Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import closed, completed, delta, params, started, turn_result
from tests.rpc.wire import failure, result

START = "turn/start"
INTERRUPT = "turn/interrupt"
LOGGER = "codex_app_server_rpc"
Message = dict[str, Any]
Answer = Callable[[Message], Iterable[bytes]]


def silence(message: Message) -> Iterable[bytes]:
    return []


def agreed(message: Message) -> Iterable[bytes]:
    return [result(message["id"], {})]


def obeyed(message: Message) -> Iterable[bytes]:
    return [
        result(message["id"], {}),
        completed(message["params"]["turnId"], message["params"]["threadId"], "interrupted"),
    ]


def refused(message: Message) -> Iterable[bytes]:
    return [failure(message["id"], -32600)]


def begun(message: Message) -> Iterable[bytes]:
    return [turn_result(message["id"]), started()]


def not_taken_in_time(message: Message) -> Iterable[bytes]:
    """The server has the message, but the way to it says that this took too long."""
    raise CodexTimeoutError("scripted", timeout=0)


def serve(start: Answer = begun, interrupt: Answer = obeyed) -> MemoryServer:
    """Make a server of one turn."""
    answers = {START: start, INTERRUPT: interrupt}
    return MemoryServer(lambda message: answers.get(message["method"], silence)(message))


def interrupted(server: MemoryServer) -> list[tuple[str, str]]:
    """List the turns that the client asked to interrupt."""
    return [
        (message["params"]["threadId"], message["params"]["turnId"])
        for message in server.requests
        if message["method"] == INTERRUPT
    ]


def start_of(server: MemoryServer) -> Any:
    """Give the id of the request that starts a turn."""
    (message,) = [message for message in server.requests if message["method"] == START]
    return message["id"]


def leftovers(client: Any) -> dict[str, int]:
    """Say what a client still holds."""
    stats = client.stats()
    held = {
        name: getattr(stats, name)
        for name in ("in_flight", "waiting", "server_requests", "consumers", "active_turns")
    }
    return {name: count for name, count in held.items() if count}


async def soon(awaitable: Any) -> Any:
    """Wait for what is to end by itself, long before any grace is over."""
    return await asyncio.wait_for(awaitable, 10)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the stopping of a turn given up soon."""
    monkeypatch.setattr("codex_app_server_rpc._async.streams.STOP_GRACE", 0.1)
    monkeypatch.setattr("codex_app_server_rpc._sync.streams.STOP_GRACE", 0.1)


# --- a turn that runs ----------------------------------------------------------------------


async def test_stopping_interrupts_the_turn_and_waits_for_its_end(driver: Driver) -> None:
    server = serve(interrupt=agreed)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stopping = asyncio.ensure_future(driver.run(stream.stop, 60))
    await until(lambda: interrupted(server))
    server.deliver(delta("more"))
    assert not stopping.done()
    server.deliver(completed(status="interrupted"))
    assert await soon(stopping) is True
    assert (stream.is_over, stream.is_closed) == (True, True)
    assert interrupted(server) == [("T", "U")]
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_what_had_arrived_can_be_read_after_stopping(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    server.deliver(delta("x"))
    assert await driver.run(stream.stop)
    read = [(await driver.run(stream.next, 10)).method for _ in range(3)]
    assert read == ["turn/started", "item/agentMessage/delta", "turn/completed"]
    assert await driver.run(stream.next, 10) is None
    await driver.run(client.close)


async def test_a_turn_that_is_over_is_not_interrupted(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    server.deliver(completed())
    assert await driver.run(stream.stop) is True
    assert await driver.run(stream.stop) is True
    assert interrupted(server) == []
    await driver.run(client.close)


async def test_a_stream_without_a_turn_is_stopped_without_a_word(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.turn_stream, "T")
    assert await driver.run(stream.stop) is False
    assert server.requests == []
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_end_will_do_where_the_interrupt_is_not_answered(driver: Driver) -> None:
    server = serve(interrupt=lambda message: [completed()])
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    assert await soon(driver.run(stream.stop, 60)) is True
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_end_of_the_thread_ends_the_wait(driver: Driver) -> None:
    server = serve(interrupt=lambda message: [closed()])
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    assert await soon(driver.run(stream.stop, 60)) is True
    await driver.run(client.close)


async def test_a_refusal_ends_the_wait_at_once(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    server = serve(interrupt=refused)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    assert await soon(driver.run(stream.stop, 60)) is False
    assert stream.is_closed
    assert interrupted(server) == [("T", "U")]
    (record,) = [record for record in caplog.records if "turn U of thread T" in record.message]
    assert record.levelno == logging.INFO
    await driver.run(client.close, mode="kill")


async def test_a_refusal_before_the_turn_has_started_is_no_last_word(driver: Driver) -> None:
    # Between its answer to `turn/start` and the `turn/started`, the runtime refuses interrupts.
    running = False

    def interrupt(message: Message) -> Iterable[bytes]:
        return (obeyed if running else refused)(message)

    server = serve(lambda message: [turn_result(message["id"])], interrupt)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stopping = asyncio.ensure_future(driver.run(stream.stop, 60))
    await until(lambda: interrupted(server))
    running = True
    server.deliver(started())
    assert await soon(stopping) is True
    assert interrupted(server) == [("T", "U")] * 2
    assert leftovers(client) == {}
    await driver.run(client.close)


@pytest.mark.parametrize("interrupt", [silence, agreed])
async def test_stopping_a_turn_that_does_not_end_is_bounded_and_told(
    interrupt: Answer, driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(interrupt=interrupt)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    assert await driver.run(stream.stop, 0.05) is False
    assert (stream.is_over, stream.is_closed) == (False, True)
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "turn U of thread T" in record.getMessage()
    assert leftovers(client) == {"active_turns": 1}
    server.deliver(completed())
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_loss_of_the_connection_ends_the_stopping(driver: Driver) -> None:
    server = serve(interrupt=silence)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stopping = asyncio.ensure_future(driver.run(stream.stop, 60))
    await until(lambda: interrupted(server))
    server.hang_up()
    assert await soon(stopping) is False
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_whoever_reads_and_whoever_stops_both_see_the_end(driver: Driver) -> None:
    server = serve(interrupt=silence)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params(), methods=())
    reading = asyncio.ensure_future(driver.run(stream.next, 60))
    stopping = asyncio.ensure_future(driver.run(stream.stop, 60))
    await until(lambda: interrupted(server))
    server.deliver(completed())
    assert await soon(stopping) is True
    assert (await soon(reading)).method == "turn/completed"
    await driver.run(client.close)


async def test_whoever_reads_does_not_take_the_answer_from_whoever_interrupts(
    driver: Driver,
) -> None:
    server = serve(interrupt=silence)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params(), methods=())
    reading = asyncio.ensure_future(driver.run(stream.next, 60))
    interrupting = asyncio.ensure_future(driver.run(stream.interrupt, timeout=60))
    await until(lambda: interrupted(server))
    server.deliver(result(server.requests[-1]["id"], {}))
    await soon(interrupting)
    assert not reading.done()
    server.deliver(completed())
    assert (await soon(reading)).method == "turn/completed"
    await driver.run(client.close)


async def test_a_turn_is_stopped_later_in_the_background(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stream.stop_later()
    await until(lambda: stream.is_over)
    assert interrupted(server) == [("T", "U")]
    await until(lambda: leftovers(client) == {})
    await driver.run(client.close)


async def test_a_turn_that_is_stopped_later_in_vain_holds_up_no_answer(driver: Driver) -> None:
    server = serve(interrupt=silence)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stream.stop_later()
    await until(lambda: interrupted(server) == [("T", "U")])
    server.ask(0, "item/fileChange/requestApproval", {})
    began = monotonic()
    await server.reply()
    assert monotonic() - began < STOP_GRACE / 2
    await driver.run(client.close, mode="kill")


async def test_interrupting_says_what_the_server_says(driver: Driver) -> None:
    server = serve(interrupt=refused)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    with pytest.raises(InvalidRequestError):
        await driver.run(stream.interrupt)
    assert not stream.is_closed
    await driver.run(client.close, mode="kill")


async def test_interrupting_by_a_closed_stream_says_what_the_server_says(driver: Driver) -> None:
    server = serve(interrupt=refused)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    await driver.run(stream.close)
    with pytest.raises(InvalidRequestError):
        await soon(driver.run(stream.interrupt))
    assert not stream.is_over
    await driver.run(client.close, mode="kill")


async def test_interrupting_without_an_answer_is_bounded(driver: Driver) -> None:
    server = serve(interrupt=silence)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    with pytest.raises(RequestTimeoutError, match=r"turn/interrupt within 0\.05 s"):
        await driver.run(stream.interrupt, timeout=0.05)
    assert client.stats().in_flight == 0
    await driver.run(client.close, mode="kill")


async def test_a_stream_without_a_turn_has_nothing_to_interrupt(driver: Driver) -> None:
    client = await driver.open_memory(serve())
    stream = await driver.run(client.turn_stream, "T")
    with pytest.raises(UsageError):
        await driver.run(stream.interrupt)
    await driver.run(client.close)


# --- a turn whose start was given up -------------------------------------------------------


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


async def test_whoever_wants_no_interrupt_waits_for_nothing(driver: Driver) -> None:
    server = serve(silence)
    client = await driver.open_memory(server)
    with pytest.raises(RequestTimeoutError):
        await soon(driver.run(client.start_turn, params(), timeout=0.01, interrupt=False))
    server.deliver(turn_result(start_of(server)))
    assert interrupted(server) == []
    assert leftovers(client) == {}
    assert client.stats().unmatched == 1
    await driver.run(client.close)


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


@pytest.mark.parametrize("times", [2, 3, 5])
async def test_a_turn_is_stopped_however_often_its_stopping_is_cancelled(times: int) -> None:
    server = serve(interrupt=silence)
    client = await AsyncDriver().open_memory(server)
    stream = await client.start_turn(params())
    stopping = asyncio.ensure_future(stream.stop())
    for _ in range(times):
        await asyncio.sleep(0)
        stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(stopping)
    await until(lambda: bool(interrupted(server)))
    server.deliver(completed(status="interrupted"))
    await until(lambda: leftovers(client) == {})
    await client.close()


async def test_a_turn_is_stopped_later_from_any_thread() -> None:
    server = serve()
    client = await AsyncDriver().open_memory(server)
    stream = await client.start_turn(params())
    await asyncio.to_thread(stream.stop_later)
    await until(lambda: stream.is_over)
    assert interrupted(server) == [("T", "U")]
    await client.close()


async def test_a_turn_cannot_be_started_after_the_loss(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    server.hang_up()
    with pytest.raises(TransportClosedError, match="the server hung up"):
        await soon(driver.run(client.start_turn, params()))
    assert leftovers(client) == {}
    await driver.run(client.close)
