"""Handlers that leave requests open, or stay at work, and what the server asks them."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import LATER, Later

from tests.rpc.driver import Driver, until
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.schema_examples import minimal_params

__all__ = [
    "ACCEPT",
    "ACCEPTED",
    "APPROVAL",
    "DECLINE",
    "DECLINED",
    "PARAMS",
    "Parking",
    "Waiting",
    "ask",
    "open_client",
    "outcome",
    "problems",
]

APPROVAL = "item/fileChange/requestApproval"
PARAMS = {
    **minimal_params("ServerRequest", APPROVAL),
    "threadId": "T",
    "turnId": "U",
    "itemId": "I",
}
ACCEPTED = {"decision": "accept"}
DECLINED = {"decision": "decline"}
ACCEPT = types.FileChangeRequestApprovalResponse.from_wire(ACCEPTED)
DECLINE = types.FileChangeRequestApprovalResponse.from_wire(DECLINED)


class Parking:
    """A handler that leaves every request open.

    Attributes:
        items: The items that it was asked for, in order.
    """

    def __init__(self) -> None:
        self.items: list[str] = []

    def plain(self, params: types.FileChangeRequestApprovalParams) -> Later:
        self.items.append(params.item_id)
        return LATER

    async def coroutine(self, params: types.FileChangeRequestApprovalParams) -> Later:
        return self.plain(params)


class Waiting:
    """A coroutine handler that waits for ever, and what became of it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.cancelled = threading.Event()

    async def handler(self, params: Any) -> types.FileChangeRequestApprovalResponse:
        self.entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError


async def open_client(driver: Driver, server: MemoryServer, handler: Any, **options: Any) -> Any:
    """Make a client with a handler of approvals."""
    handlers = driver.handlers(item_file_change_request_approval=handler)
    return await driver.open_memory(server, handlers=handlers, **options)


async def ask(server: MemoryServer, parking: Parking, count: int = 1) -> None:
    """Let the server ask for approvals, and wait until all of them are left open."""
    for number in range(count):
        server.ask(number, APPROVAL, {**PARAMS, "itemId": str(number)})
    await until(lambda: len(parking.items) == count)


async def outcome(responding: Any) -> type[BaseException] | None:
    """Tell what a `respond` has raised."""
    try:
        await responding
    except BaseException as error:
        return type(error)
    return None


def problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List what was logged as a warning or worse."""
    return [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]
