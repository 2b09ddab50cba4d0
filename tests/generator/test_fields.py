"""How properties become fields: names, types, optionality and defaults."""

from __future__ import annotations

import pytest
from codex_generator.ir import Model
from codex_generator.schema import Json

from tests.generator.schemas import STRING, declared, field_of, lower, reference, struct


@pytest.mark.parametrize(
    ("schema", "annotation"),
    [
        ({"type": "string"}, "str"),
        ({"type": "integer", "format": "int64", "minimum": 0}, "int"),
        ({"type": "integer", "enum": [1, 2]}, "int"),
        ({"type": "string", "writeOnly": True}, "str"),
        ({"type": "number", "format": "double"}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": ["string", "null"]}, "str | None"),
        ({"type": ["integer", "string"]}, "int | str"),
        ({"type": "array", "items": {"type": "string"}}, "list[str]"),
        ({"type": ["array", "null"], "items": {"type": "integer"}}, "list[int] | None"),
        ({"type": "array", "items": True}, "list[JsonValue]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "object", "additionalProperties": True}, "dict[str, JsonValue]"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "str | None"),
        (True, "JsonValue"),
        ({"description": "Anything."}, "JsonValue"),
        ({"type": "null"}, "None"),
    ],
)
def test_a_json_type_becomes_the_python_type(schema: Json, annotation: str) -> None:
    assert field_of(schema, required=True).annotation == annotation


def test_a_reference_names_the_type() -> None:
    assert field_of(reference("Other"), required=True, Other=struct()).annotation == "Other"


def test_a_nullable_reference_is_optional_once_however_often_it_is_wrapped() -> None:
    inner: Json = {"anyOf": [reference("Other"), {"type": "null"}]}
    outer: Json = {"anyOf": [inner, {"type": "null"}]}
    assert field_of(outer, Other=struct()).annotation == "Other | None"


def test_all_of_with_one_reference_is_that_reference() -> None:
    schema: Json = {"allOf": [reference("Other")], "description": "Why."}
    field = field_of(schema, required=True, Other=struct())
    assert (field.annotation, field.doc) == ("Other", ("Why.",))


def test_a_parameter_accepts_more_than_the_field_holds() -> None:
    schema: Json = {"type": "object", "additionalProperties": {"type": "array", "items": STRING}}
    assert field_of(schema, required=True).argument == "Mapping[str, Sequence[str]]"


def test_a_parameter_names_protocol_types_through_the_package() -> None:
    field = field_of({"type": "array", "items": reference("Other")}, Other=struct())
    assert field.argument == "Sequence[t.Other]"


def test_a_required_field_has_no_default() -> None:
    assert field_of(STRING, required=True).default == ""


def test_an_optional_field_may_be_none_in_the_model_alone() -> None:
    field = field_of(STRING)
    assert (field.annotation, field.argument, field.default) == ("str | None", "str", "None")


@pytest.mark.parametrize(
    ("schema", "annotation", "default"),
    [
        ({"type": "boolean", "default": True}, "bool", "True"),
        ({"type": "integer", "default": 0}, "int", "0"),
        ({"type": "string", "default": "x"}, "str", '"x"'),
        ({"type": "string", "default": None}, "str | None", "None"),
        (
            {"type": "array", "items": {"type": "string"}, "default": []},
            "list[str]",
            "Field(default_factory=list[str])",
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
            "dict[str, str]",
            "Field(default_factory=dict[str, str])",
        ),
        (
            {"type": ["object", "null"], "default": {}},
            "dict[str, JsonValue] | None",
            "Field(default_factory=dict[str, JsonValue])",
        ),
    ],
)
def test_an_optional_field_takes_the_default_of_the_schema(
    schema: Json, annotation: str, default: str
) -> None:
    field = field_of(schema)
    assert (field.annotation, field.default) == (annotation, default)


def test_a_default_of_an_enum_is_its_member() -> None:
    schema: Json = {"allOf": [reference("Color")], "default": "darkRed"}
    color: Json = {"type": "string", "enum": ["darkRed"]}
    assert field_of(schema, Color=color).default == "Color.dark_red"


def test_a_default_list_of_enum_members_is_made_afresh_each_time() -> None:
    schema: Json = {"type": "array", "items": reference("Color"), "default": ["red"]}
    color: Json = {"type": "string", "enum": ["red"]}
    field = field_of(schema, Color=color)
    assert field.default == "Field(default_factory=lambda: [Color.red])"


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [reference("Other")], "default": {"a": 1}},
        {"allOf": [reference("Other")], "default": {}},
        {"type": "object", "properties": {"a": STRING}, "default": {}},
        {"type": "object", "default": {"a": 1}},
    ],
)
def test_a_default_without_a_rule_is_diagnosed(schema: Json) -> None:
    owner = struct(thing=schema)
    _, diagnosed = lower({"Owner": owner, "Other": struct()})
    assert diagnosed == ["unrepresentable-default"]


@pytest.mark.parametrize(
    ("wire", "name", "aliased"),
    [
        ("threadId", "thread_id", False),
        ("thread_id", "thread_id", True),
        ("sha256", "sha256", False),
        ("mcpURL", "mcp_url", True),
        ("$schema", "schema_", True),
        ("_meta", "meta", True),
        ("async", "async_", False),
        ("copy", "copy_", False),
        ("modelDump", "model_dump_", False),
        ("list", "list_", False),
        ("2faCode", "n2_fa_code", True),
        ("modelProvider", "model_provider", False),
    ],
)
def test_a_wire_name_becomes_a_python_name(wire: str, name: str, aliased: bool) -> None:
    (field,) = declared(Model, "Owner", {"Owner": struct({wire: STRING})}).fields
    assert (field.name, field.aliased) == (name, aliased)


def test_an_alias_does_not_rename_the_parameter_of_the_constructor() -> None:
    (field,) = declared(Model, "Owner", {"Owner": struct({"a_b": STRING})}).fields
    assert field.default == 'Field(validation_alias="a_b", serialization_alias="a_b")'


def test_two_wire_names_with_one_python_name_are_diagnosed() -> None:
    _, diagnosed = lower({"Owner": struct({"threadId": STRING, "thread_id": STRING})})
    assert diagnosed == ["name-collision"]


def test_a_wire_name_without_a_letter_is_diagnosed() -> None:
    _, diagnosed = lower({"Owner": struct({"---": STRING})})
    assert diagnosed == ["name-collision"]


def test_required_fields_come_first_and_then_the_alphabet() -> None:
    owner = struct({"z": STRING, "b_c": STRING}, a=STRING, c=STRING)
    fields = declared(Model, "Owner", {"Owner": owner}).fields
    assert [field.name for field in fields] == ["b_c", "z", "a", "c"]
