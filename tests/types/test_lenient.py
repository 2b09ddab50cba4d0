"""What does not fit its variant is taken for an unknown one where it is decoded leniently."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal, TypeAlias, cast

import pytest
from codex_app_server_types import (
    AgentMessageThreadItem,
    ThreadItem,
    TurnCompletedNotification,
    UnknownThreadItem,
    UnknownVariant,
    Variant,
)
from codex_app_server_types._union import Tagged
from codex_app_server_types.lenient import decode_leniently
from pydantic import TypeAdapter, ValidationError

from tests.types.decoding import decode, encode, exported
from tests.types.instances import sample
from tests.types.protocol import ALTERNATIVES, DEFINITIONS, Arm, Json, named, tag

GOOD: Json = {"type": "agentMessage", "id": "a", "text": "Hello."}
GROWN: Json = {"type": "agentMessage", "id": "b", "pieces": ["Hel", "lo."]}


def turn_of(*items: Json) -> Json:
    turn: Json = {"id": "t", "items": list(items), "status": "completed"}
    return {"threadId": "x", "turn": turn}


def own_fields(arm: Arm) -> list[str]:
    """List what only this alternative requires; nothing if its tag alone does not tell it."""
    same = [other for other in named(arm.definition) if other.label == arm.label]
    union = DEFINITIONS[arm.definition]
    if tag(union) is None or len(same) > 1:
        return []
    return [name for name in arm.required if name not in (tag(union), *union.get("required", ()))]


@pytest.mark.parametrize("arm", [arm for arm in ALTERNATIVES if own_fields(arm)], ids=str)
def test_a_variant_without_what_it_requires_is_an_unknown_one_and_is_kept(arm: Arm) -> None:
    known = sample(arm)
    name = own_fields(arm)[0]
    lacking = {key: known[key] for key in known if key != name}
    entries: Any = cast("Any", list)[exported(arm.definition)]
    values: TypeAdapter[list[object]] = TypeAdapter(entries)
    [value] = decode_leniently(values.validate_python, [lacking])
    assert isinstance(value, UnknownVariant)
    assert encode(arm.definition, value) == lacking
    with pytest.raises(ValidationError):  # nobody is given an unknown one in its place
        decode_leniently(partial(decode, arm.definition), lacking)


def test_only_the_part_that_does_not_fit_is_unknown() -> None:
    payload = decode_leniently(TurnCompletedNotification.from_wire, turn_of(GOOD, GROWN))

    assert [type(item) for item in payload.turn.items] == [
        AgentMessageThreadItem,
        UnknownThreadItem,
    ]
    assert payload.to_wire() == turn_of(GOOD, GROWN)


def test_what_fits_no_unknown_variant_either_is_the_error_that_it_was() -> None:
    raw = turn_of(GROWN, "no item at all")
    with pytest.raises(ValidationError) as strict:
        TurnCompletedNotification.from_wire(raw)
    with pytest.raises(ValidationError) as lenient:
        decode_leniently(TurnCompletedNotification.from_wire, raw)

    assert lenient.value.errors() == strict.value.errors()


def test_what_was_decoded_leniently_leaves_others_strict() -> None:
    items: TypeAdapter[list[ThreadItem]] = TypeAdapter(list[ThreadItem])
    decode_leniently(items.validate_python, [GROWN])
    with pytest.raises(ValidationError):
        decode_leniently(items.validate_python, ["no item"])

    with pytest.raises(ValidationError):
        items.validate_python([GROWN])


class UnknownNode(UnknownVariant):
    """What is neither a branch nor a leaf."""

    type: str


class Leaf(Variant):
    """The end of a branch."""

    type: Literal["leaf"] = "leaf"
    color: str


class Branch(Variant):
    """A union in a union, as deep as one likes."""

    type: Literal["branch"] = "branch"
    next: Node


Node: TypeAlias = Annotated[Branch | Leaf | UnknownNode, Tagged("type")]


def test_time_does_not_double_with_each_union_around_what_does_not_fit() -> None:
    depth = 60
    raw: Json = {"type": "leaf"}
    for _ in range(depth):
        raw = {"type": "branch", "next": raw}

    value: object = decode_leniently(Branch.from_wire, raw)

    for _ in range(depth):
        assert isinstance(value, Branch)
        value = value.next
    assert isinstance(value, UnknownNode)
