"""How long the models look for a counterexample."""

from __future__ import annotations

from typing import Any

from hypothesis import settings, stateful

__all__ = ["look_for_a_counterexample"]


def look_for_a_counterexample(
    model: type[stateful.RuleBasedStateMachine], *, steps: int, effort: int = 1
) -> None:
    """Run a model as often as the profile in force wants; see ``tests/conftest.py``.

    Args:
        model: The model.
        steps: How many steps each run takes at most.
        effort: How many times as many runs as usual.
    """
    profile: Any = settings()  # whose attributes have no types
    run: Any = vars(stateful)["run_state_machine_as_test"]
    examples = effort * profile.max_examples
    run(model, settings=settings(max_examples=examples, stateful_step_count=steps))
