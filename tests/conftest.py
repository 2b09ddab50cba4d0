"""What holds for all tests: generated examples are the same in every run, on machines of any speed.

A run must not turn red by luck, or because a machine is busy. To look for new counterexamples, run
`python3 scripts/dev.py tests-3.12 --hypothesis-profile=default`.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """Keep the collected tests, some 20,000, out of every garbage collection that they make."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Have Ctrl-C do what it does in a terminal; in the background, a shell has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
