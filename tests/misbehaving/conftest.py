"""Both clients, and how often each meets each server.

To look for flakes: `python3 scripts/dev.py tests-3.12 tests/misbehaving --repeat 100 --dist load`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rpc.driver import AsyncDriver, Driver, SyncDriver

pytest.register_assert_rewrite(
    *(f"tests.misbehaving.{name}" for name in ("cases", "encounter", "promises"))
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--repeat",
        type=int,
        default=1,
        help="how often each client meets each misbehaving server (default: 1)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "repetition" in metafunc.fixturenames:
        count: int = metafunc.config.getoption("--repeat", default=1) or 1
        metafunc.parametrize("repetition", range(count), ids=lambda number: f"no{number + 1}")


@pytest.fixture(params=[SyncDriver, AsyncDriver], ids=["sync", "async"])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Give each of the two clients in turn."""
    made: SyncDriver | AsyncDriver = request.param()
    yield made
    made.close()
