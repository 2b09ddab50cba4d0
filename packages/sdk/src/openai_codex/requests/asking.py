"""Asking a user's callable, be it plain or async."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, TypeVar, cast

from codex_app_server_rpc.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["ask"]

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")


async def ask(
    function: Callable[[ArgumentT], ResultT | Awaitable[ResultT]], argument: ArgumentT
) -> ResultT:
    """Call a function off the event loop, or await what an async one gives.

    Cancelled, an async function is cancelled too; a plain one runs on, and what it gives is
    dropped.
    """
    if is_async(function):
        return await cast("Awaitable[ResultT]", function(argument))
    result = await in_thread(function, argument, name="codex-asking")
    return await cast("Awaitable[ResultT]", result) if inspect.isawaitable(result) else result


def is_async(function: object) -> bool:
    """Tell whether a callable is an ``async def``, or an object whose call is one."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - it is looked at, not whether it is there
    )
