"""A server in memory that starts and interrupts a turn as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from codex_app_server_rpc import CodexTimeoutError

from tests.rpc.memory_transport import MemoryServer
from tests.rpc.turn_messages import completed, started, turn_result
from tests.rpc.wire import failure, result

__all__ = [
    "INTERRUPT",
    "START",
    "Answer",
    "Message",
    "agreed",
    "begun",
    "interrupted",
    "leftovers",
    "not_taken_in_time",
    "obeyed",
    "refused",
    "serve",
    "silence",
    "soon",
    "start_of",
]

START = "turn/start"
INTERRUPT = "turn/interrupt"
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
