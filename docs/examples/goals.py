"""Give a thread a goal, see how far it is, and tell when it is reached.

Run it with `python docs/examples/goals.py`.
"""

from __future__ import annotations

from openai_codex import Codex
from openai_codex.types import ThreadGoal, ThreadGoalStatus


def main() -> None:
    """Set a goal, work on it, and end it."""
    with Codex() as codex:
        thread = codex.thread_start()
        # Paused: this program says when to work. The runtime goes on with an active goal by itself.
        goal = thread.set_goal(
            "Every function here has a docstring.",
            status=ThreadGoalStatus.paused,
            token_budget=50_000,
        )
        show(goal)
        result = thread.run("What is missing for the goal? Answer in one sentence.")
        print(result.final_response)
        goal = thread.set_goal(status=ThreadGoalStatus.complete)
        show(goal)
        print(f"given up: {thread.clear_goal()}")
        print(f"goal now: {thread.goal()}")


def show(goal: ThreadGoal) -> None:
    """Print how it stands with a goal."""
    budget = goal.token_budget or "any number of"
    print(f"{goal.status.value}: {goal.objective} ({goal.tokens_used} of {budget} tokens)")


if __name__ == "__main__":
    main()
