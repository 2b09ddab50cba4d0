"""Calling a blocking function beside the event loop."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextvars import ContextVar
from typing import Any

import pytest
from codex_app_server_rpc.threads import discard, in_thread

WHO: ContextVar[str] = ContextVar("who")


async def test_the_function_runs_in_a_thread_of_its_own_in_the_callers_context() -> None:
    WHO.set("the caller")

    def where(_: None) -> tuple[str, str]:
        return threading.current_thread().name, WHO.get()

    assert await in_thread(where, None, name="aside") == ("aside", "the caller")


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (ValueError("no"), ValueError),
        (StopIteration(), RuntimeError),
        (KeyboardInterrupt(), RuntimeError),
        (SystemExit(), SystemExit),
    ],
)
async def test_what_the_function_raises_is_raised(
    raised: BaseException, seen: type[BaseException]
) -> None:
    def fail(_: None) -> None:
        raise raised

    with pytest.raises(seen):
        await in_thread(fail, None, name="aside")


async def test_a_coroutine_that_nobody_awaits_is_closed() -> None:
    gate = threading.Event()
    begun = threading.Event()
    done = threading.Event()

    async def late() -> None: ...

    def give(_: None) -> Any:
        begun.set()
        gate.wait(10)
        done.set()
        return late()

    task = asyncio.ensure_future(in_thread(give, None, name="aside"))
    while not begun.is_set():
        await asyncio.sleep(0)
    task.cancel()
    gate.set()
    while not done.is_set():
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    while any(thread.name == "aside" for thread in threading.enumerate()):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()  # a coroutine that was never awaited would warn, which is an error


async def test_a_coroutine_that_comes_with_the_cancellation_is_closed() -> None:
    async def late() -> None: ...

    made: list[Any] = []

    def give(_: None) -> Any:
        made.append(late())
        return made[0]

    task = asyncio.ensure_future(in_thread(give, None, name="aside"))
    await asyncio.sleep(0)
    while not made or any(thread.name == "aside" for thread in threading.enumerate()):
        pass  # the result waits for the event loop, which this keeps busy
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert made[0].cr_frame is None


@pytest.mark.parametrize("thing", [None, 7, "text", object()])
def test_what_is_nothing_to_await_is_left_alone(thing: object) -> None:
    discard(thing)
