"""An item of a newer server, of a known kind but without what its type requires, does no harm."""

from __future__ import annotations

import pytest
from codex_app_server_rpc import InvalidResponseError, Notification, ServerRequest
from codex_app_server_types import (
    CommandExecutionRequestApprovalParams,
    ItemCompletedNotification,
    UnknownThreadItem,
)

from tests.rpc.driver import Driver
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.schema_examples import minimal, minimal_params
from tests.rpc.wire import result

GROWN = {"type": "agentMessage", "id": "a", "pieces": ["Hel", "lo."]}


async def test_a_thread_with_it_in_its_history_is_read(driver: Driver) -> None:
    answer = minimal("ThreadReadResponse")
    answer["thread"]["turns"] = [{"id": "t", "items": [GROWN], "status": "completed"}]
    server = MemoryServer(lambda message: [result(message["id"], answer)])
    client = await driver.open_memory(server)

    read = await driver.run(client.thread_read, thread_id="x", include_turns=True)

    [item] = read.thread.turns[0].items
    assert isinstance(item, UnknownThreadItem)
    assert item.to_wire() == GROWN
    await driver.run(client.close)


async def test_an_answer_that_lacks_anything_else_is_an_error(driver: Driver) -> None:
    answer = minimal("ThreadReadResponse")
    answer["thread"]["turns"] = [{"id": "t", "items": [GROWN]}]
    server = MemoryServer(lambda message: [result(message["id"], answer)])
    client = await driver.open_memory(server)

    with pytest.raises(InvalidResponseError, match=r"turns\.0\.items\.0"):
        await driver.run(client.thread_read, thread_id="x", include_turns=True)
    await driver.run(client.close)


def test_its_notification_has_its_type() -> None:
    params = minimal_params("ServerNotification", "item/completed")

    payload = Notification("item/completed", {**params, "item": GROWN}).payload

    assert isinstance(payload, ItemCompletedNotification)
    assert isinstance(payload.item, UnknownThreadItem)


def test_a_request_is_read_although_a_part_of_it_is_newer() -> None:
    method = "item/commandExecution/requestApproval"
    params = minimal_params("ServerRequest", method)
    newer = {**params, "commandActions": [{"type": "read", "file": "note.txt"}]}

    decoded = ServerRequest(0, method, newer).decode()

    assert isinstance(decoded, CommandExecutionRequestApprovalParams)
    assert decoded.to_wire() == newer
