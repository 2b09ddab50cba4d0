"""Everything at once, for a number of seconds, with servers that come and go."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import TypeAlias

import pytest
from openai_codex import InvalidRequestError, TransportClosedError, UsageError

from tests.rpc.driver import AsyncDriver, Driver, SyncDriver
from tests.soak.cancellations import Act, ways
from tests.soak.conversations import CONVERSATIONS
from tests.soak.site import PATIENCE, Site

__all__ = ["mix_traffic"]

HERE = str(Path(__file__).parent)

Workers: TypeAlias = "dict[asyncio.Task[None], str]"
"""Those who are at work at a site, by what they do."""
Ending: TypeAlias = "Callable[[Site, Workers], Awaitable[None]]"
"""How a client comes to its end."""


_seeds = count()


async def mix_traffic(seconds: float) -> None:
    """Have both clients busy with everything that can be done, until the time is up.

    One of each has its servers for a while, then closes or loses them, and a new client follows.
    The while is up to five seconds, but short enough for every way to end. Another one of each
    stays the whole time, and must end with nothing in its tables.

    Args:
        seconds: For how long.
    """
    end = time.monotonic() + seconds
    life = min(5.0, seconds / (2 * len(ENDINGS)))
    await asyncio.gather(
        *(_live(driver, end, life, ENDINGS) for driver in (SyncDriver(), AsyncDriver())),
        *(_live(driver, end, seconds, [rests_before]) for driver in (SyncDriver(), AsyncDriver())),
    )


async def _live(driver: Driver, end: float, life: float, endings: Sequence[Ending]) -> None:
    """Have one client after the other."""
    try:
        for ending in cycle(endings):
            site = Site(driver, seed=next(_seeds))
            await site.open()
            workers = {
                asyncio.ensure_future(_work(site, act)): act.__name__
                for act in (*CONVERSATIONS, *ways(site))
            }
            try:
                # They stop by themselves only if something goes wrong.
                await asyncio.wait(workers, timeout=life, return_when=asyncio.FIRST_COMPLETED)
                await ending(site, workers)
            finally:
                await site.close(mode="kill")
                await asyncio.wait(workers, timeout=PATIENCE)
            assert not site.left(), site.left()
            if time.monotonic() > end:
                return
    finally:
        driver.close()


async def _work(site: Site, act: Act) -> None:
    """Do something over and over."""
    while not site.resting:
        try:
            await act(site)
        except BaseException as error:
            if site.ending and _is_to_be_expected(error):
                return
            raise


def _is_to_be_expected(error: BaseException) -> bool:
    """Tell whether an act may end like this at the end: cut off, or with another outcome.

    A turn that was to be stopped or steered may just have been ended by the closing.
    """
    if isinstance(error, (TransportClosedError, UsageError, InvalidRequestError)):
        return True
    if isinstance(error, AssertionError):  # there are others than ours
        return traceback.extract_tb(error.__traceback__)[-1].filename.startswith(HERE)
    return isinstance(error, pytest.fail.Exception)


async def _done(workers: Workers) -> None:
    """Wait for everybody."""
    done, late = await asyncio.wait(workers, timeout=PATIENCE)
    errors = {workers[worker]: error for worker in done if (error := worker.exception())}
    for act, error in errors.items():
        raise AssertionError(f"{act}: {error!r}; in all, these failed: {[*errors]}") from error
    assert not late, f"these hang: {[workers[worker] for worker in late]}"


# --- how a client comes to its end -----------------------------------------------------------


async def rests_before(site: Site, workers: Workers) -> None:
    site.resting = True
    await _done(workers)
    assert not site.left(), site.left()
    await site.close()


async def is_closed(site: Site, workers: Workers) -> None:
    await site.close()
    await _done(workers)


async def is_drained(site: Site, workers: Workers) -> None:
    await site.close(mode="drain", timeout=1)
    await _done(workers)


async def is_killed(site: Site, workers: Workers) -> None:
    await site.close(mode="kill")
    await _done(workers)


async def is_lost(site: Site, workers: Workers) -> None:
    await site.lose()
    await _done(workers)


ENDINGS: list[Ending] = [
    rests_before,
    is_closed,
    is_drained,
    is_killed,
    is_lost,
]
