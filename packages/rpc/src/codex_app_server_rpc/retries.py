"""Sending a request again that the server was too busy to execute.

Only -32001 is ever sent again: it says that the request was *not executed*. Everything else that
goes wrong is the caller's to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import OVERLOADED, RetryLimitExceededError, ServerBusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tenacity import RetryCallState

    from codex_app_server_rpc.deadline import Deadline

__all__ = ["OverloadRetry", "is_overload"]


def is_overload(error: BaseException) -> bool:
    """Tell whether an error says that the server did not execute the request, for now.

    Only -32001 says so, not the overload markers that other errors may carry in ``data``. A server
    that reports its own retries as used up (`RetryLimitExceededError`) is not asked again.
    """
    is_busy = isinstance(error, ServerBusyError) and error.code == OVERLOADED
    return is_busy and not isinstance(error, RetryLimitExceededError)


@dataclass(frozen=True)
class OverloadRetry:
    """How often and how patiently to send a request again that met an overloaded server.

    The delays are random, up to a bound that doubles each time, so that many clients do not come
    back all at once. No delay goes beyond the deadline of the request: the server's refusal is
    raised instead.

    Attributes:
        attempts: How often a request is sent at most, the first time included.
        first_delay: The bound of the first delay, in seconds.
        max_delay: What the bound grows to at most, in seconds.
    """

    attempts: int = 8
    first_delay: float = 0.25
    max_delay: float = 8.0

    def rules(self, deadline: Deadline, on_retry: Callable[[], None]) -> dict[str, Any]:
        """Say this in the words of ``tenacity``.

        Args:
            deadline: When to stop.
            on_retry: Called before each further attempt.
        """
        import tenacity

        def is_over(state: RetryCallState) -> bool:
            remaining = deadline.remaining()
            too_late = remaining is not None and state.upcoming_sleep >= remaining
            return too_late or state.attempt_number >= self.attempts

        def before_sleep(state: RetryCallState) -> None:
            on_retry()

        return {
            "retry": tenacity.retry_if_exception(is_overload),
            "wait": tenacity.wait_random_exponential(self.first_delay, self.max_delay),
            "stop": is_over,
            "before_sleep": before_sleep,
            "reraise": True,
        }
