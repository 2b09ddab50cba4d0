"""Trying again what the runtime was too busy for."""

from __future__ import annotations

import random
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from openai_codex.arguments import check
from openai_codex.errors import InvalidArgumentError, ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenacity import RetryCallState

__all__ = ["async_retry_on_overload", "is_retryable_error", "retry_on_overload"]

ResultT = TypeVar("ResultT")


def is_retryable_error(exc: BaseException) -> bool:
    """Tell whether an error says that the runtime is overloaded, so that trying again may help.

    Args:
        exc: What was raised.
    """
    return isinstance(exc, ServerBusyError)


def retry_on_overload(
    op: Callable[[], ResultT],
    *,
    max_attempts: int = 3,
    initial_delay_s: float = 0.25,
    max_delay_s: float = 2.0,
    jitter_ratio: float = 0.2,
) -> ResultT:
    """Do something, and again while the runtime is overloaded; everything else is raised at once.

    For single requests there is ``CodexConfig.overload_retry``. This is for whole operations, such
    as ``lambda: thread.run("...")``, which may have been begun when the overload is reported: it
    is for the caller to know that they can be done twice.

    Args:
        op: What to do.
        max_attempts: How often to do it at most, the first time included.
        initial_delay_s: How long to wait before the second attempt, in seconds; twice as long
            before each further one.
        max_delay_s: How long to wait at most, in seconds.
        jitter_ratio: By which part of itself a delay is made longer or shorter, at random.

    Returns:
        What ``op`` returned.

    Raises:
        InvalidArgumentError: There is nothing to call, or the numbers make no sense.
        ServerBusyError: The runtime was overloaded the last time too.
    """
    from tenacity import Retrying

    return Retrying(**_rules(op, max_attempts, initial_delay_s, max_delay_s, jitter_ratio))(op)


async def async_retry_on_overload(
    op: Callable[[], Awaitable[ResultT]],
    *,
    max_attempts: int = 3,
    initial_delay_s: float = 0.25,
    max_delay_s: float = 2.0,
    jitter_ratio: float = 0.2,
) -> ResultT:
    """Do something, and again while the runtime is overloaded; everything else is raised at once.

    For single requests there is ``CodexConfig.overload_retry``. This is for whole operations, such
    as ``lambda: thread.run("...")``, which may have been begun when the overload is reported: it
    is for the caller to know that they can be done twice.

    Args:
        op: What to do.
        max_attempts: How often to do it at most, the first time included.
        initial_delay_s: How long to wait before the second attempt, in seconds; twice as long
            before each further one.
        max_delay_s: How long to wait at most, in seconds.
        jitter_ratio: By which part of itself a delay is made longer or shorter, at random.

    Returns:
        What ``op`` returned.

    Raises:
        InvalidArgumentError: There is nothing to call, or the numbers make no sense.
        ServerBusyError: The runtime was overloaded the last time too.
    """
    from tenacity import AsyncRetrying

    async def attempt() -> ResultT:
        return await op()  # of which tenacity sees only if it is a coroutine function

    rules = _rules(op, max_attempts, initial_delay_s, max_delay_s, jitter_ratio)
    return await AsyncRetrying(**rules)(attempt)


def _rules(
    op: object, attempts: int, initial: float, longest: float, jitter: float
) -> dict[str, Any]:
    """Say it in the words of ``tenacity``, if it makes sense."""
    import tenacity

    if not callable(op):
        given = type(op).__name__
        raise InvalidArgumentError(f"op is called, as in `lambda: thread.run(...)`; not a {given}")

    check("max_attempts", attempts, "a number", int)
    for name, number in (("initial_delay_s", initial), ("max_delay_s", longest)):
        check(name, number, "a number of seconds", int, float)
        if not 0 <= number < inf:
            raise InvalidArgumentError(f"{name} is a number of seconds, not {number!r}")
    check("jitter_ratio", jitter, "a number", int, float)
    if attempts < 1:
        raise InvalidArgumentError(f"max_attempts is at least 1, not {attempts!r}")
    if not 0 <= jitter <= 1:
        raise InvalidArgumentError(f"jitter_ratio is from 0 to 1, not {jitter!r}")

    def delay(state: RetryCallState) -> float:
        doublings = min(state.attempt_number - 1, 64)  # beyond that, any delay is the longest
        base = min(longest, initial * 2.0**doublings)
        return min(longest, base * random.uniform(1 - jitter, 1 + jitter))

    return {
        "retry": tenacity.retry_if_exception(is_retryable_error),
        "wait": delay,
        "stop": tenacity.stop_after_attempt(attempts),
        "reraise": True,
    }
