"""The numbers that a client says of itself, each by what it stands for. For both clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import OverloadRetry, RequestTimeoutError, SlowConsumerError
from codex_app_server_rpc.core import backlog

from tests.rpc.driver import Driver, Gate, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.schema_examples import minimal_params
from tests.rpc.turn_messages import closed, completed, delta, params, started, turn_result
from tests.rpc.wire import failure, result

APPROVAL = "item/fileChange/requestApproval"
PARAMS = minimal_params("ServerRequest", APPROVAL)


class Numbers:
    """A client whose numbers are watched."""

    def __init__(self, client: Any, server: MemoryServer) -> None:
        self.client = client
        self.server = server
        self._before = asdict(client.stats())

    def changes(self) -> dict[str, int]:
        """Say which numbers differ from those of the last time, and by how much."""
        before, self._before = self._before, asdict(self.client.stats())
        return {
            name: count - before[name]
            for name, count in self._before.items()
            if count != before[name]
        }


async def watched(driver: Driver, server: MemoryServer | None = None, **options: Any) -> Numbers:
    server = server or MemoryServer()
    return Numbers(await driver.open_memory(server, **options), server)


async def test_a_new_client_has_received_one_message_and_holds_nothing(driver: Driver) -> None:
    client = await driver.open_memory(MemoryServer())
    numbers = asdict(client.stats())
    assert numbers.pop("received") == 1  # the answer to the handshake
    assert set(numbers.values()) == {0}
    await driver.run(client.close)


async def test_a_request_is_in_flight_until_its_answer_is_received(driver: Driver) -> None:
    numbers = await watched(driver)
    call = asyncio.ensure_future(driver.run(numbers.client.account_logout))
    await until(lambda: numbers.server.requests)
    assert numbers.changes() == {"in_flight": 1}
    numbers.server.deliver(result(numbers.server.requests[0]["id"], {}))
    assert numbers.changes() == {"in_flight": -1, "received": 1}
    await call
    await driver.run(numbers.client.close)


async def test_a_request_beyond_the_limit_waits(driver: Driver) -> None:
    numbers = await watched(driver, max_in_flight=1)
    calls = [asyncio.ensure_future(driver.run(numbers.client.account_logout)) for _ in range(3)]
    await until(lambda: numbers.client.stats().waiting == 2)
    assert numbers.changes() == {"in_flight": 1, "waiting": 2}
    await driver.run(numbers.client.close)
    await asyncio.gather(*calls, return_exceptions=True)
    assert numbers.changes() == {"in_flight": -1, "waiting": -2}


async def test_an_answer_that_nobody_waits_for_is_unmatched(driver: Driver) -> None:
    numbers = await watched(driver)
    with pytest.raises(RequestTimeoutError):
        await driver.run(numbers.client.account_logout, timeout=0.01)
    numbers.server.deliver(result(numbers.server.requests[0]["id"], {}) + result(77, {}))
    assert numbers.changes() == {"unmatched": 2}
    await driver.run(numbers.client.close)


async def test_a_line_that_is_no_message_is_skipped(driver: Driver) -> None:
    numbers = await watched(driver)
    numbers.server.deliver(b"\nrubbish\n[]\n")
    assert numbers.changes() == {"skipped": 3}
    await driver.run(numbers.client.close)


async def test_what_nobody_listens_to_is_dropped(driver: Driver) -> None:
    numbers = await watched(driver)
    numbers.server.deliver(closed() + delta("x"))
    assert numbers.changes() == {"received": 2, "dropped": 2}
    await driver.run(numbers.client.close)


async def test_a_notification_of_a_method_that_is_not_known_is_unknown(driver: Driver) -> None:
    numbers = await watched(driver)
    numbers.server.notify("future/thing")
    assert numbers.changes() == {"received": 1, "dropped": 1, "unknown": 1}
    await driver.run(numbers.client.close)


async def test_a_request_of_a_method_that_is_not_known_is_unknown(driver: Driver) -> None:
    numbers = await watched(driver)
    numbers.server.ask(0, "future/question", {})
    await numbers.server.reply()
    assert numbers.changes() == {"received": 1, "unknown": 1}
    await driver.run(numbers.client.close)


async def test_a_subscription_is_a_consumer_and_its_notifications_queue(driver: Driver) -> None:
    numbers = await watched(driver)
    stream = await driver.run(numbers.client.subscribe)
    assert numbers.changes() == {"consumers": 1}
    numbers.server.deliver(closed("A") + closed("B"))
    assert numbers.changes() == {"received": 2, "queued": 2}
    await driver.run(stream.next, 10)
    assert numbers.changes() == {"queued": -1}
    await driver.run(stream.close)
    assert numbers.changes() == {"consumers": -1, "queued": -1}
    await driver.run(numbers.client.close)


async def test_a_turn_is_a_consumer_and_active_until_its_end(driver: Driver) -> None:
    numbers = await watched(driver)
    numbers.server.deliver(started("foreign"))
    assert numbers.changes() == {"active_turns": 1, "received": 1, "dropped": 1}
    starting = asyncio.ensure_future(driver.run(numbers.client.start_turn, params()))
    await until(lambda: numbers.server.requests)
    assert numbers.changes() == {"in_flight": 1, "consumers": 1}
    numbers.server.deliver(turn_result(numbers.server.requests[0]["id"]))
    await starting
    assert numbers.changes() == {"in_flight": -1, "active_turns": 1, "received": 1}
    numbers.server.deliver(completed() + completed("foreign"))
    changes = numbers.changes()
    assert (changes.pop("active_turns"), changes.pop("consumers")) == (-2, -1)
    assert changes == {"received": 2, "dropped": 1}
    await driver.run(numbers.client.close)


async def test_a_server_request_is_open_until_its_reply(driver: Driver) -> None:
    entered, leave = Gate(), Gate()
    answer = types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})
    handler = driver.handler(lambda params: answer, entered, leave)
    handlers = driver.handlers(item_file_change_request_approval=handler)
    numbers = await watched(driver, handlers=handlers)
    numbers.server.ask(0, APPROVAL, PARAMS)
    await entered.passed()
    assert numbers.changes() == {"server_requests": 1, "received": 1}
    leave.open()
    await numbers.server.reply()
    assert numbers.changes() == {"server_requests": -1}
    await driver.run(numbers.client.close)


async def test_a_server_request_that_was_resolved_is_open_no_more(driver: Driver) -> None:
    entered, leave = Gate(), Gate()
    answer = types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})
    handler = driver.handler(lambda params: answer, entered, leave)
    handlers = driver.handlers(item_file_change_request_approval=handler)
    numbers = await watched(driver, handlers=handlers)
    numbers.server.ask(0, APPROVAL, PARAMS)
    await entered.passed()
    numbers.changes()
    numbers.server.notify("serverRequest/resolved", threadId="T", requestId=0)
    assert numbers.changes() == {"server_requests": -1, "received": 1, "dropped": 1}
    leave.open()
    await driver.join_workers()
    await driver.run(numbers.client.close)


async def test_what_a_slow_consumer_misses_is_missed_and_dropped(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MAX_EVENTS", 3)
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 2)
    numbers = await watched(driver)
    stream = await driver.run(numbers.client.subscribe)
    numbers.changes()
    for _ in range(7):
        numbers.server.deliver(closed())
    changes = numbers.changes()
    assert (changes["missed"], changes["dropped"], changes["received"]) == (4, 4, 7)
    for _ in range(3):
        await driver.run(stream.next, 10)
    with pytest.raises(SlowConsumerError) as caught:
        await driver.run(stream.next, 10)
    assert caught.value.dropped == 4
    numbers.server.notify("afterwards")
    assert (await driver.run(stream.next, 10)).method == "afterwards"
    await driver.run(numbers.client.close)


async def test_deltas_that_become_one_are_merged_and_not_dropped(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MERGE_ABOVE", 0)
    numbers = await watched(driver)
    stream = await driver.run(numbers.client.subscribe)
    numbers.changes()
    for text in ["a", "b", "c"]:
        numbers.server.deliver(delta(text))
    assert numbers.changes() == {"received": 3, "queued": 1, "merged": 2}
    assert (await driver.run(stream.next, 10)).payload.delta == "abc"
    await driver.run(numbers.client.close)


async def test_a_request_that_is_sent_again_is_a_retry(driver: Driver) -> None:
    seen: list[Any] = []

    def respond(message: dict[str, Any]) -> Iterable[bytes]:
        seen.append(message["id"])
        return [failure(message["id"], -32001) if len(seen) < 3 else result(message["id"], {})]

    policy = OverloadRetry(first_delay=0.001, max_delay=0.001)
    numbers = await watched(driver, MemoryServer(respond), overload_retry=policy)
    await driver.run(numbers.client.account_logout)
    assert numbers.changes() == {"received": 3, "retries": 2}
    await driver.run(numbers.client.close)


async def test_the_counts_outlive_the_connection_and_the_present_does_not(driver: Driver) -> None:
    numbers = await watched(driver)
    stream = await driver.run(numbers.client.subscribe)
    numbers.server.deliver(started() + closed("A"))
    call = asyncio.ensure_future(driver.run(numbers.client.account_logout))
    await until(lambda: numbers.server.requests)
    numbers.changes()
    numbers.server.hang_up()
    await asyncio.gather(call, return_exceptions=True)
    assert numbers.changes() == {
        "in_flight": -1,
        "active_turns": -1,
        "consumers": -1,
        "queued": -2,
    }
    await driver.run(numbers.client.close)
    assert numbers.client.stats().received == 3
    assert stream.is_closed
