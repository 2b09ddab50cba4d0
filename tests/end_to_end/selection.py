"""Which of these tests run on another runtime than the installed one.

The core (`-m core`) is all that may depend on the runtime: all files but those that are named here.

`@pytest.mark.needs("currentTime/read")` tells what a test needs that not every runtime has. Where
the runtime lacks it, the test is deselected, and counted in the last lines of the run with the
reason. The installed runtime, which our packages are made for, has to have all of it.
"""

from __future__ import annotations

import os
from typing import Final

import pytest
from codex_app_server_rpc.availability import supports
from openai_codex.places import RUNTIME_VARIABLE

from tests.rpc.runtime_program import runtime_version

__all__ = ["mark_core", "select"]

OUR_SIDE: Final = frozenset(
    {
        "test_busy_threads.py",
        "test_deadlines.py",
        "test_doctor.py",
        "test_process_tree.py",
        "test_run_command.py",
        "test_run_unanswered.py",
        "test_text.py",
        "test_tracing.py",
        "test_usage.py",
    }
)
"""Tests of our programs, and of what we do with what any runtime says."""


def mark_core(items: list[pytest.Item]) -> None:
    """Mark the tests that are of the core."""
    for item in items:
        if item.path.name not in OUR_SIDE:
            item.add_marker("core")


def select(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """Deselect the tests that need what the runtime lacks; give the reasons, one a test.

    Raises:
        pytest.UsageError: It is the installed runtime that lacks something.
    """
    reasons = {item: reason for item in items if (reason := _lacks(item)) is not None}
    if not reasons:
        return []
    if RUNTIME_VARIABLE not in os.environ:
        raise pytest.UsageError(f"nobody runs what is tested here: {min(reasons.values())}")
    config.hook.pytest_deselected(items=[*reasons])
    items[:] = [item for item in items if item not in reasons]
    return [*reasons.values()]


def _lacks(item: pytest.Item) -> str | None:
    """Say what of the needs of a test the runtime lacks; ``None`` if it has all."""
    needed = [name for mark in item.iter_markers("needs") for name in mark.args]
    version = runtime_version()
    missing = [name for name in needed if not supports(name, version, experimental_api=True)]
    return f"runtime {version} has no {', '.join(missing)}" if missing else None
