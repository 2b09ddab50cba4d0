"""What a client does with the turns that run when it is closed, or forgotten. For both clients."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from codex_app_server_rpc import LaunchError, TransportClosedError, UsageError

from tests.rpc.driver import IDENTITY, AsyncDriver, Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import completed, params, started, turn_result
from tests.rpc.wire import failure, result

INTERRUPT = "turn/interrupt"
Message = dict[str, Any]
Answer = Callable[[Message], Iterable[bytes]]


def obeyed(message: Message) -> Iterable[bytes]:
    return [
        result(message["id"], {}),
        completed(message["params"]["turnId"], message["params"]["threadId"], "interrupted"),
    ]


def silence(message: Message) -> Iterable[bytes]:
    return []


def serve(interrupt: Answer = obeyed) -> MemoryServer:
    def respond(message: Message) -> Iterable[bytes]:
        if message["method"] == INTERRUPT:
            return interrupt(message)
        return [turn_result(message["id"]), started()]

    return MemoryServer(respond)


def interrupted(server: MemoryServer) -> list[str]:
    return [
        message["params"]["turnId"] for message in server.requests if message["method"] == INTERRUPT
    ]


async def with_turns(driver: Driver, server: MemoryServer, *turn_ids: str) -> Any:
    """Open a client that has seen turns start which nobody follows."""
    client = await driver.open_memory(server)
    for turn_id in turn_ids:
        server.deliver(started(turn_id))
    return client


def closing(driver: Driver, client: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.ensure_future(driver.run(client.close, **options))


async def soon(awaitable: Any) -> Any:
    """Wait for what is to end by itself, long before any grace is over."""
    return await asyncio.wait_for(awaitable, 10)


def active(client: Any) -> int:
    return int(client.stats().active_turns)


async def test_the_turns_that_run_are_interrupted_and_waited_for(driver: Driver) -> None:
    server = serve(silence)
    client = await with_turns(driver, server, "U1", "U2")
    task = closing(driver, client, timeout=60)
    await until(lambda: len(interrupted(server)) == 2)
    assert sorted(interrupted(server)) == ["U1", "U2"]
    server.deliver(completed("U2"))
    assert not task.done()
    server.deliver(completed("U1"))
    await soon(task)
    assert active(client) == 0


async def test_a_turn_that_is_followed_is_interrupted_too_and_its_stream_ends(
    driver: Driver,
) -> None:
    server = serve()
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    await soon(closing(driver, client, timeout=60))
    assert interrupted(server) == ["U"]
    assert stream.is_over
    read = [(await driver.run(stream.next, 10)).method for _ in range(2)]
    assert read == ["turn/started", "turn/completed"]
    assert await driver.run(stream.next, 10) is None


async def test_turns_that_are_over_are_left_alone(driver: Driver) -> None:
    server = serve()
    client = await with_turns(driver, server, "U1", "U2")
    server.deliver(completed("U1") + completed("U2"))
    await soon(closing(driver, client, timeout=60))
    assert server.requests == []


@pytest.mark.parametrize("mode", ["interrupt", "drain"])
async def test_a_server_that_says_nothing_holds_up_the_closing_only_so_long(
    mode: str,
    driver: Driver,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, "openai_codex.rpc")
    monkeypatch.setattr("codex_app_server_rpc._async.client.STOP_GRACE", 0.05)
    monkeypatch.setattr("codex_app_server_rpc._sync.client.STOP_GRACE", 0.05)
    server = serve(silence)
    client = await with_turns(driver, server, "U1", "U2")
    await driver.run(client.close, mode=mode, timeout=0.05)
    assert sorted(interrupted(server)) == ["U1", "U2"]
    told = [record.getMessage() for record in caplog.records if "not seen to end" in record.msg]
    assert sorted(message.split()[1] for message in told) == ["U1", "U2"]
    stats = client.stats()
    assert (stats.in_flight, stats.consumers, stats.active_turns) == (0, 0, 0)


async def test_draining_waits_for_the_turns_and_interrupts_none(driver: Driver) -> None:
    server = serve()
    client = await with_turns(driver, server, "U1", "U2")
    task = closing(driver, client, mode="drain", timeout=60)
    await until(lambda: client.stats().consumers)
    server.deliver(completed("U1"))
    assert not task.done()
    server.deliver(completed("U2"))
    await soon(task)
    assert interrupted(server) == []


async def test_a_turn_that_takes_too_long_to_drain_is_interrupted(driver: Driver) -> None:
    server = serve()
    client = await with_turns(driver, server, "U1")
    await soon(closing(driver, client, mode="drain", timeout=0.05))
    assert interrupted(server) == ["U1"]


async def test_killing_waits_for_nothing(driver: Driver) -> None:
    server = serve(silence)
    client = await driver.open_memory(server)
    stream = await driver.run(client.start_turn, params())
    await soon(closing(driver, client, mode="kill", timeout=60))
    assert interrupted(server) == []
    assert [(await driver.run(stream.next, 10)).method] == ["turn/started"]
    with pytest.raises(TransportClosedError, match="this client is closed"):
        await driver.run(stream.next, 10)


@pytest.mark.parametrize("mode", ["interrupt", "drain"])
async def test_the_loss_of_the_connection_ends_the_closing(mode: str, driver: Driver) -> None:
    server = serve(silence)
    client = await with_turns(driver, server, "U1")
    task = closing(driver, client, mode=mode, timeout=60)
    await until(lambda: client.stats().consumers)
    server.hang_up()
    await soon(task)


async def test_only_killing_aborts_the_transport(driver: Driver) -> None:
    for mode, aborted in [("interrupt", 0), ("drain", 0), ("kill", 1)]:
        transport = driver.memory_class(serve())
        client = await driver.open(transport)
        await driver.run(client.close, mode=mode)
        assert (transport.aborted, transport.closed) == (aborted, 1)


async def test_closing_again_does_nothing_more_to_the_turns(driver: Driver) -> None:
    server = serve(silence)
    client = await with_turns(driver, server, "U1")
    await driver.run(client.close, timeout=0.01)
    await soon(closing(driver, client, timeout=60))
    assert interrupted(server) == ["U1"]


async def test_several_may_close_at_once(driver: Driver) -> None:
    server = serve()
    client = await with_turns(driver, server, "U1")
    await soon(asyncio.gather(*(closing(driver, client, timeout=60) for _ in range(3))))
    assert active(client) == 0


async def test_a_refused_interrupt_does_not_keep_a_turn_that_ends_from_being_seen(
    driver: Driver,
) -> None:
    server = serve(lambda message: [failure(message["id"], -32600), completed("U1")])
    client = await with_turns(driver, server, "U1")
    await soon(closing(driver, client, timeout=60))
    assert active(client) == 0


async def test_what_is_called_after_closing_says_so(driver: Driver) -> None:
    client = await driver.open_memory(serve())
    await driver.run(client.close)
    for call in [client.account_logout, lambda: client.start_turn(params())]:
        with pytest.raises(TransportClosedError, match="this client is closed"):
            await driver.run(call)
    with pytest.raises(UsageError):
        await driver.run(client.start)


async def test_a_client_that_cannot_be_started_is_closed(driver: Driver) -> None:
    server = serve()
    server.refusal = LaunchError("scripted")
    transport = driver.memory_class(server)
    client = driver.client_class(transport, identity=IDENTITY)
    with pytest.raises(LaunchError):
        await driver.run(client.start)
    assert (transport.aborted, transport.closed) == (1, 1)
    del client  # and nobody is warned


def is_told(warned: pytest.WarningsRecorder) -> bool:
    """Tell whether there was a warning; a thread that has just called may still have the client."""
    gc.collect()
    return len(warned) > 0


async def test_a_forgotten_client_warns_and_ends_its_server(driver: Driver) -> None:
    transport = driver.memory_class(serve())
    client = await driver.open(transport)
    name = type(client).__name__
    with pytest.warns(ResourceWarning, match=f"unclosed {name}") as warned:  # noqa: PT031 - forgetting takes two
        del client
        await until(lambda: is_told(warned))
    await until(lambda: transport.aborted or transport.closed)


async def test_a_client_with_a_turn_that_somebody_follows_is_forgotten_all_the_same(
    driver: Driver,
) -> None:
    transport = driver.memory_class(serve())
    client = await driver.open(transport)
    stream = await driver.run(client.start_turn, params())
    with pytest.warns(ResourceWarning) as warned:  # noqa: PT031 - forgetting takes two
        del client
        await until(lambda: is_told(warned))
    await until(lambda: transport.aborted or transport.closed)
    assert not stream.is_over


async def test_a_client_that_was_closed_or_never_started_warns_nobody(driver: Driver) -> None:
    transport = driver.memory_class(serve())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client = await driver.open_memory(serve())
        await driver.run(client.close)
        del client
        driver.client_class(transport, identity=IDENTITY)
        gc.collect()
    assert [warning for warning in caught if warning.category is ResourceWarning] == []
    assert transport.aborted == 0


async def test_a_closing_that_is_cancelled_closes_all_the_same() -> None:
    server = serve(silence)
    driver = AsyncDriver()
    transport = driver.memory_class(server)
    client = await driver.open(transport)
    server.deliver(started("U1"))
    task = closing(driver, client, timeout=60)
    await until(lambda: interrupted(server))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(task)
    assert transport.closed == 1
    stats = client.stats()
    assert (stats.in_flight, stats.consumers, stats.active_turns) == (0, 0, 0)
