"""Waiting for another thread, and running a blocking callable beside the event loop.

Not in the loop's executor: that is the application's, and a handler that waits for a person would
starve it. A thread of its own is started for the call, and is a daemon: a handler that never
returns does not keep the interpreter alive.
"""

from __future__ import annotations

import inspect
import sys
import threading
from contextvars import copy_context
from itertools import repeat
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["acquire", "discard", "in_thread", "waits"]

_LOOK_UP: Final = 0.1 if sys.platform == "win32" else 0.5
"""How long the main thread waits before it looks whether a signal came, in seconds."""

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")


def acquire(lock: threading.Lock, timeout: float | None) -> bool:
    """Wait for a lock, in such a way that Ctrl-C gets through on every system.

    Args:
        lock: The lock to acquire.
        timeout: How long to wait at most, in seconds; ``None`` for no limit.

    Returns:
        Whether it was acquired.
    """
    # Most often there is nothing to wait for.
    return lock.acquire(blocking=False) or any(map(lock.acquire, repeat(True), waits(timeout)))


def waits(timeout: float | None) -> Iterator[float]:
    """Cut a wait for a lock into pieces: in the main thread, which is to hear signals, short ones.

    Python notes a signal, and handles it when the main thread runs Python code again. A wait for a
    lock ends early only if the system interrupts it in this thread. It does not where the signal
    came just before the wait began, where another thread of the process got it, for
    `_thread.interrupt_main`, and never on Windows. So the main thread looks up every now and then.

    Args:
        timeout: How long to wait at most, in seconds; ``None`` for no limit.

    Yields:
        How long to wait next, in seconds, until the time is up.
    """
    is_main = threading.current_thread() is threading.main_thread()
    piece = _LOOK_UP if is_main else threading.TIMEOUT_MAX
    end = None if timeout is None else monotonic() + timeout
    left = piece
    while left >= piece:
        left = piece if end is None else max(end - monotonic(), 0)
        yield min(left, piece)


def discard(result: object) -> None:
    """Close what nobody will await, if it is something to be awaited."""
    if inspect.isawaitable(result):
        close = getattr(result, "close", None)
        if close is not None:
            close()


async def in_thread(
    function: Callable[[ArgumentT], ResultT], argument: ArgumentT, *, name: str
) -> ResultT:
    """Call a blocking function in a thread of its own.

    Args:
        function: What to call, in the context of the caller (`contextvars`).
        argument: Its argument.
        name: The thread's name.

    Returns:
        What the function returns. If this coroutine is cancelled, the thread runs on and its
        result is dropped.
    """
    import asyncio  # not needed by a sync program

    loop = asyncio.get_running_loop()
    # Not `set_exception`, which refuses a StopIteration.
    outcome: asyncio.Future[tuple[ResultT | None, BaseException | None]] = loop.create_future()

    def deliver(result: ResultT | None, failure: BaseException | None) -> None:
        if not outcome.done():
            outcome.set_result((result, failure))
        else:
            discard(result)

    context = copy_context()

    def run() -> None:
        result: ResultT | None = None
        failure: BaseException | None = None
        try:
            result = context.run(function, argument)
        except KeyboardInterrupt as error:  # its own: none comes to such a thread
            failure = RuntimeError(f"{name} raised KeyboardInterrupt")
            failure.__cause__ = error
        except BaseException as error:  # carried over to the waiting coroutine
            failure = error
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:  # the loop was closed meanwhile
            discard(result)

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        result, failure = await outcome
    except asyncio.CancelledError:
        if outcome.done() and not outcome.cancelled():  # it came at the same time
            discard(outcome.result()[0])
        raise
    if failure is not None:
        raise failure
    return cast("ResultT", result)
