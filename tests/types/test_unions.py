"""Unions are plain: a decoded value is one of its classes, with nothing wrapped around it."""

from __future__ import annotations

from typing import Annotated, get_args, get_origin

import codex_app_server_types as types
import pytest
from codex_app_server_types import (
    AgentMessageThreadItem,
    CommandExecutionThreadItem,
    ThreadItem,
    Turn,
    UnknownThreadItem,
)

from tests.types.decoding import decode, exported, same_json
from tests.types.instances import sample
from tests.types.protocol import ALTERNATIVES, Arm, named

VARIANTS = [arm for arm in ALTERNATIVES if len(named(arm.definition)) > 1 and arm.fields]
ADAPTERS = [name for name in types.__all__ if name.endswith("Adapter")]


def classes(alias: object) -> list[object]:
    """Return the classes of a union; those of a union in it too."""
    if get_origin(alias) is Annotated:
        return classes(get_args(alias)[0])
    arms = get_args(alias)
    return [each for arm in arms for each in classes(arm)] if arms else [alias]


def turn() -> Turn:
    return Turn.from_wire(
        {
            "id": "1",
            "status": "completed",
            "items": [
                {"type": "agentMessage", "id": "1", "text": "hello"},
                {"type": "ofANewerServer", "id": "2", "more": [1]},
            ],
        }
    )


@pytest.mark.parametrize("arm", VARIANTS, ids=str)
def test_a_decoded_variant_is_an_instance_of_a_class_of_its_union(arm: Arm) -> None:
    assert type(decode(arm.definition, sample(arm))) in classes(exported(arm.definition))


def test_isinstance_tells_the_variants_apart() -> None:
    items = turn().items

    assert [isinstance(item, AgentMessageThreadItem) for item in items] == [True, False]
    assert [isinstance(item, CommandExecutionThreadItem) for item in items] == [False, False]
    assert [isinstance(item, UnknownThreadItem) for item in items] == [False, True]


def test_a_match_statement_tells_the_variants_apart() -> None:
    def describe(item: ThreadItem) -> str:
        match item:
            case AgentMessageThreadItem(text=text):
                return text
            case UnknownThreadItem(type=tag):
                return f"new: {tag}"
            case _:
                return "another"

    assert [describe(item) for item in turn().items] == ["hello", "new: ofANewerServer"]


def test_nothing_has_to_be_unwrapped() -> None:
    assert [hasattr(item, "root") for item in turn().items] == [False, False]


def test_an_unknown_variant_keeps_what_came_with_it() -> None:
    unknown = turn().items[1]

    assert isinstance(unknown, UnknownThreadItem)
    assert unknown.type == "ofANewerServer"
    assert unknown.model_extra == {"id": "2", "more": [1]}


def test_there_are_adapters_of_unions() -> None:
    assert "LoginAccountResponseAdapter" in ADAPTERS


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_decodes_and_encodes_its_union(name: str) -> None:
    union = name.removesuffix("Adapter")
    for arm in named(union):
        raw = sample(arm)

        decoded = exported(name).validate_python(raw)

        assert decoded == decode(union, raw)
        encoded = exported(name).dump_python(
            decoded, mode="json", by_alias=True, exclude_unset=True
        )
        assert same_json(encoded, raw)
