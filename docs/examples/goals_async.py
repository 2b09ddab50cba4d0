"""Give a thread a goal, see how far it is, and tell when it is reached.

Run it with `python docs/examples/goals_async.py`.
"""

from __future__ import annotations

import asyncio

from openai_codex import AsyncCodex
from openai_codex.types import ThreadGoal, ThreadGoalStatus


async def main() -> None:
    """Set a goal, work on it, and end it."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        # Paused: this program says when to work. The runtime goes on with an active goal by itself.
        goal = await thread.set_goal(
            "Every function here has a docstring.",
            status=ThreadGoalStatus.paused,
            token_budget=50_000,
        )
        show(goal)
        result = await thread.run("What is missing for the goal? Answer in one sentence.")
        print(result.final_response)
        goal = await thread.set_goal(status=ThreadGoalStatus.complete)
        show(goal)
        print(f"given up: {await thread.clear_goal()}")
        print(f"goal now: {await thread.goal()}")


def show(goal: ThreadGoal) -> None:
    """Print how it stands with a goal."""
    budget = goal.token_budget or "any number of"
    print(f"{goal.status.value}: {goal.objective} ({goal.tokens_used} of {budget} tokens)")


if __name__ == "__main__":
    asyncio.run(main())
