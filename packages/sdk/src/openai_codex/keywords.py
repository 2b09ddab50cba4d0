"""Keywords that do not exist, and what they are called here.

The protocol writes ``modelProvider``, Python ``model_provider``. Whoever takes a keyword over from
the protocol is told so.
"""

from __future__ import annotations

import inspect
import re
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from openai_codex.errors import ArgumentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["keywords_checked"]

__tracebackhide__ = True  # pytest shows the frames of users

FunctionT = TypeVar("FunctionT", bound="Callable[..., Any]")

_RENAMED: Final = {
    "approval_policy": "approval_mode",
    "approvals_reviewer": "approval_mode",
    "exclude_turns": "include_turns",  # of which it is the opposite
    "limit": "page_size",
    "page_size": "limit",
    "sandbox_policy": "sandbox",
    "service_tier_for_turn": "turn_service_tier",
    "turn_trigger": "source",
}
"""What is not just spelt otherwise in the protocol."""


def keywords_checked(function: FunctionT) -> FunctionT:
    """Have a function refuse keywords that it does not have, by name, with the right spelling.

    Args:
        function: A plain function or a coroutine function, without ``**kwargs``.

    Returns:
        The same, as far as anybody can tell.

    Raises:
        ArgumentTypeError: When it is called with such a keyword.
    """
    known = frozenset(inspect.signature(function).parameters)
    name = function.__name__
    if name == "__init__":
        name = function.__qualname__.split(".")[-2]

    if inspect.iscoroutinefunction(function):

        @wraps(function)
        async def checked_coroutine(*args: Any, **kwargs: Any) -> Any:
            _check(name, kwargs, known)
            return await function(*args, **kwargs)

        return cast("FunctionT", checked_coroutine)

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        _check(name, kwargs, known)
        return function(*args, **kwargs)

    return cast("FunctionT", checked)


def _check(name: str, given: Collection[str], known: Collection[str]) -> None:
    for keyword in given:
        if keyword not in known:
            raise ArgumentTypeError(f"{name}() has no keyword {keyword}{_hint(keyword, known)}")


def _hint(keyword: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", keyword).lower()
    name = snake if snake in known else _RENAMED.get(snake, snake)
    if name in known:
        how = " (and means the opposite)" if snake == "exclude_turns" else ""
        return f": it is called {name} here{how}"
    close = get_close_matches(snake, sorted(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
