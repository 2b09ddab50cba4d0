"""How objects, enums and plain types become declarations: one shape of the bundle a test."""

from __future__ import annotations

import pytest
from codex_generator.ir import Alias, Enumeration, Model
from codex_generator.schema import Json

from tests.generator.schemas import STRING, constant, declared, lower, reference, struct


def test_an_object_becomes_a_model() -> None:
    model = declared(Model, "Turn", {"Turn": struct({"id": STRING})})
    assert (model.base, [field.name for field in model.fields]) == ("WireModel", ["id"])


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": False},
        {"type": "object", "additionalProperties": True},
    ],
)
def test_an_object_without_properties_becomes_an_empty_model(schema: Json) -> None:
    assert declared(Model, "Empty", {"Empty": schema}).fields == ()


def test_additional_properties_beside_properties_change_nothing() -> None:
    open_: Json = {**struct({"id": STRING}), "additionalProperties": True}
    closed: Json = {**struct({"id": STRING}), "additionalProperties": False}
    one, other = (declared(Model, "Turn", {"Turn": schema}) for schema in (open_, closed))
    assert one == other == declared(Model, "Turn", {"Turn": struct({"id": STRING})})


def test_typed_additional_properties_beside_properties_are_diagnosed() -> None:
    schema: Json = {**struct({"id": STRING}), "additionalProperties": STRING}
    assert lower({"Turn": schema})[1] == ["unsupported-shape"]


def image(*alternatives: Json) -> dict[str, Json]:
    """Make a union whose one variant has alternatives of its own."""
    tagged = struct({"type": constant("image")}, detail=STRING)
    return {"oneOf": [{**tagged, "title": "ImageInput", "anyOf": list(alternatives)}]}


def test_alternatives_of_an_object_become_its_optional_fields() -> None:
    both = image(
        struct({"url": STRING, "size": STRING}), struct({"fileId": STRING, "size": STRING})
    )
    model = declared(Model, "ImageInput", {"Input": both})
    assert [(field.name, field.required) for field in model.fields] == [
        ("type", False),
        ("size", True),
        ("detail", False),
        ("file_id", False),
        ("url", False),
    ]


@pytest.mark.parametrize(
    "alternative",
    [struct({"url": {"type": "integer"}}), STRING, image(struct()), reference("Url")],
    ids=["another type", "no object", "a union", "a reference"],
)
def test_alternatives_without_a_rule_are_diagnosed(alternative: Json) -> None:
    definitions = {"Input": image(struct({"url": STRING}), alternative), "Url": struct()}
    assert "unsupported-shape" in lower(definitions)[1]


def test_an_object_inside_of_a_property_is_named_after_its_place() -> None:
    outer = struct({"gitInfo": struct({"sha": STRING})})
    declarations, diagnosed = lower({"Thread": outer})
    assert diagnosed == []
    assert set(declarations) == {"Thread", "ThreadGitInfo"}


def test_a_nullable_object_inside_of_a_property_is_the_same_class() -> None:
    inner: Json = {**struct({"sha": STRING}), "type": ["object", "null"]}
    outer = declared(Model, "Thread", {"Thread": struct(info=inner)})
    assert outer.fields[0].annotation == "ThreadInfo | None"


def test_an_enum_becomes_an_open_enum() -> None:
    schema: Json = {"type": "string", "enum": ["inProgress", "on-request", "FR", "x_y"]}
    enum = declared(Enumeration, "Status", {"Status": schema})
    members = [(member.name, member.value) for member in enum.members]
    assert members == [
        ("in_progress", "inProgress"),
        ("on_request", "on-request"),
        ("fr", "FR"),
        ("x_y", "x_y"),
    ]


def test_single_values_document_their_members() -> None:
    arms: Json = [
        {"type": "string", "enum": ["auto", "concise"]},
        {"type": "string", "enum": ["none"], "description": "Off."},
    ]
    enum = declared(Enumeration, "Summary", {"Summary": {"oneOf": arms}})
    members = [(member.name, member.doc) for member in enum.members]
    assert members == [("auto", ()), ("concise", ()), ("none", ("Off.",))]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("async", "async_"),
        ("replace", "replace_"),
        ("name", "name_"),
        ("count", "count_"),
        ("mro", "mro_"),
        ("isKnown", "is_known_"),
        ("1password", "n1_password"),
        ("", "empty"),
    ],
)
def test_a_member_never_shadows_what_strings_and_enums_have(value: str, name: str) -> None:
    schema: Json = {"type": "string", "enum": [value]}
    assert declared(Enumeration, "Kind", {"Kind": schema}).members[0].name == name


def test_two_values_with_one_member_name_are_diagnosed() -> None:
    schema: Json = {"type": "string", "enum": ["apiKey", "api_key"]}
    assert lower({"Kind": schema})[1] == ["name-collision"]


def test_an_enum_inside_of_a_property_gets_a_name() -> None:
    owner = struct({"mode": {"type": "string", "enum": ["fast", "slow"]}})
    assert declared(Enumeration, "OwnerMode", {"Owner": owner}).members[1].value == "slow"


def test_a_string_with_a_name_becomes_an_alias() -> None:
    alias = declared(Alias, "ThreadId", {"ThreadId": STRING})
    assert alias.annotation == "str"


def test_a_nullable_wrapper_becomes_an_alias() -> None:
    wrapper: Json = {"anyOf": [reference("Turn"), {"type": "null"}]}
    alias = declared(Alias, "NullableTurn", {"NullableTurn": wrapper, "Turn": struct()})
    assert alias.annotation == "Turn | None"


def test_a_union_of_scalars_and_lists_becomes_an_alias() -> None:
    schema: Json = {"anyOf": [STRING, {"type": "array", "items": STRING}]}
    assert declared(Alias, "Body", {"Body": schema}).annotation == "str | list[str]"


def test_a_map_with_a_name_becomes_an_alias() -> None:
    schema: Json = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert declared(Alias, "Counts", {"Counts": schema}).annotation == "dict[str, int]"


@pytest.mark.parametrize("name", ["Field", "WireModel", "JsonValue", "Literal"])
def test_a_definition_named_as_what_modules_import_is_diagnosed(name: str) -> None:
    assert lower({name: struct()})[1] == ["name-collision"]


@pytest.mark.parametrize("name", ["class", "ValueError", "a-b", "v2::Thing"])
def test_a_definition_whose_name_is_no_class_name_is_diagnosed(name: str) -> None:
    assert lower({name: struct()})[1] == ["name-collision"]


def test_a_description_becomes_the_document() -> None:
    schema: Json = {**struct(), "description": "One turn. It has items.\n\nAnd more."}
    turn = declared(Model, "Turn", {"Turn": schema})
    assert turn.doc == ("One turn.", "", "It has items.", "", "And more.")


def test_what_has_no_description_says_at_least_what_it_is() -> None:
    assert declared(Model, "Turn", {"Turn": struct()}).doc == ("`Turn` of the protocol.",)
