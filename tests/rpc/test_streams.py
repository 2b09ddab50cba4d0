"""Streams of notifications, for both clients."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from codex_app_server_rpc import (
    CodexTimeoutError,
    Notification,
    TransportClosedError,
    _primitives,
)
from codex_app_server_rpc.core import backlog

from tests.rpc.conftest import Connect
from tests.rpc.driver import Driver
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.wire import notification

EARLY = "run_turns_that_are_over_before_their_start_is_answered"


async def methods(driver: Driver, stream: Any) -> list[str]:
    """Read a stream to its end."""
    read: list[str] = []
    while (event := await driver.run(stream.next, 10)) is not None:
        read.append(event.method)
    return read


async def start_turn(driver: Driver, client: Any, **options: Any) -> Any:
    stream = await driver.run(client.turn_stream, "T", **options)
    response = await driver.run(client.turn_start, thread_id="T", input=[])
    await driver.run(stream.bind, response.turn.id)
    return stream


async def test_a_turn_that_is_over_before_its_start_is_answered_is_read_whole(
    driver: Driver, connect: Connect
) -> None:
    client = await connect(EARLY)
    stream = await start_turn(driver, client)
    assert await methods(driver, stream) == [
        "turn/started",
        "item/agentMessage/delta",
        "item/agentMessage/delta",
        "turn/completed",
    ]


async def test_a_turn_can_be_read_of_some_methods_only(driver: Driver, connect: Connect) -> None:
    client = await connect(EARLY)
    stream = await start_turn(driver, client, methods=["item/agentMessage/delta"])
    assert await methods(driver, stream) == ["item/agentMessage/delta"] * 2 + ["turn/completed"]


async def test_two_turns_one_after_the_other_are_read_each(
    driver: Driver, connect: Connect
) -> None:
    client = await connect(EARLY)
    for _ in range(2):
        assert len(await methods(driver, await start_turn(driver, client))) == 4


async def test_a_stream_is_iterated_in_its_clients_own_way(driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    server.deliver(notification("a") + notification("b"))
    await driver.run(stream.close)
    if hasattr(stream, "__aiter__"):
        read = [event.method async for event in stream]
    else:
        read = [event.method for event in stream]
    assert read == ["a", "b"]
    await driver.run(client.close)


async def test_a_consumer_that_waits_is_woken_by_what_comes(driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    waiting = asyncio.ensure_future(driver.run(stream.next, 10))
    await asyncio.sleep(0)
    server.notify("a")
    assert (await waiting).method == "a"
    await driver.run(client.close)


async def test_a_consumer_that_waits_is_told_when_its_time_is_up(driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    with pytest.raises(CodexTimeoutError, match=r"within 0\.01 s") as caught:
        await driver.run(stream.next, 0.01)
    assert caught.value.timeout == 0.01
    await driver.run(client.close)


@pytest.mark.parametrize("timeout", [0, -1])
async def test_a_consumer_without_time_does_not_wait(timeout: float, driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    with pytest.raises(CodexTimeoutError):
        await driver.run(stream.next, timeout)
    server.notify("a")
    assert (await driver.run(stream.next, timeout)).method == "a"
    await driver.run(client.close)


async def test_a_closed_stream_ends_for_whoever_waits_on_it(driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    waiting = asyncio.ensure_future(driver.run(stream.next, 10))
    await asyncio.sleep(0)
    await driver.run(stream.close)
    await driver.run(stream.close)
    assert await waiting is None
    await driver.run(client.close)


async def test_the_loss_of_the_connection_is_raised_after_what_had_arrived(
    driver: Driver,
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    server.notify("a")
    server.hang_up()
    assert (await driver.run(stream.next, 10)).method == "a"
    for _ in range(2):
        with pytest.raises(TransportClosedError, match="the server hung up"):
            await driver.run(stream.next, 10)
    await driver.run(client.close)


async def test_a_stream_that_is_made_after_the_loss_says_so(driver: Driver) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    server.hang_up()
    for stream in [
        await driver.run(client.subscribe),
        await driver.run(client.turn_stream, "T"),
    ]:
        with pytest.raises(TransportClosedError, match="the server hung up"):
            await driver.run(stream.next, 10)
    await driver.run(client.close)


async def test_a_turns_stream_ends_with_the_loss(driver: Driver, connect: Connect) -> None:
    client = await connect("die_in_a_turn")
    stream = await start_turn(driver, client)
    assert (await driver.run(stream.next, 10)).method == "turn/started"
    waiting = asyncio.ensure_future(driver.run(stream.next, 10))
    with pytest.raises(TransportClosedError):
        await driver.run(client.turn_interrupt, thread_id="T", turn_id="U")
    with pytest.raises(TransportClosedError, match="died in a turn") as caught:
        await waiting
    assert caught.value.exit_code == 7


async def test_a_subscription_hears_what_a_turn_hears(driver: Driver, connect: Connect) -> None:
    client = await connect(EARLY)
    heard = await driver.run(client.subscribe, ["turn/completed"], thread_id="T")
    await start_turn(driver, client)
    assert (await driver.run(heard.next, 10)).payload.turn.status == "completed"


async def test_everybody_who_waits_on_one_stream_learns_of_its_end(
    driver: Driver, connect: Connect
) -> None:
    client = await connect("answer_by_echo")
    stream = await driver.run(client.subscribe)
    waiting = [asyncio.ensure_future(driver.run(stream.next, 20)) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0.05)

    await driver.run(stream.close)

    assert await asyncio.gather(*waiting) == [None, None, None]


async def test_a_thread_that_reads_gives_way_to_a_consumer_that_begins_to_fall_behind(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(_primitives, "time", SimpleNamespace(sleep=pauses.append))
    monkeypatch.setattr(backlog, "CROWDED_ABOVE", 2)
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 5)
    server = MemoryServer()
    client = await driver.open_memory(server)
    stream = await driver.run(client.subscribe)
    for _ in range(6):
        server.deliver(notification("a"))
    # In an event loop the consumer has its turn without that.
    assert pauses == ([] if hasattr(stream, "__aiter__") else [_primitives.BREATHER] * 2)
    await driver.run(client.close)


async def test_whoever_watches_sees_what_passes_and_may_fail(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    seen: list[Any] = []

    def look(notification: Notification) -> None:
        seen.append(notification.params)
        raise ValueError("scripted")

    client.watch("account/updated", look)
    stream = client.subscribe()
    server.deliver(notification("account/updated", authMode=None))
    assert (await driver.run(stream.next)).method == "account/updated"
    assert seen == [{"authMode": None}]
    assert "whoever watches account/updated has failed" in caplog.text
    await driver.run(client.close)
