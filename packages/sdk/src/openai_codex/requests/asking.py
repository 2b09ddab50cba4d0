"""Asking a user's callable, be it plain or async."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from codex_app_server_rpc.threads import discard, in_thread

from openai_codex.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

__all__ = ["After", "ask", "check_callable", "is_async"]

ArgumentT = TypeVar("ArgumentT")
ResultT = TypeVar("ResultT")


class After(Generic[ArgumentT, ResultT]):
    """What is made of an awaitable's result. Closing it unbegun closes that, as a coroutine."""

    def __init__(
        self, first: Awaitable[ArgumentT], then: Callable[[ArgumentT], Awaitable[ResultT]]
    ) -> None:
        """Make what ``then`` makes of what ``first`` gives."""
        self._first = first
        self._then = then

    def __await__(self) -> Generator[Any, Any, ResultT]:
        """Wait for the one, and for the other."""
        result = yield from self._first.__await__()
        return (yield from self._then(result).__await__())

    def close(self) -> None:
        """Close what nobody will await."""
        discard(self._first)


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


def check_callable(name: str, value: object) -> None:
    """Refuse what is no function of one argument; a class makes objects, and decides nothing.

    Raises:
        InvalidArgumentError: It is none.
    """
    if not callable(value) or isinstance(value, type):
        raise InvalidArgumentError(
            f"{name} is a function that takes a request, not {_called(value)}"
        )


def _called(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"of type {type(value).__name__}"
