"""Forms of MCP servers: their fields, and content that fits them or does not."""

from __future__ import annotations

import math
import traceback
import warnings
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st
from openai_codex import InvalidArgumentError
from openai_codex.requests.elicitations import Submit
from openai_codex.requests.fields import FormField
from openai_codex.requests.forms import check_value, plain_content
from pydantic import BaseModel, Field

from tests.sdk.requests.received import SECRET, form, openai_form

STRING = {"type": "string"}
COLORS = {"type": "string", "enum": ["r", "g"], "enumNames": ["Red", "Green"]}
TITLED = {"type": "string", "oneOf": [{"const": "r", "title": "Red"}]}
SEVERAL = {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}, "maxItems": 2}
SEVERAL_TITLED = {"type": "array", "items": {"anyOf": [{"const": "a", "title": "The A"}]}}


class Person(BaseModel):
    name: str
    age: int | None = None
    born: date | None = Field(default=None, alias="bornOn")


@dataclass
class Citizen:
    name: str
    age: int | None = None


def field(**schema: Any) -> FormField:
    (only,) = form(value=schema).fields
    return only


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        ({"name": "Bob", "when": date(2020, 1, 2)}, {"name": "Bob", "when": "2020-01-02"}),
        (MappingProxyType({"tags": ("a", "b")}), {"tags": ["a", "b"]}),
        (Person(name="Bob"), {"name": "Bob"}),
        (Person(name="Bob", bornOn=date(2020, 1, 2)), {"name": "Bob", "bornOn": "2020-01-02"}),
        (Citizen("Bob"), {"name": "Bob"}),
        ({"name": "\ud800"}, {"name": "\ufffd"}),
    ],
    ids=repr,
)
def test_content_becomes_json(content: Any, plain: dict[str, Any]) -> None:
    assert plain_content(content) == plain


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (SECRET, "^the content of a form is a mapping, or .*; not of type str$"),
        ([SECRET], "not of type list$"),
        (Person, "not of type ModelMetaclass$"),
        (Citizen, "not of type type$"),
        ({SECRET: object()}, "^the content of a form is JSON; this cannot be "),
        ({"a": math.nan, "b": SECRET}, "^the content of a form is JSON; this cannot be "),
        (Person.model_construct(name={SECRET: object()}), "^the content of a form is JSON"),
    ],
)
def test_what_is_no_content_is_refused_without_showing_it(content: Any, match: str) -> None:
    with pytest.raises(InvalidArgumentError, match=match) as caught:
        plain_content(content)

    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_model_with_a_value_of_another_type_warns_of_nothing() -> None:
    with warnings.catch_warnings(record=True) as caught:
        plain_content(Person.model_construct(name=5, age=SECRET))

    assert caught == []


@pytest.mark.parametrize(
    ("schema", "fitting", "unfitting", "rule"),
    [
        ({"minLength": 3}, "abc", "ab", "at least 3 characters long"),
        ({"maxLength": 3}, "abc", "abcd", "at most 3 characters long"),
        ({"enum": ["a", 5]}, 5, "b", 'one of "a", 5'),
        ({"const": "a"}, "a", "b", '"a"'),
        ({"type": "integer"}, 5, 5.5, 'of type "integer"'),
        ({"type": "integer"}, 5, True, 'of type "integer"'),
        ({"type": ["integer", "null"]}, None, "5", 'of type "integer", "null"'),
        ({"minimum": 18.0}, 18, 17.9, "at least 18"),
        ({"maximum": 1.5}, 1.5, 2, "at most 1.5"),
        ({"exclusiveMinimum": 1}, 2, 1, "more than 1"),
        ({"exclusiveMaximum": 1}, 0, 1, "less than 1"),
        ({"multipleOf": 5}, 10, 11, "a multiple of 5"),
        ({"minItems": 1}, [1], [], "of at least 1 items"),
        ({"maxItems": 1}, [1], [1, 2], "of at most 1 items"),
        ({"uniqueItems": True}, [1, 2], [1, 1], "of different items"),
        ({"additionalProperties": False}, {}, {"a": 1}, "without further members"),
    ],
    ids=str,
)
def test_a_value_is_held_to_each_rule(schema: Any, fitting: Any, unfitting: Any, rule: str) -> None:
    check_value(fitting, schema)
    with pytest.raises(InvalidArgumentError) as caught:
        check_value(unfitting, schema, place="it")

    assert str(caught.value).partition(" True")[0] == f"it: must be {rule}"


@pytest.mark.parametrize(
    ("form", "fitting", "unfitting"),
    [
        ("email", ["a@b", "a.b+c@d.example"], ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n"]),
        ("uri", ["https://a.b/c?d#e", "mailto:a@b"], ["a", "//a/b", "https:", "x:a b", "x:\n", ""]),
        ("date", ["2024-02-29"], ["2023-02-29", "20240229", "2024-2-9", "2024-02-29T00:00", "x"]),
        (
            "date-time",
            ["2024-02-29T12:00:00Z", "2024-02-29t12:00:00.123456789+02:00"],
            ["2024-02-29", "2024-02-29T12:00:00", "2024-02-29T25:00:00Z", "2024-02-29T12:00Z"],
        ),
    ],
)
def test_the_formats_of_mcp_are_checked(
    form: str, fitting: list[str], unfitting: list[str]
) -> None:
    schema = {"type": "string", "format": form}
    for text in fitting:
        check_value(text, schema)
    for text in unfitting:
        with pytest.raises(InvalidArgumentError, match=f'^it: must be of the format "{form}"$'):
            check_value(text, schema, place="it")


def test_a_format_is_no_type() -> None:
    for name in ("email", "uri", "date", "date-time"):
        check_value(5, {"format": name})


def test_all_that_is_wrong_is_named_by_place_and_rule() -> None:
    schema: Any = {
        "type": "object",
        "properties": {
            "who": {"type": "object", "required": ["name", "age"]},
            "tags": {"type": "array", "items": STRING},
        },
        "required": ["email"],
    }
    with pytest.raises(InvalidArgumentError) as caught:
        check_value({"who": {}, "tags": ["a", 5]}, schema)

    assert str(caught.value).split("; ") == [
        "email: must be given",
        'tags.1: must be of type "string"',
        "who.name: must be given",
        "who.age: must be given",
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "integer"}}},
        {"properties": {"a": {"anyOf": [{"type": "integer"}, {"const": 5}]}}},
        {"additionalProperties": {"enum": ["x"]}},
        {"dependentRequired": {"a": ["b"]}},
        {"properties": {"a": False}},
        {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"minLength": 99}}},
        False,
        # Broken, each in its own way:
        {"type": "objekt"},
        {"properties": {"a": {"$ref": "#/nowhere"}}},
        {"properties": {"a": {"$ref": "http://localhost:1/schema.json"}}},
        {"$ref": "#"},
        {"$schema": 5},
        {"$schema": "http://nowhere/schema", "type": "array"},
        {"minProperties": "1"},
        5,
        None,
        [],
    ],
    ids=str,
)
def test_no_error_shows_a_value(schema: Any) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        openai_form(schema).response(Submit({"a": SECRET}))

    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "objekt"}, "type: 'objekt' is not valid under any of the given schemas"),
        ({"$ref": "#"}, "RecursionError"),
        (5, "TypeError"),
    ],
    ids=str,
)
def test_a_broken_schema_is_said_to_be_broken(schema: Any, reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        check_value({}, schema)

    assert str(caught.value) == f"the schema of the form is broken: {reason}"


def test_a_schema_may_allow_everything_or_nothing() -> None:
    check_value({"a": 1}, True)
    with pytest.raises(InvalidArgumentError, match=r"^the content: does not fit the rule 'not'"):
        check_value({"a": 1}, False)


def test_what_a_schema_says_is_shown_on_one_line() -> None:
    with pytest.raises(InvalidArgumentError, match=r"^it: must be one of .*\\x7f") as caught:
        check_value("x", {"enum": ["\x7f\n\u202e"]}, place="it")

    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("schema", "kind", "values", "titles"),
    [
        (STRING, "text", [], []),
        ({"type": "integer"}, "integer", [], []),
        ({"type": "number"}, "number", [], []),
        ({"type": "boolean"}, "boolean", [], []),
        ({"type": "string", "enum": ["r"]}, "choice", ["r"], ["r"]),
        (COLORS, "choice", ["r", "g"], ["Red", "Green"]),
        ({**COLORS, "enumNames": ["Red"]}, "choice", ["r", "g"], ["r", "g"]),
        (TITLED, "choice", ["r"], ["Red"]),
        (SEVERAL, "choices", ["a", "b", "c"], ["a", "b", "c"]),
        (SEVERAL_TITLED, "choices", ["a"], ["The A"]),
        ({"type": "object"}, "json", [], []),
    ],
    ids=str,
)
def test_a_field_tells_how_it_is_filled_in(
    schema: Any, kind: str, values: list[str], titles: list[str]
) -> None:
    made = field(**schema)

    assert made.kind == kind
    assert [option.value for option in made.options] == values
    assert [option.title for option in made.options] == titles


def test_a_field_tells_what_people_read() -> None:
    plain, titled = form(
        "b",
        a=STRING,
        b={
            "type": "integer",
            "title": "Age",
            "description": "In years.",
            "default": 18,
            "minimum": 1,
        },
    ).fields

    assert (plain.title, plain.description, plain.required, plain.default) == (
        "a",
        None,
        False,
        None,
    )
    assert (titled.title, titled.description, titled.required) == ("Age", "In years.", True)
    assert repr(titled.default) == "18"
    assert titled.rules == ("at least 1",)


def test_a_field_tells_its_pattern_to_people() -> None:
    told = field(**STRING, pattern="^b")

    assert told.rules == ('of the pattern "^b"',)
    assert told.parse("a") == "a"


def test_a_form_of_any_schema_has_fields_if_it_is_a_list_of_them() -> None:
    schema = {"type": "object", "properties": {"a": STRING}}

    assert [one.name for one in openai_form(schema).fields] == ["a"]
    assert openai_form({"type": "array"}).fields == openai_form(True).fields == ()


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (STRING, " a b ", " a b "),
        ({"type": "integer"}, " -12 ", -12),
        ({"type": "number"}, "12", 12),
        ({"type": "number"}, "+1.5e3", 1500.0),
        ({"type": "number"}, ".5", 0.5),
        ({"type": "boolean"}, "Yes", True),
        ({"type": "boolean"}, "off", False),
        (COLORS, "2", "g"),
        (COLORS, "green", "g"),
        (COLORS, "r", "r"),
        (SEVERAL, "1, c", ["a", "c"]),
        (SEVERAL, "", []),
        ({"type": "object"}, '{"a": null}', {"a": None}),
        ({"type": "null"}, "null", None),
    ],
    ids=str,
)
def test_a_typed_text_means_a_value(schema: Any, text: str, value: Any) -> None:
    parsed = field(**schema).parse(text)

    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize(
    ("schema", "text", "rule"),
    [
        ({**STRING, "minLength": 30}, SECRET, "at least 30 characters long"),
        ({**STRING, "format": "email"}, SECRET, 'of the format "email"'),
        ({"type": "integer"}, SECRET, "of type integer"),
        ({"type": "integer"}, "1.5", "of type integer"),
        ({"type": "integer"}, "1_000", "of type integer"),
        ({"type": "integer"}, "٣", "of type integer"),
        ({"type": "integer"}, "9" * 5000, "of type integer"),
        ({"type": "integer", "minimum": 5}, "4", "at least 5"),
        ({"type": "number"}, "nan", "of type number"),
        ({"type": "number"}, "1e999", "of type number"),
        ({"type": "number"}, "1.2.3", "of type number"),
        ({"type": "boolean"}, SECRET, "of type boolean"),
        (COLORS, SECRET, "one of 'Red', 'Green'"),
        (COLORS, "3", "one of 'Red', 'Green'"),
        (SEVERAL, "a, z", "one of 'a', 'b', 'c'"),
        (SEVERAL, "1,2,3", "of at most 2 items"),
        ({"type": "object"}, SECRET, "JSON"),
        ({"type": "object"}, "NaN", "JSON"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_typed_text_that_means_nothing_is_refused_without_showing_it(
    schema: Any, text: str, rule: str
) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        field(**schema).parse(text)

    assert str(caught.value) == f"value: must be {rule}"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_title_comes_before_the_value_of_another_option() -> None:
    crossed = [{"const": "a", "title": "b"}, {"const": "b", "title": "a"}]

    assert field(type="string", oneOf=crossed).parse("a") == "b"


@given(
    st.sampled_from([STRING, COLORS, SEVERAL, {"type": "number"}, {"type": "integer"}]), st.text()
)
def test_whatever_is_typed_is_a_fitting_value_or_refused(schema: Any, text: str) -> None:
    try:
        value = field(**schema).parse(text)
    except InvalidArgumentError:
        return
    form(value=schema).response(Submit({"value": value}))
