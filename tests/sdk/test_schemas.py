"""Schemas that a model can be held to, and the way back to the values of a type."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, cast
from uuid import UUID

import pytest
from codex_app_server_rpc import deadline
from jsonschema import Draft202012Validator
from openai_codex import InvalidArgumentError
from openai_codex.output import Attempts
from openai_codex.schemas import Strict
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, WithJsonSchema
from typing_extensions import NotRequired, TypedDict


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    x: int
    y: int = 0


class Circle(BaseModel):
    kind: Literal["circle"] = "circle"
    center: Point
    radius: float = Field(default=1.0, gt=0)


class Line(BaseModel):
    kind: Literal["line"] = "line"
    ends: tuple[Point, Point]


class Drawing(BaseModel):
    """A drawing."""

    name: str = Field(max_length=20, description="What it is called")
    shapes: list[Annotated[Circle | Line, Field(discriminator="kind")]]
    color: Color | None = None
    tags: set[str] = {"new"}
    note: str | None = "none"


class Tree(BaseModel):
    value: int = 7
    children: list[Tree] = []


@dataclass
class Person:
    name: str
    friends: list[Person] = field(default_factory=list["Person"])


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Open(BaseModel, extra="allow"):
    name: str


class Named(BaseModel):
    point: Point = Field(description="Where it is")


class Warm(BaseModel):
    degrees: int = 20


class Loud(BaseModel):
    decibels: int = 80


class Author(BaseModel):
    books: list[Book] = []


class Book(BaseModel):
    author: Author | None = None
    pages: int = 1


class Library(BaseModel):
    founder: Author
    oldest: Book


class Pair(NamedTuple):
    first: int
    second: int


def said(schema: dict[str, Any]) -> Any:
    """Make a type that says its schema itself."""
    return Annotated[object, WithJsonSchema(schema)]


def strict(kind: Any) -> Strict:
    return Strict(TypeAdapter[Any](kind).json_schema())


def schema_of(kind: Any) -> Any:
    return strict(kind).schema


def objects(node: object) -> list[dict[str, Any]]:
    """Find the objects that a schema describes."""
    if isinstance(node, list):
        return [found for item in cast("list[object]", node) for found in objects(item)]
    if not isinstance(node, dict):
        return []
    members = cast("dict[str, Any]", node)
    inner = objects(list(members.values()))
    return [members, *inner] if members.get("type") == "object" else inner


def words(node: object, *, are_names: bool = False) -> set[str]:
    """Find the words that a schema is made of, but for the names of properties."""
    if isinstance(node, list):
        return set[str]().union(*map(words, cast("list[object]", node)))
    if not isinstance(node, dict):
        return set()
    members = cast("dict[str, Any]", node)
    inner = [
        words(value, are_names=not are_names and key in ("properties", "$defs"))
        for key, value in members.items()
    ]
    return set[str]().union(() if are_names else members, *inner)


KINDS: list[Any] = [
    Drawing,
    Tree,
    Person,
    Library,
    Movie,
    list[Movie],
    Point,
    Circle | Line,
    Drawing | None,
    int,
    list[list[int]],
    tuple[int, ...],
    Pair,
    Literal["a", "b"],
    int | str | None,
    datetime,
    Decimal,
    UUID,
    Path,
    Annotated[str, Field(min_length=2, pattern="^a")],
    frozenset[Color],
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_object_names_and_requires_all_it_has_and_allows_no_more(kind: Any) -> None:
    schema = schema_of(kind)

    Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    found = objects(schema)
    assert found
    for node in found:
        assert node["required"] == list(node["properties"])
        assert node["additionalProperties"] is False


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_has_no_word_that_strict_schemas_lack(kind: Any) -> None:
    assert words(schema_of(kind)) <= {
        *("type", "properties", "required", "additionalProperties", "items", "anyOf", "$ref"),
        *("$defs", "enum", "const", "description", "format", "pattern", "minItems", "maxItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }


def test_an_object_stands_for_itself_and_everything_else_in_one() -> None:
    assert list(schema_of(Point)["properties"]) == ["x", "y"]
    assert schema_of(list[int]) == {
        "type": "object",
        "properties": {"value": {"type": "array", "items": {"type": "integer"}}},
        "required": ["value"],
        "additionalProperties": False,
    }


def test_what_may_be_left_out_may_be_null() -> None:
    assert schema_of(Point)["properties"] == {
        "x": {"type": "integer"},
        "y": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    }


def test_what_may_be_null_already_is_left_as_it_is() -> None:
    color = schema_of(Drawing)["properties"]["color"]

    assert color == {"anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "null"}]}


def test_what_is_always_the_same_is_not_null() -> None:
    assert schema_of(Circle)["properties"]["kind"] == {"type": "string", "const": "circle"}


def test_references_are_resolved() -> None:
    assert "$" not in json.dumps(schema_of(Drawing))


@pytest.mark.parametrize("kind", [Tree, Person, Tree | None, list[Person]], ids=str)
def test_only_what_contains_itself_refers_to_itself(kind: Any) -> None:
    schema = schema_of(kind)

    [name] = schema["$defs"]
    assert json.dumps(schema).count("#/$defs/") == json.dumps(schema).count(f'"#/$defs/{name}"') > 0


def test_what_the_schema_cannot_say_is_said_in_words() -> None:
    properties = schema_of(Drawing)["properties"]

    assert properties["name"]["description"] == "What it is called (maxLength: 20)"
    assert properties["tags"]["anyOf"][0]["description"] == "(uniqueItems: True)"
    assert schema_of(Path)["properties"]["value"]["description"] == "(format: path)"


def test_descriptions_are_kept() -> None:
    assert schema_of(Drawing)["description"] == "A drawing."
    assert schema_of(Named)["properties"]["point"]["description"] == "Where it is"


def test_a_type_that_takes_more_properties_has_to_do_without() -> None:
    assert schema_of(Open)["properties"] == {"name": {"type": "string"}}


def test_one_choice_of_all_is_that_choice() -> None:
    [choice] = schema_of(said({"allOf": [{"type": "string"}]}))["properties"]["value"]["anyOf"]

    assert choice == {"type": "string"}


def test_a_default_need_not_keep_to_its_own_rules() -> None:
    class Odd(BaseModel):
        size: int = Field(default=-1, ge=0)

    assert TypeAdapter(Odd).validate_python(strict(Odd).relaxed({"size": None})) == Odd()


@pytest.mark.parametrize("value", [{"value": 1, "more": 2}, {"more": 2}, {}, 1])
def test_what_is_not_wrapped_as_it_should_be_is_left_to_be_refused(value: Any) -> None:
    assert strict(int).relaxed(value) == value


def test_there_is_no_further_attempt_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(deadline, "monotonic", lambda: now)
    attempts = Attempts(3, 10, is_typed=True)

    now = 4.0
    assert attempts.begin_another()
    assert attempts.remaining() == 6
    now = 10.0
    assert not attempts.begin_another()


class Anything(BaseModel):
    value: Any


class Maps(BaseModel):
    inner: list[Annotated[dict[str, int], Field(description="no")]]


class Mixed(BaseModel):
    deep: Maps


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (dict[str, int], "the output is a map"),
        (dict, "the output is a map"),
        (Any, "the output may be anything"),
        (object, "the output may be anything"),
        (list, "the output[] may be anything"),
        (tuple[int, str], "the output is a tuple of different things"),
        (Anything, "the output.value may be anything"),
        (Maps, "the output.inner[] is a map"),
        (Mixed, "the output.deep.inner[] is a map"),
        (Mixed | None, "the output.deep.inner[] is a map"),
        (list[Anything], "the output[].value may be anything"),
        (said({"type": "array"}), "the output[] may be anything"),
        (said({"type": "object"}), "the output is a map"),
        (said({"allOf": [{"type": "string"}, {"type": "null"}]}), "the output must be several thi"),
        (said({"type": "array", "prefixItems": [{"type": "null"}]}), "the output is a tuple of"),
    ],
    ids=str,
)
def test_what_cannot_be_said_is_refused_by_its_place(kind: Any, place: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        strict(kind)

    assert str(caught.value).startswith(f"{place}")
    assert str(caught.value).endswith(": no model can be held to that")


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        (Point, {"x": 1, "y": None}, Point(x=1)),
        (Point, {"x": 1, "y": 2}, Point(x=1, y=2)),
        (Point | None, {"value": None}, None),
        (Point | None, {"value": {"x": 1, "y": None}}, Point(x=1)),
        (list[Point], {"value": [{"x": 1, "y": None}]}, [Point(x=1)]),
        (Movie, {"title": "M", "year": None}, {"title": "M"}),
        (
            Library,
            {
                "founder": {"books": [{"author": {"books": None}, "pages": None}]},
                "oldest": {"author": {"books": [{"author": None, "pages": 2}]}, "pages": None},
            },
            Library(
                founder=Author(books=[Book(author=Author())]),
                oldest=Book(author=Author(books=[Book(pages=2)])),
            ),
        ),
        (Warm | Loud, {"value": {"decibels": None}}, Loud()),
        (Named, {"point": {"x": 1, "y": None}}, Named(point=Point(x=1))),
        (Tree, {"value": None, "children": [{"value": 1, "children": None}]}, None),
        (Person, {"name": "a", "friends": [{"name": "b", "friends": None}]}, None),
        (
            Drawing,
            {
                "name": "d",
                "shapes": [
                    {"kind": "circle", "center": {"x": 1, "y": None}, "radius": None},
                    {"kind": "line", "ends": [{"x": 1, "y": None}, {"x": 2, "y": 3}]},
                ],
                "color": None,
                "tags": None,
                "note": None,
            },
            Drawing(
                name="d",
                shapes=[Circle(center=Point(x=1)), Line(ends=(Point(x=1), Point(x=2, y=3)))],
                note=None,
            ),
        ),
    ],
    ids=str,
)
def test_nulls_give_way_to_defaults_and_only_where_there_are_some(
    kind: Any, given: Any, value: Any
) -> None:
    made = strict(kind)
    validator: Any = Draft202012Validator(made.schema)
    validator.validate(given)

    relaxed = TypeAdapter[Any](kind).validate_python(made.relaxed(given))

    if kind is Tree:
        assert relaxed == Tree(children=[Tree(value=1)])
    elif kind is Person:
        assert relaxed == Person("a", [Person("b")])
    else:
        assert relaxed == value


@pytest.mark.parametrize(
    "value", [None, 5, "text", [1], {"x": None}, {"value": 1, "more": 2}, {"y": None, "x": [None]}]
)
def test_a_value_that_does_not_keep_to_it_is_left_to_be_refused(value: Any) -> None:
    relaxed = strict(Drawing).relaxed(value)

    with pytest.raises(ValidationError):
        TypeAdapter(Drawing).validate_python(relaxed)
