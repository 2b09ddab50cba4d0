"""Running a blocking callable beside the event loop, without the loop's executor.

The executor is the application's; a handler that waits for a person would starve it. A thread
of its own is started for the call, and is a daemon: a handler that never returns does not keep
the interpreter alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_thread"]

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")


async def in_thread(
    function: Callable[[ArgumentT], ResultT], argument: ArgumentT, *, name: str
) -> ResultT:
    """Call a blocking function in a thread of its own.

    Args:
        function: What to call.
        argument: Its argument.
        name: The thread's name.

    Returns:
        What the function returns. If this coroutine is cancelled, the thread runs on and its
        result is dropped.
    """
    loop = asyncio.get_running_loop()
    # Not `set_exception`, which refuses a StopIteration.
    outcome: asyncio.Future[tuple[ResultT | None, BaseException | None]] = loop.create_future()

    def deliver(result: ResultT | None, failure: BaseException | None) -> None:
        if not outcome.done():
            outcome.set_result((result, failure))

    def run() -> None:
        result: ResultT | None = None
        failure: BaseException | None = None
        try:
            result = function(argument)
        except BaseException as error:  # carried over to the waiting coroutine
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(deliver, result, failure)

    threading.Thread(target=run, name=name, daemon=True).start()
    result, failure = await outcome
    if failure is not None:
        raise failure
    return cast("ResultT", result)
