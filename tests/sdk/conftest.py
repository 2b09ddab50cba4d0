"""A client whose every line is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sdk.wire import Wire, opened_wire

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=["sync", "async"])
def wire(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wire]:
    with opened_wire(request.param, tmp_path_factory.mktemp("wire") / "lines") as wire:
        yield wire
