"""What is to be reached on a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_types import UNSET, Unset

from openai_codex.keywords import keywords_checked
from openai_codex.refusals import explained

if TYPE_CHECKING:
    from codex_app_server_rpc import AsyncClient
    from codex_app_server_types import ThreadGoal, ThreadGoalStatus

__all__ = ["AsyncThreadGoals"]


class AsyncThreadGoals:
    """The part of `AsyncThread` that is about its goal."""

    _client: AsyncClient
    id: str

    @keywords_checked
    async def goal(self, *, timeout: float | None | Unset = UNSET) -> ThreadGoal | None:
        """Read the thread's goal (``thread/goal/get``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The goal, with what was used for it; ``None`` if there is none.

        Raises:
            ThreadNotFoundError: The runtime has not loaded the thread.
            InvalidRequestError: The thread is ephemeral: it can have no goal.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            answer = await self._client.thread_goal_get(thread_id=self.id, timeout=timeout)
        return answer.goal or None

    @keywords_checked
    async def set_goal(
        self,
        objective: str | Unset = UNSET,
        *,
        status: ThreadGoalStatus | Unset = UNSET,
        token_budget: int | None | Unset = UNSET,
        timeout: float | None | Unset = UNSET,
    ) -> ThreadGoal:
        """Give the thread a goal, or change it (``thread/goal/set``).

        While a goal is ``active``, the runtime may go on with it in turns of its own.

        Args:
            objective: What is to be reached.
            status: How it stands with it.
            token_budget: How many tokens may be used for it; ``None`` for no limit.
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            The goal as it is now.

        Raises:
            ThreadNotFoundError: The runtime has not loaded the thread.
            InvalidRequestError: There is no goal to change, the budget is none, or the thread is
                ephemeral.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            answer = await self._client.thread_goal_set(
                thread_id=self.id,
                objective=objective,
                status=status,
                token_budget=token_budget,
                timeout=timeout,
            )
        return answer.goal

    @keywords_checked
    async def clear_goal(self, *, timeout: float | None | Unset = UNSET) -> bool:
        """Give the thread's goal up (``thread/goal/clear``).

        Args:
            timeout: How long to wait for the runtime's answer, in seconds; ``None`` for no limit.

        Returns:
            Whether there was one.

        Raises:
            ThreadNotFoundError: The runtime has not loaded the thread.
            RequestTimeoutError: The runtime did not answer in time.
        """
        with explained():
            answer = await self._client.thread_goal_clear(thread_id=self.id, timeout=timeout)
        return answer.cleared
