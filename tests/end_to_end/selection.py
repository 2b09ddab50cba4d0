"""Which of these tests run on another runtime than the installed one.

The core (`-m core`) is all that may depend on the runtime: all files but those that are named here.

`@pytest.mark.needs("currentTime/read")` tells what a test needs that not every runtime has. Where
the runtime lacks it, or the packages that were rendered for another one, the test is skipped.
"""

from __future__ import annotations

from typing import Final

import pytest
from codex_app_server_rpc import MINIMUM_RUNTIME, TESTED_RUNTIME
from codex_app_server_rpc.availability import supports
from codex_app_server_rpc.generated.history import HISTORY
from codex_app_server_rpc.server_version import is_older
from codex_app_server_types.origin import RUNTIME_VERSION

from tests.rpc.runtime_program import runtime_version

__all__ = ["OUR_SIDE", "is_somewhere", "lacking", "mark_core", "skip_what_lacks"]

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


def skip_what_lacks(items: list[pytest.Item]) -> None:
    """Skip the tests that need what runtime or packages lack.

    Raises:
        pytest.UsageError: A test needs what none of the runtimes has that we work with.
    """
    for item in items:
        needed = [name for mark in item.iter_markers("needs") for name in mark.args]
        if nowhere := [name for name in needed if not is_somewhere(name)]:
            raise pytest.UsageError(f"nobody runs what is tested here: no {', '.join(nowhere)}")
        if needed and (reason := lacking(needed)):
            item.add_marker(pytest.mark.skip(reason=reason))


def is_somewhere(name: str) -> bool:
    """Tell whether one of the runtimes that we work with has a request or a notification."""
    versions = [MINIMUM_RUNTIME, *(since for since, _ in HISTORY.get(name, ()))]
    return any(
        supports(name, version, experimental_api=True)
        for version in versions
        if not (is_older(version, MINIMUM_RUNTIME) or is_older(TESTED_RUNTIME, version))
    )


def lacking(needed: list[str]) -> str:
    """Say what of some requests and notifications is lacking; nothing if all are there."""
    for who, version in (("runtime", runtime_version()), ("packages for", RUNTIME_VERSION)):
        lacks = [name for name in needed if not supports(name, version, experimental_api=True)]
        if lacks:
            return f"{who} {version}: no {', '.join(lacks)}"
    return ""
