"""The table itself: complete, and the same in the docs."""

from __future__ import annotations

import inspect
from importlib import import_module
from types import ModuleType

import pytest

from tests.misbehaving.families import FAMILIES
from tests.misbehaving.page import PAGE, page
from tests.misbehaving.table import Family

by_family = pytest.mark.parametrize("family", FAMILIES, ids=[family.name for family in FAMILIES])


def server(family: Family) -> ModuleType:
    return import_module(f"tests.misbehaving.server.{family.name}")


def test_the_docs_show_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.misbehaving`"


def test_no_two_rows_have_one_name() -> None:
    names = [case.name for family in FAMILIES for case in family.cases]
    assert len(names) == len(set(names))


def test_every_row_is_checked() -> None:
    assert all(case.checks for family in FAMILIES for case in family.cases)


@by_family
def test_every_row_can_be_played(family: Family) -> None:
    for case in family.cases:
        scenario, *arguments = case.command or (case.name,)
        inspect.signature(getattr(server(family), scenario)).bind(*arguments)


@by_family
def test_every_scenario_is_in_a_row(family: Family) -> None:
    module = server(family)
    scenarios = {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    played = {(case.command or (case.name,))[0] for case in family.cases}
    assert scenarios == played
