"""How long it takes, and what a soak needs around it."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.rpc.driver import AsyncDriver, Driver, SyncDriver
from tests.soak.endurance import Report
from tests.soak.footprint import MARK

pytest.register_assert_rewrite(
    "tests.soak.cancellations", "tests.soak.conversations", "tests.soak.cycles"
)

WORKERS = 64
"""How many threads make the calls of the sync client."""


@dataclass(frozen=True)
class Sizes:
    """How much there is to do. What is given here is the short form.

    Attributes:
        cycles: Clients that are started and closed, of each kind.
        turns: Turns that are cancelled, of each kind of client.
        minutes: How long the mixed traffic lasts.
    """

    cycles: int = 18
    turns: int = 64
    minutes: float = 0.1

    @property
    def deadline(self) -> float:
        """When a test that hangs all the same is ended, in seconds."""
        return 120 + self.cycles + self.turns + 120 * self.minutes


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soak")
    for name, value in vars(Sizes()).items():
        text = f"how many {name} of a soak there are (default: {value})"
        group.addoption(f"--soak-{name}", type=type(value), default=value, help=text)


def _sizes(config: pytest.Config) -> Sizes:
    def given(name: str) -> Any:
        # The options are known only if this folder was asked for by its name.
        return config.getoption(f"--soak-{name}", getattr(Sizes, name))

    return Sizes(given("cycles"), given("turns"), given("minutes"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "sizes" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(_sizes(config).deadline))


@pytest.fixture
def sizes(request: pytest.FixtureRequest) -> Sizes:
    return _sizes(request.config)


@pytest.fixture
def report(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Report:
    """Say something to whoever watches, if somebody wants to know (``-v``)."""

    def say(line: str) -> None:
        if request.config.get_verbosity() > 0:
            with capsys.disabled():
                print(f"\n{time.strftime('%H:%M:%S')} {line}", end="", flush=True)

    return say


@pytest_asyncio.fixture(params=[SyncDriver, AsyncDriver], ids=["sync", "async"])
async def driver(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    """Give each of the two clients in turn."""
    made: SyncDriver | AsyncDriver = request.param()
    if isinstance(made, SyncDriver):  # its threads are there from the start, to be no growth
        everybody = threading.Barrier(WORKERS)
        calls = [made.run(everybody.wait, 20) for _ in range(WORKERS)]
        await asyncio.gather(*calls)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all processes that come of this one carry its mark."""
    monkeypatch.setenv(MARK, str(os.getpid()))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the log to itself: pytest would remember every record, and what that refers to."""
    logger = logging.getLogger("openai_codex.rpc")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)
