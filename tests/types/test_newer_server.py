"""Whatever a newer server sends is decoded, recognised as unknown, and kept."""

from __future__ import annotations

import pytest
from codex_app_server_types import OpenEnum, UnknownVariant, WireModel

from tests.types.decoding import decode, encode, exported, same_json, unknown_parts
from tests.types.instances import sample
from tests.types.newer_server import NEWS, PAYLOAD, Growth, changed, places, with_unknown_fields
from tests.types.protocol import ALTERNATIVES, DEFINITIONS, Arm, kind, named, tag

every_object = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if arm.schema.get("type") == "object"], ids=str
)
every_enum = pytest.mark.parametrize(
    "name", [name for name in sorted(DEFINITIONS) if kind(name) == "enum"]
)
every_variant = pytest.mark.parametrize(
    "arm", [arm for arm in ALTERNATIVES if kind(arm.definition) == "tagged"], ids=str
)
UNIONS_BY_KEY = [
    name
    for name in sorted(DEFINITIONS)
    if kind(name) == "union" and any(arm.label in arm.fields for arm in named(name))
]
UNIONS_BY_SHAPE = [
    name
    for name in sorted(DEFINITIONS)
    if kind(name) == "union"
    and name not in UNIONS_BY_KEY
    and all("$ref" in arm.schema or arm.fields for arm in named(name))
]


def unknown_class(union: str) -> type[UnknownVariant]:
    """Return the class of a union's unknown variants, also if it has one called unknown itself."""
    taken = any(arm.label == "unknown" for arm in named(union))
    unknown: type[UnknownVariant] = exported(f"{'Unrecognized' if taken else 'Unknown'}{union}")
    return unknown


def is_new(part: object) -> bool:
    """Tell whether an unknown part says what is new about it."""
    if isinstance(part, UnknownVariant):
        wire = part.to_wire()
        return NEWS in wire or NEWS in wire.values()
    return part == NEWS


@every_object
def test_unknown_fields_at_every_level_are_kept(arm: Arm) -> None:
    raw = with_unknown_fields(arm.schema, sample(arm))

    decoded = decode(arm.definition, raw)

    assert isinstance(decoded, WireModel)
    assert (decoded.model_extra or {})[NEWS] == PAYLOAD
    assert same_json(encode(arm.definition, decoded), raw)


@pytest.mark.parametrize("news", ["", "to_wire", "model_extra", "__class__", "$ref", "self", "ä b"])
def test_an_unknown_field_may_have_any_name(news: str) -> None:
    raw = {"id": "1", "text": "hello", "type": "agentMessage", news: PAYLOAD}

    decoded = decode("ThreadItem", raw)

    assert same_json(encode("ThreadItem", decoded), raw)


@every_enum
def test_an_unknown_value_of_an_enum_is_a_member_that_says_so(name: str) -> None:
    decoded = decode(name, NEWS)

    assert isinstance(decoded, exported(name))
    assert isinstance(decoded, OpenEnum)
    assert not decoded.is_known
    assert decoded == NEWS
    assert encode(name, decoded) == NEWS


@every_variant
def test_an_unknown_variant_keeps_its_tag_and_payload(arm: Arm) -> None:
    key = tag(DEFINITIONS[arm.definition])
    raw = {**sample(arm), key: NEWS, "payload": PAYLOAD}

    decoded = decode(arm.definition, raw)

    assert type(decoded) is unknown_class(arm.definition)
    assert isinstance(decoded, UnknownVariant)
    assert NEWS in [value for name, value in decoded if name in type(decoded).model_fields]
    assert (decoded.model_extra or {})["payload"] == PAYLOAD
    assert same_json(encode(arm.definition, decoded), raw)


@pytest.mark.parametrize("name", UNIONS_BY_KEY)
def test_an_object_with_an_unknown_key_keeps_it(name: str) -> None:
    raw = {NEWS: PAYLOAD}

    decoded = decode(name, raw)

    assert type(decoded) is unknown_class(name)
    assert isinstance(decoded, UnknownVariant)
    assert decoded.model_extra == raw
    assert same_json(encode(name, decoded), raw)


@pytest.mark.parametrize("name", UNIONS_BY_KEY)
def test_an_unknown_string_beside_objects_is_a_member_that_says_so(name: str) -> None:
    decoded = decode(name, NEWS)

    assert isinstance(decoded, exported(f"{name}Value"))
    assert unknown_parts(decoded) == [NEWS]
    assert encode(name, decoded) == NEWS


@pytest.mark.parametrize("name", UNIONS_BY_SHAPE)
def test_an_object_of_unknown_shape_is_kept(name: str) -> None:
    raw = {NEWS: PAYLOAD}

    decoded = decode(name, raw)

    assert type(decoded) is unknown_class(name)
    assert same_json(encode(name, decoded), raw)


@every_object
def test_news_deep_inside_are_kept_and_recognised(arm: Arm) -> None:
    known = sample(arm)
    for place in places(arm.schema, known):
        if place.growth is Growth.FIELD:
            continue
        raw = changed(known, place)

        decoded = decode(arm.definition, raw)

        assert same_json(encode(arm.definition, decoded), raw), place
        assert any(map(is_new, unknown_parts(decoded))), place
