"""Stopping a turn that runs. For both clients."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from time import monotonic

import pytest
from codex_app_server_rpc import (
    InvalidRequestError,
    RequestTimeoutError,
    UsageError,
)
from codex_app_server_rpc.defaults import STOP_GRACE

from tests.rpc.driver import AsyncDriver, Driver, until
from tests.rpc.turn_messages import closed, completed, delta, params, started, turn_result
from tests.rpc.turn_server import (
    Answer,
    Message,
    agreed,
    interrupted,
    leftovers,
    obeyed,
    refused,
    serve,
    silence,
    soon,
)
from tests.rpc.wire import result

LOGGER = "openai_codex.rpc.connection"


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


# --- only in tasks -------------------------------------------------------------------------


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
