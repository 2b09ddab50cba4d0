"""Clients, turns and traffic of all kinds leave everything as it was.

In the short form here, or as long as one likes: ``pytest tests/soak --soak-cycles=1000
--soak-turns=1000 --soak-minutes=10 -v``.
"""

from __future__ import annotations

from functools import partial

from tests.rpc.driver import Driver
from tests.rpc.processes import on_linux
from tests.soak.cancellations import cancel_turns, ways
from tests.soak.conftest import Sizes
from tests.soak.cycles import run_cycles
from tests.soak.endurance import MIB, Report, Tolerance, endure
from tests.soak.runtime import cancel_runtime_turns, run_runtime_cycles
from tests.soak.site import PATIENCE, Site
from tests.soak.traffic import mix_traffic

pytestmark = on_linux

REAL = 20
"""Of so many pieces of work, one is done with the real runtime too: it takes its time."""

RUNTIME = Tolerance(blocks=2000, resident=8 * MIB)
"""The model and the home are in this process too, as threads and sockets."""

TRAFFIC = Tolerance(blocks=20_000, blocks_each=5, resident=8 * MIB)
"""Here are hundreds of turns and requests in a second, so little is forgotten if it is within this.

It must be more than what the JSON parser's caches may take yet: see `tests.soak.footprint`.
"""


async def test_clients_that_come_and_go_leave_nothing(
    driver: Driver, sizes: Sizes, report: Report
) -> None:
    load = partial(run_cycles, driver)
    await endure(load, sizes.cycles, warm_up=9, step=100, limit=2 * PATIENCE, report=report)


async def test_runtimes_that_come_and_go_leave_nothing(
    driver: Driver, sizes: Sizes, report: Report
) -> None:
    await endure(
        partial(run_runtime_cycles, driver),
        max(2, sizes.cycles // REAL),
        warm_up=1,
        step=10,
        limit=2 * PATIENCE,
        report=report,
        tolerance=RUNTIME,
    )


async def test_cancelled_turns_leave_nothing(driver: Driver, sizes: Sizes, report: Report) -> None:
    site = Site(driver)
    await site.open()

    async def load(number: int) -> None:
        await cancel_turns(site, number, ways(site))
        await site.read("/echo")  # what the servers have said before has come by now
        await site.thread()
        assert not site.left(), site.left()

    try:
        await endure(load, sizes.turns, warm_up=32, step=100, limit=PATIENCE, report=report)
    finally:
        await site.close()


async def test_cancelled_turns_of_the_runtime_leave_nothing(
    driver: Driver, sizes: Sizes, report: Report
) -> None:
    await endure(
        partial(cancel_runtime_turns, driver),
        max(16, sizes.turns // REAL),
        warm_up=8,
        step=50,
        limit=2 * PATIENCE,
        report=report,
        tolerance=RUNTIME,
    )


async def test_mixed_traffic_leaves_nothing(sizes: Sizes, report: Report) -> None:
    seconds = round(60 * sizes.minutes)
    step = min(30, max(1, seconds // 2))
    await endure(
        mix_traffic,
        seconds,
        warm_up=step,
        step=step,
        limit=step + 2 * PATIENCE,
        report=report,
        tolerance=TRAFFIC,
    )
