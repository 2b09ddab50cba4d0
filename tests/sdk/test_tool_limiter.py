"""How many calls of a tool are at work at once."""

from __future__ import annotations

import asyncio
import threading

from openai_codex.tools.limiter import Limiter

WHILE = 20
"""How long to wait for what is to come soon, in seconds."""


async def test_so_many_are_let_in_and_the_next_ones_in_order() -> None:
    limiter, inside, most = Limiter(2), list[int](), 0
    order: list[int] = []

    async def work(number: int) -> None:
        nonlocal most
        with await limiter.place():
            order.append(number)
            inside.append(number)
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(number)

    await asyncio.gather(*map(work, range(10)))

    assert (most, order) == (2, list(range(10)))


async def test_whoever_gives_up_in_line_leaves_its_place_to_the_next() -> None:
    limiter = Limiter(1)
    held = await limiter.place()

    async def wait() -> str:
        with await limiter.place():
            return "in"

    first, second, third = [asyncio.ensure_future(wait()) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    held.leave()
    second.cancel()  # which it has been let in for
    assert await asyncio.wait_for(third, WHILE) == "in"
    assert await asyncio.wait_for(wait(), WHILE) == "in"


async def test_a_place_that_is_left_twice_is_left_once() -> None:
    limiter = Limiter(1)
    place = await limiter.place()

    place.leave()
    place.leave()

    await limiter.place()
    waiting = asyncio.ensure_future(limiter.place())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


def ignore(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Handle what an event loop complains about."""


def test_whoever_waits_in_a_loop_that_is_closed_is_passed_over() -> None:
    limiter = Limiter(1)
    other = asyncio.new_event_loop()
    held = other.run_until_complete(limiter.place())
    lost = other.create_task(limiter.place())
    other.run_until_complete(asyncio.sleep(0))
    other.set_exception_handler(ignore)  # it is told of the lost task
    other.close()

    held.leave()

    asyncio.run(asyncio.wait_for(limiter.place(), WHILE)).leave()
    assert not lost.done()


def test_it_holds_over_event_loops_and_threads() -> None:
    limiter, lock = Limiter(1), threading.Lock()
    meetings = 0

    async def work() -> None:
        nonlocal meetings
        for _ in range(20):
            with await limiter.place():
                meetings += not lock.acquire(blocking=False)
                await asyncio.sleep(0)
                lock.release()

    threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WHILE)

    assert meetings == 0
    assert not any(thread.is_alive() for thread in threads)


async def test_without_a_limit_nobody_waits() -> None:
    limiter = Limiter(None)

    with await limiter.place(), await limiter.place(), await limiter.place():
        pass
