"""Clients that are started and closed, and clients that fail to start."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path
from typing import TypeAlias

import pytest
from codex_app_server_rpc import LaunchError, RequestTimeoutError, TransportClosedError

from tests.rpc.driver import IDENTITY, Driver, SyncDriver
from tests.soak.site import PATIENCE, Site

__all__ = ["Cycle", "run_cycles"]

Cycle: TypeAlias = Callable[[Driver], Awaitable[None]]
"""One client from its start to its end."""

LANES = 4
"""How many clients there are at once."""

TICK = 0.05
"""How long a handshake may take that never ends, in seconds."""


async def run_cycles(driver: Driver, number: int) -> None:
    """Start and close so many clients, some at a time, each in another way.

    Args:
        driver: Which of the two clients.
        number: How many.
    """
    cycles = COMMON if isinstance(driver, SyncDriver) else [*COMMON, is_cancelled_in_its_start]
    numbers = iter(range(number))

    async def lane() -> None:
        for place in numbers:
            await asyncio.wait_for(cycles[place % len(cycles)](driver), PATIENCE)

    await asyncio.gather(*(lane() for _ in range(min(LANES, number))))


async def is_closed_at_once(driver: Driver) -> None:
    site = Site(driver)
    await site.open()
    await site.close()


async def is_closed_after_work(driver: Driver) -> None:
    site = Site(driver)
    await site.open()
    try:
        assert await site.read("/echo") == "/echo"
        result = await site.run((await site.thread()).run, "say 2")
        assert result.final_response == "word0 word1 "
        assert not site.left(), site.left()
    finally:
        await site.close()


async def is_closed_in_a_turn(driver: Driver) -> None:
    site = Site(driver)
    await site.open()
    try:
        stream = await site.start_turn("hold 2")
        await site.run((await site.thread()).turn, "hold 2")
        site.client.subscribe()
    finally:
        await site.close()
    assert stream.is_over  # it was interrupted


async def is_killed(driver: Driver) -> None:
    site = Site(driver)
    await site.open()
    await site.start_turn("hold 2")
    await site.close(mode="kill")


async def is_lost(driver: Driver) -> None:
    site = Site(driver)
    await site.open()
    try:
        await site.lose()
    finally:
        await site.close()


async def finds_no_program(driver: Driver) -> None:
    with pytest.raises(LaunchError):
        await driver.open(driver.stdio_class([str(Path(__file__).with_name("nowhere"))]))


async def finds_a_dead_program(driver: Driver) -> None:
    with pytest.raises(TransportClosedError):
        await driver.open(driver.stdio_class([sys.executable, "-S", "-E", "-c", "exit(3)"]))


async def finds_a_silent_program(driver: Driver) -> None:
    transport = driver.stdio_class(["sleep", "900"])
    with pytest.raises(RequestTimeoutError):
        await driver.open(transport, request_timeout=TICK)


async def is_cancelled_in_its_start(driver: Driver) -> None:
    client = driver.client_class(driver.stdio_class(["sleep", "900"]), identity=IDENTITY)
    start = asyncio.ensure_future(client.start())
    for _ in range(next(_steps)):
        await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start


_steps = cycle(range(1, 20))


COMMON: list[Cycle] = [
    is_closed_at_once,
    is_closed_after_work,
    is_closed_in_a_turn,
    is_killed,
    is_lost,
    finds_no_program,
    finds_a_dead_program,
    finds_a_silent_program,
]
