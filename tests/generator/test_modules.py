"""In which module a type lives, and in which order."""

from __future__ import annotations

import pytest
from codex_generator.diagnostics import Diagnostics
from codex_generator.domains import domain_of, place_definitions
from codex_generator.graph import ordered
from codex_generator.modules import build_modules
from codex_generator.schema import Json

from tests.generator.schemas import STRING, lower, reference, struct


def refs(**names: str) -> dict[str, frozenset[str]]:
    """Make a graph: each name with the names that it refers to, separated by spaces."""
    return {name: frozenset(others.split()) for name, others in names.items()}


@pytest.mark.parametrize(
    ("method", "domain"),
    [
        ("turn/start", "turn"),
        ("thread/realtime/start", "thread_realtime"),
        ("hooks/list", "hook"),
        ("somethingNew/list", "something_new"),
        ("import/start", "import_"),
        ("items/list", "items_"),
    ],
)
def test_a_domain_is_the_first_segment_unless_a_table_says_otherwise(
    method: str, domain: str
) -> None:
    assert domain_of(method) == domain


def test_what_one_domain_reaches_lives_there() -> None:
    graph = refs(TurnParams="Effort", Effort="")
    assert place_definitions(graph, {"turn": frozenset(["TurnParams"])})["Effort"] == "turn"


def test_what_two_domains_reach_is_shared() -> None:
    graph = refs(A="Effort", B="Effort", Effort="")
    roots = {"a": frozenset("A"), "b": frozenset("B")}
    assert place_definitions(graph, roots)["Effort"] == "shared"


def test_what_an_item_is_made_of_lives_below_everything() -> None:
    graph = refs(ThreadItem="Status", Status="", A="Status", B="Status")
    roots = {"a": frozenset("A"), "b": frozenset("B")}
    places = place_definitions(graph, roots)
    assert (places["ThreadItem"], places["Status"]) == ("items", "items")


def test_what_nothing_reaches_is_unlisted() -> None:
    places = place_definitions(refs(Lonely="", JSONRPCError=""), {})
    assert places == {"Lonely": "unlisted", "JSONRPCError": "jsonrpc"}


def test_a_name_comes_after_what_it_refers_to() -> None:
    assert ordered(refs(A="B C", B="C", C=""), Diagnostics()) == ("C", "B", "A")


def test_a_type_that_contains_itself_is_diagnosed() -> None:
    diagnostics = Diagnostics()
    ordered(refs(A="B", B="A"), diagnostics)
    (found,) = diagnostics.sorted()
    assert str(found) == "A: reference-cycle: a type that contains itself: A -> B -> A"


def test_imports_name_what_other_modules_define() -> None:
    definitions: dict[str, Json] = {
        "A": struct({"effort": reference("Effort")}),
        "B": struct({"effort": reference("Effort")}),
        "Effort": struct({"name": STRING}),
    }
    declarations, _ = lower(definitions)
    owners = {name: name for name in declarations}
    roots = {"a": frozenset("A"), "b": frozenset("B")}
    modules = build_modules(declarations, owners, roots, Diagnostics())
    a = next(module for module in modules if module.name == "a")
    (own,) = a.imports
    assert [(found.module, found.names) for found in own] == [
        ("codex_app_server_types._model", ("WireModel",)),
        ("codex_app_server_types.shared", ("Effort",)),
    ]
