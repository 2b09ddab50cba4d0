"""Every misbehaving server has its stated outcome, within its deadline, in both clients."""

from __future__ import annotations

import pytest

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.families import FAMILIES
from tests.misbehaving.table import Case
from tests.rpc.driver import Driver

MEETINGS = [
    pytest.param(family.name, case, layer, id=f"{case.name}-{layer}")
    for family in FAMILIES
    for case in family.cases
    for layer in case.checks
]


@pytest.mark.usefixtures("repetition")
@pytest.mark.parametrize(("family", "case", "layer"), MEETINGS)
async def test_the_outcome_is_the_stated_one(
    family: str,
    case: Case,
    layer: str,
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = (family, *(case.command or (case.name,)))
    meeting = Encounter(driver, server, monkeypatch=monkeypatch, log=caplog)
    await meeting.play(case.checks[layer], case.within)
