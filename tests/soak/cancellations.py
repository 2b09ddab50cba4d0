"""All the ways to be done with a turn before it is over, and a load of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import pytest
from openai_codex import RequestTimeoutError, TurnIdleTimeoutError, TurnTimeoutError

from tests.soak.site import PATIENCE, Site

__all__ = ["Act", "cancel_turns", "ways"]

Act: TypeAlias = Callable[[Site], Awaitable[None]]
"""Something to do at a site, with its outcome checked."""

TICK = 0.01
"""How long whatever is given up may take here, in seconds: it would take for ever."""

STEPS = 80
"""How many rounds of the event loop a task may have before it is cancelled.

A turn's start is answered within some ten of them, but for a loop that is busy otherwise.
"""

LANES = 8
"""How many turns run at once."""


async def cancel_turns(site: Site, number: int, acts: Sequence[Act]) -> None:
    """Start so many turns and be done with each in another way, some at a time.

    Args:
        site: Where.
        number: How many turns.
        acts: The ways.
    """
    numbers = iter(range(number))

    async def lane() -> None:
        for place in numbers:
            await asyncio.wait_for(acts[place % len(acts)](site), PATIENCE)

    await asyncio.gather(*(lane() for _ in range(min(LANES, number))))


def ways(site: Site, *, real: bool = False) -> list[Act]:
    """List the ways that there are with a client.

    Args:
        site: Where.
        real: Whether only those that the real runtime can play are wanted.
    """
    acts = BOTH if site.is_sync else [*BOTH, *BY_CANCELLATION]
    return [act for act in acts if act in REAL] if real else acts


def _check_kind(error: Exception, kind: type[TurnTimeoutError]) -> None:
    """See that it was the turn that took too long, or its start on a loop that is busy."""
    if isinstance(error, TurnTimeoutError):
        assert type(error) is kind
        assert error.result.status == "interrupted"
    else:
        assert isinstance(error, RequestTimeoutError)
        assert error.method == "turn/start"


# --- in both clients -------------------------------------------------------------------------


async def runs_out_of_time(site: Site) -> None:
    thread = await site.thread()
    with pytest.raises((TurnTimeoutError, RequestTimeoutError)) as caught:
        await site.run(thread.run, "hold 2", timeout=TICK)
    _check_kind(caught.value, TurnTimeoutError)


async def idles(site: Site) -> None:
    thread = await site.thread()
    with pytest.raises((TurnTimeoutError, RequestTimeoutError)) as caught:
        await site.run(thread.run, "hold 2", idle_timeout=TICK)
    _check_kind(caught.value, TurnIdleTimeoutError)


async def leaves_the_loop(site: Site) -> None:
    handle = await site.run((await site.thread()).turn, "hold 2")
    await _begin(site, handle)
    assert (await site.run(handle.run)).status == "interrupted"


async def leaves_the_loop_of_a_detached_turn(site: Site) -> None:
    handle = await site.run((await site.thread()).turn, "hold 2", on_cancel="detach")
    await _begin(site, handle)
    await site.run(handle.steer, "go on")
    assert (await site.run(handle.run)).final_response == "steered"


async def lets_go_of_the_handle(site: Site) -> None:
    handle = await site.run((await site.thread()).turn, "hold 2")
    await site.run(handle.close)
    assert (await site.run(handle.run)).status == "interrupted"


async def has_another_interrupt(site: Site) -> None:
    word = site.random.choice(["hold 2", "mute 2"])
    handle = await site.run((await site.thread()).turn, word)
    async with _beside(site.run(handle.run)) as running:
        await _go_on(site)
        await site.run(handle.interrupt)
        assert (await running).status == "interrupted"


async def has_another_stop(site: Site) -> None:
    stream = await site.start_turn("hold 3")
    async with _beside(site.follow(stream)) as following:
        await _go_on(site)
        assert await site.run(stream.stop)
        await following


async def stops_unread(site: Site) -> None:
    stream = await site.start_turn("hold 3")
    assert await site.run(stream.stop)


async def stops_before_it_has_started(site: Site) -> None:
    handle = await site.run((await site.thread()).turn, "doze")
    await site.run(handle.close)
    assert (await site.run(handle.run)).status == "interrupted"


async def gives_up_the_start(site: Site) -> None:
    word = site.random.choice(["tarry 0", "tarry 1"])
    async with _beside(site.start_turn(word, timeout=TICK)) as starting:
        await asyncio.wait({starting}, timeout=3 * TICK)  # the server says no word
        while not starting.done():
            await site.read("/echo")
    with suppress(RequestTimeoutError):
        await site.run(starting.result().stop)  # somebody else's message was quicker


async def _begin(site: Site, handle: Any) -> None:
    """Read a turn's first event, and leave."""
    if site.is_sync:

        def begin() -> None:
            for _ in handle.stream():
                break

        await site.run(begin)
    else:
        async for _ in handle.stream():
            break


# --- by cancelling a task --------------------------------------------------------------------


async def cancels_run(site: Site) -> None:
    thread = await site.thread()
    await _cancel(site, thread.run("hold 2"))


async def cancels_a_run_that_may_be_over(site: Site) -> None:
    thread = await site.thread()
    await _cancel(site, thread.run(site.random.choice(["say 9", "early 9"])))


async def cancels_a_stream(site: Site) -> None:
    handle = await (await site.thread()).turn("hold 2")
    await _cancel(site, site.follow(handle.stream()))
    assert (await handle.run()).status == "interrupted"


async def cancels_the_start(site: Site) -> None:
    word = site.random.choice(["tarry 0", "tarry 1"])
    async with _beside(site.start_turn(word)) as starting:
        await _go_on(site)
        starting.cancel()
        while not starting.done():
            await site.read("/echo")
    if not starting.cancelled():  # it was too late for that
        await site.run(starting.result().stop)


async def cancels_twice(site: Site) -> None:
    async with _beside((await site.thread()).run("say 9")) as running:
        await _go_on(site)
        running.cancel()
        await asyncio.sleep(0)
        running.cancel()


async def waits_for_a_time(site: Site) -> None:
    thread = await site.thread()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(thread.run("hold 2"), TICK)


async def cancels_a_detached_run(site: Site) -> None:
    handle = await (await site.thread()).turn("hold 2", on_cancel="detach")
    await _cancel(site, handle.run())
    await handle.steer("go on")
    assert (await handle.run()).final_response == "steered"


async def _cancel(site: Site, awaitable: Awaitable[object]) -> None:
    """Cancel something anywhere on its way; it may be over."""
    async with _beside(awaitable) as task:
        await _go_on(site)
        task.cancel()
    with suppress(asyncio.CancelledError):
        task.result()


@asynccontextmanager
async def _beside(awaitable: Awaitable[Any]) -> AsyncGenerator[asyncio.Future[Any], None]:
    """Run something beside what is done here, and leave when it has ended, however that was."""
    task = asyncio.ensure_future(awaitable)
    try:
        yield task
    finally:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # somebody has looked at it


async def _go_on(site: Site) -> None:
    """Let everybody go on for a while; what was just started gets to its first waiting."""
    for _ in range(site.random.randrange(1, STEPS)):
        await asyncio.sleep(0)


BOTH: list[Act] = [
    runs_out_of_time,
    idles,
    leaves_the_loop,
    leaves_the_loop_of_a_detached_turn,
    lets_go_of_the_handle,
    has_another_interrupt,
    has_another_stop,
    stops_unread,
    stops_before_it_has_started,
    gives_up_the_start,
]

BY_CANCELLATION: list[Act] = [
    cancels_run,
    cancels_a_run_that_may_be_over,
    cancels_a_stream,
    cancels_the_start,
    cancels_twice,
    waits_for_a_time,
    cancels_a_detached_run,
]

REAL: list[Act] = [
    runs_out_of_time,
    idles,
    leaves_the_loop,
    lets_go_of_the_handle,
    has_another_interrupt,
    stops_before_it_has_started,
    cancels_run,
    cancels_a_stream,
    waits_for_a_time,
]
"""Those whose turns only wait."""
