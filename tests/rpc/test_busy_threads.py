"""Starting turns on a busy thread, and turns that no ``turn/start`` starts. For both clients."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import pytest
from codex_app_server_rpc import (
    InvalidArgumentError,
    InvalidRequestError,
    RequestTimeoutError,
    ThreadBusyError,
    TransportClosedError,
)
from codex_app_server_rpc.defaults import STOP_GRACE
from codex_app_server_types import (
    ReviewDelivery,
    ReviewStartParams,
    ThreadCompactStartParams,
    UncommittedChangesReviewTarget,
)

from tests.rpc.driver import AsyncDriver, Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import completed, params, started, turn_result
from tests.rpc.turn_server import (
    START,
    agreed,
    interrupted,
    leftovers,
    refused,
    serve,
    silence,
    soon,
)
from tests.rpc.wire import result

COMPACT = ThreadCompactStartParams(thread_id="T")


def starts(server: MemoryServer) -> list[Any]:
    return [message["id"] for message in server.requests if message["method"] == START]


def begin(driver: Driver, client: Any, *arguments: Any, **options: Any) -> asyncio.Task[Any]:
    """Start a turn beside the test."""
    return asyncio.ensure_future(driver.run(client.start_turn, *arguments, **options))


async def test_a_busy_thread_refuses_a_turn_before_anything_is_sent(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params(), if_busy="refuse")
    with pytest.raises(ThreadBusyError, match="turn U"):
        await driver.run(client.start_turn, params(), if_busy="refuse")
    assert len(starts(server)) == 1
    await driver.run(stream.stop)
    await driver.run(client.start_turn, params(), if_busy="refuse")
    await driver.run(client.close)


async def test_a_turn_waits_for_the_thread_to_be_free(driver: Driver) -> None:
    server = serve(silence)
    client = await driver.open_memory(server)
    first = begin(driver, client, params())
    await until(lambda: len(starts(server)) == 1)
    server.deliver(turn_result(starts(server)[0]))
    second = begin(driver, client, params(), if_busy="wait")
    await until(lambda: client.stats().consumers == 2)
    assert len(starts(server)) == 1
    server.deliver(started() + completed())
    await until(lambda: len(starts(server)) == 2)
    server.deliver(turn_result(starts(server)[1], "V") + completed("V"))
    assert [(await soon(first)).turn_id, (await soon(second)).turn_id] == ["U", "V"]
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_wait_for_a_busy_thread_has_an_end(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    with pytest.raises(RequestTimeoutError, match="another turn of the thread") as caught:
        await soon(begin(driver, client, params(), if_busy="wait", patience=0.05))
    assert (caught.value.phase, caught.value.timeout) == ("thread", 0.05)
    assert client.stats().consumers == 1
    assert not stream.is_over
    await driver.run(client.close)


async def test_the_loss_of_the_connection_ends_the_wait(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    first = await driver.run(client.start_turn, params())
    second = begin(driver, client, params(), if_busy="wait")
    await until(lambda: client.stats().consumers == 2)
    server.hang_up()
    with pytest.raises(TransportClosedError, match="hung up"):
        await soon(second)
    assert first.is_closed
    await driver.run(client.close)


# --- a turn that is being stopped ------------------------------------------------------------


@pytest.mark.parametrize("if_busy", ["refuse", "wait"])
async def test_the_end_of_a_turn_that_is_being_stopped_is_waited_for(
    driver: Driver, if_busy: str
) -> None:
    server = serve(interrupt=agreed)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stopping = asyncio.ensure_future(driver.run(stream.stop))
    await until(lambda: interrupted(server))
    second = begin(driver, client, params(), if_busy=if_busy)
    await until(lambda: client.stats().consumers == 2)
    assert len(starts(server)) == 1
    server.deliver(completed(status="interrupted"))
    assert await soon(stopping)
    await soon(second)
    assert len(starts(server)) == 2
    await driver.run(client.close, mode="kill")


async def test_nobody_is_refused_for_a_turn_whose_stream_was_just_left(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stream.stop_later()
    await soon(begin(driver, client, params(), if_busy="refuse"))
    assert interrupted(server) == [("T", "U")]
    await driver.run(client.close, mode="kill")


async def test_a_turn_that_cannot_be_stopped_makes_its_thread_busy(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for half in ("_sync", "_async"):
        monkeypatch.setattr(f"codex_app_server_rpc.{half}.streams.STOP_GRACE", 0.1)
    server = serve(interrupt=agreed)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    stopping = asyncio.ensure_future(driver.run(stream.stop, 60))
    await until(lambda: interrupted(server))
    with pytest.raises(ThreadBusyError, match="turn U"):
        await soon(begin(driver, client, params(), if_busy="refuse"))
    server.deliver(completed())
    await soon(stopping)
    await driver.run(client.close, mode="kill")


async def test_nobody_waits_longer_than_it_may_for_a_turn_that_is_being_stopped(
    driver: Driver,
) -> None:
    server = serve(interrupt=agreed)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    await driver.run(stream.interrupt)
    begun = monotonic()
    with pytest.raises(ThreadBusyError, match="turn U"):
        await soon(begin(driver, client, params(), if_busy="refuse", patience=0.05))
    assert monotonic() - begun < STOP_GRACE / 2
    await driver.run(client.close, mode="kill")


async def test_the_wait_for_the_thread_and_for_the_answer_have_one_end(driver: Driver) -> None:
    server = serve(silence)
    client = await driver.open_memory(server)
    first = begin(driver, client, params())
    await until(lambda: len(starts(server)) == 1)
    second = begin(driver, client, params(), if_busy="wait", patience=0.5, timeout=60)
    await until(lambda: client.stats().consumers == 2)
    server.deliver(turn_result(starts(server)[0]) + completed())
    await soon(first)
    with pytest.raises(RequestTimeoutError) as caught:
        await soon(second)
    assert (caught.value.phase, len(starts(server))) == ("answer", 2)
    assert caught.value.timeout <= 0.5
    await driver.run(client.close, mode="kill")


async def test_a_turn_that_was_asked_to_end_is_waited_for(driver: Driver) -> None:
    server = serve(interrupt=agreed)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    await driver.run(stream.interrupt)
    second = begin(driver, client, params(), if_busy="refuse")
    await until(lambda: client.stats().consumers == 2)
    server.deliver(completed(status="interrupted"))
    await soon(second)
    await driver.run(client.close, mode="kill")


async def test_a_turn_that_was_not_to_be_interrupted_makes_its_thread_busy(driver: Driver) -> None:
    server = serve(interrupt=refused)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    with pytest.raises(InvalidRequestError):
        await driver.run(stream.interrupt)
    with pytest.raises(ThreadBusyError):
        await driver.run(client.start_turn, params(), if_busy="refuse")
    await driver.run(client.close, mode="kill")


# --- streams that nobody has any more --------------------------------------------------------


async def test_a_forgotten_stream_is_closed(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    for _ in range(3):
        client.subscribe()
        client.turn_stream("T")
    stream = await driver.run(client.start_turn, params())
    assert client.stats().consumers >= 1
    del stream
    await until(lambda: client.stats().consumers == 0)
    assert (interrupted(server), client.stats().active_turns) == ([], 1)
    await driver.run(client.close)


async def test_a_turn_that_nobody_follows_any_more_is_stopped_if_that_is_wished(
    driver: Driver,
) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params(), stop_if_forgotten=True)
    assert stream.stop_if_forgotten
    del stream
    await until(lambda: leftovers(client) == {})
    assert interrupted(server) == [("T", "U")]
    await driver.run(client.close)


async def test_a_cancelled_wait_leaves_the_next_one_in_line() -> None:
    server = serve(silence)
    client = await AsyncDriver().open_memory(server)
    driver = AsyncDriver()
    first = begin(driver, client, params())
    await until(lambda: len(starts(server)) == 1)
    server.deliver(turn_result(starts(server)[0]))
    second, third = (begin(driver, client, params(), if_busy="wait") for _ in range(2))
    await until(lambda: client.stats().consumers == 3)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(second)
    server.deliver(completed())
    await until(lambda: len(starts(server)) == 2)
    server.deliver(turn_result(starts(server)[1], "V") + completed("V"))
    assert (await soon(first)).turn_id == "U"
    assert (await soon(third)).turn_id == "V"
    assert leftovers(client) == {}
    await client.close()


# --- compaction and review -------------------------------------------------------------------


def compacting(*events: bytes) -> MemoryServer:
    """Make a server that accepts a compaction, and then says what it is given."""

    def answer(message: dict[str, Any]) -> list[bytes]:
        if message["method"] == "thread/compact/start":
            return [result(message["id"], {}), *events]
        return [result(message["id"], {}), completed(message["params"]["turnId"])]

    return MemoryServer(answer)


async def test_a_compaction_is_the_next_turn_that_starts(driver: Driver) -> None:
    server = compacting()
    client = await driver.open_memory(server)
    starting = begin(driver, client, COMPACT)
    await until(lambda: server.requests)
    assert not starting.done()
    server.deliver(started("other", "T2") + completed("other", "T2"))
    server.deliver(started("V") + completed("V"))
    stream = await soon(starting)
    assert stream.turn_id == "V"
    methods = [(await driver.run(stream.next)).method for _ in range(2)]
    assert methods == ["turn/started", "turn/completed"]
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_whoever_is_refused_for_a_compaction_is_told(driver: Driver) -> None:
    server = compacting()
    client = await driver.open_memory(server)
    starting = begin(driver, client, COMPACT)
    await until(lambda: server.requests)
    with pytest.raises(ThreadBusyError) as caught:
        await driver.run(client.start_turn, params(), if_busy="refuse")
    assert (caught.value.turn_id, caught.value.compacting) == (None, True)
    server.deliver(started("V"))
    await soon(starting)
    with pytest.raises(ThreadBusyError) as caught:
        await driver.run(client.start_turn, params(), if_busy="refuse")
    assert (caught.value.turn_id, caught.value.compacting) == ("V", True)
    server.deliver(completed("V"))
    await driver.run(client.close, mode="kill")


async def test_a_compaction_that_never_begins_is_given_up(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for half in ("_sync", "_async"):
        monkeypatch.setattr(f"codex_app_server_rpc.{half}.streams.STOP_GRACE", 0.1)
    client = await driver.open_memory(compacting())
    with pytest.raises(RequestTimeoutError, match="thread/compact/start within"):
        await soon(begin(driver, client, COMPACT, timeout=0.05, interrupt=False))
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_a_compaction_that_begins_late_is_interrupted(driver: Driver) -> None:
    server = compacting()
    client = await driver.open_memory(server)
    starting = begin(driver, client, COMPACT, timeout=0.05)
    await asyncio.wait([starting], timeout=0.2)
    server.deliver(started("V"))
    with pytest.raises(RequestTimeoutError):
        await soon(starting)
    assert interrupted(server) == [("T", "V")]
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_the_loss_of_the_connection_ends_the_wait_for_a_compaction(driver: Driver) -> None:
    server = compacting()
    client = await driver.open_memory(server)
    starting = begin(driver, client, COMPACT, timeout=None)
    await until(lambda: server.requests)
    server.hang_up()
    with pytest.raises(TransportClosedError, match="hung up"):
        await soon(starting)
    assert leftovers(client) == {}
    await driver.run(client.close)


async def test_a_review_is_a_turn(driver: Driver) -> None:
    def answer(message: dict[str, Any]) -> list[bytes]:
        turn: dict[str, object] = {"id": "R", "items": [], "status": "inProgress"}
        said = result(message["id"], {"reviewThreadId": "T", "turn": turn})
        return [started("inner"), said, completed("R")]

    client = await driver.open_memory(MemoryServer(answer))
    target = UncommittedChangesReviewTarget()
    stream = await driver.run(
        client.start_turn, ReviewStartParams(thread_id="T", target=target), if_busy="refuse"
    )
    assert (stream.turn_id, stream.is_over) == ("R", True)
    await driver.run(client.close, mode="kill")


async def test_a_detached_review_is_no_turn_of_its_thread(driver: Driver) -> None:
    server = serve()
    client = await driver.open_memory(server)
    detached = ReviewStartParams(
        thread_id="T", target=UncommittedChangesReviewTarget(), delivery=ReviewDelivery("detached")
    )
    with pytest.raises(InvalidArgumentError, match="not detached"):
        await driver.run(client.start_turn, detached)
    assert server.requests == []
    await driver.run(client.close)
