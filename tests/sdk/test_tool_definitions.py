"""What a tool says of itself: names, description, schema."""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Callable
from datetime import date
from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from openai_codex import InvalidArgumentError, Tool, ToolError, ToolNamespace, tool
from pydantic import BaseModel, Field, field_validator

from tests.sdk.tool_samples import CALENDAR, Options, Place, Span, forecast

if TYPE_CHECKING:
    from decimal import Decimal


def properties(made: Tool[..., object]) -> Any:
    """Give what a tool's schema says of its parameters."""
    return made.input_schema["properties"]


def test_the_model_is_told_what_the_function_says_of_itself() -> None:
    assert (forecast.name, forecast.namespace) == ("forecast", None)
    assert forecast.description == "Tell what the weather will be.\n\nIt may be wrong."
    schema: Any = forecast.input_schema
    assert (schema["type"], schema["required"]) == ("object", ["city"])
    assert schema["additionalProperties"] is False
    assert properties(forecast)["city"] == {
        "type": "string",
        "description": "Where, in English.",
    }
    assert properties(forecast)["unit"]["enum"] == ["celsius", "fahrenheit"]
    assert schema["$defs"]["Place"]["properties"]["name"] == {"type": "string"}


def test_an_annotation_describes_a_parameter_before_the_docstring_does() -> None:
    assert properties(forecast)["days"]["description"].startswith("How many days.")
    assert properties(forecast)["area"]["description"].startswith("Around what.")


def test_what_the_runtime_leaves_out_of_a_schema_is_said_in_words() -> None:
    class Color(Enum):
        red = "red"

    @tool
    def paint(
        color: Color = Color.red,
        size: tuple[int, str] = (1, "m"),
        days: Annotated[int, Field(ge=1, le=9)] = 3,
        name: Annotated[str, Field(pattern="^a")] = "ä",
        day: date | None = None,
    ) -> None:
        """Paint."""

    told = {name: told.get("description") for name, told in properties(paint).items()}
    assert told == {
        "color": '(default: "red")',
        "size": '(default: [1, "m"], maxItems: 2, prefixItems: [{"type": "integer"}, '
        '{"type": "string"}])',
        "days": "(default: 3, maximum: 9, minimum: 1)",
        "name": '(default: "ä", pattern: "^a")',
        "day": "(default: null)",
    }
    assert properties(paint)["size"]["items"] == {
        "anyOf": [{"type": "integer"}, {"type": "string"}]
    }
    assert properties(paint)["day"]["anyOf"][0]["description"] == '(format: "date")'


def test_what_is_nested_is_said_in_words_too() -> None:
    schema: Any = forecast.input_schema

    assert schema["$defs"]["Span"]["properties"]["last"]["description"] == "(default: 7)"
    assert "description" not in schema["$defs"]["Place"]
    assert properties(forecast)["span"]["description"] == '(default: {"first": 1, "last": 7})'


def test_a_default_that_is_no_json_is_not_told() -> None:
    nothing = object()

    @tool
    def wait(lock: Any = nothing) -> None:
        """Wait."""

    assert properties(wait) == {"lock": {}}
    assert wait.parameters.arguments({}) == {}


def test_a_schema_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(forecast.input_schema)) == forecast.input_schema


@pytest.mark.parametrize(
    "docstring",
    [
        "Do it.\n\nArgs:\n    number: How often.\n",
        "Do it.\n\nParameters\n----------\nnumber : int\n    How often.\n",
        "Do it.\n\n:param number: How often.\n",
    ],
    ids=["Google", "NumPy", "Sphinx"],
)
def test_docstrings_of_all_styles_are_read(docstring: str) -> None:
    def again(number: int) -> None: ...

    again.__doc__ = docstring
    made = tool(again)

    assert made.description == "Do it."
    assert properties(made)["number"]["description"] == "How often."


def test_a_docstring_of_no_style_is_all_description() -> None:
    def again(number: int) -> None: ...

    again.__doc__ = "Do it.\n\nArgs:\nnumber\n:param"

    assert tool(again).description.startswith("Do it.")


def test_types_of_the_function_around_are_found() -> None:
    class Inner(BaseModel):
        number: int

    @tool
    def plain(inner: Inner) -> None:
        """Do it."""

    @tool(name="other")
    def with_settings(inner: list[Inner]) -> None:
        """Do it."""

    assert plain.parameters.arguments({"inner": {"number": 1}}) == {"inner": Inner(number=1)}
    assert with_settings.parameters.arguments({"inner": []}) == {"inner": []}


def test_types_of_whoever_calls_that_function_are_not() -> None:
    def make(annotation: str) -> Any:
        return tool(annotated(city=annotation))

    class Inner(BaseModel):
        number: int

    def call() -> Any:
        return make("Inner")

    with pytest.raises(InvalidArgumentError, match="name 'Inner' is not defined"):
        call()
    assert Inner(number=1).number == 1


def test_types_around_a_class_are_found_for_its_methods() -> None:
    class Outer(BaseModel):
        number: int

    class Agent:
        class Inner(BaseModel):
            number: int

        @tool
        def look(self, inner: Inner, outer: Outer) -> None:
            """Look."""

    assert set(properties(Agent().look)) == {"inner", "outer"}


def test_arguments_become_values_of_the_parameters_types() -> None:
    given: Any = {
        "city": "Lyon",
        "places": [{"name": "here", "parts": [{"name": "there"}]}],
        "span": {"first": 2},
        "options": {"verbose": True},
    }

    assert forecast.parameters.arguments(given) == {
        "city": "Lyon",
        "places": [Place(name="here", parts=[Place(name="there")])],
        "span": Span(2),
        "options": Options(verbose=True),
    }


def test_arguments_are_read_as_json_even_by_strict_types() -> None:
    @tool
    def note(day: Annotated[date, Field(strict=True)]) -> None:
        """Note."""

    assert note.parameters.arguments({"day": "2026-11-20"}) == {"day": date(2026, 11, 20)}


def test_a_default_of_a_field_is_given_to_the_function() -> None:
    @tool
    def note(
        days: list[int] = Field(default_factory=lambda: [1]),  # noqa: B008 - pydantic's way
        often: int = Field(default=2, ge=1),
        name: Annotated[str, Field(default="a")] = Field(),
    ) -> None:
        """Note."""

    assert note.parameters.arguments({}) == {"days": [1], "often": 2, "name": "a"}
    assert "required" not in note.input_schema


def test_parameters_may_have_names_that_pydantic_keeps() -> None:
    @tool
    def odd(
        schema: int, model_config: str, copy: bool, self: str, _under: int, parameter_1: int
    ) -> None:
        """Take all of it."""

    given: Any = {
        "schema": 1,
        "model_config": "a",
        "copy": True,
        "self": "b",
        "_under": 2,
        "parameter_1": 3,
    }
    assert odd.parameters.arguments(given) == given
    assert list(properties(odd)) == list(given)


FIT = "the arguments do not fit: "


@pytest.mark.parametrize(
    ("given", "told"),
    list[Any](
        [
            ({}, "city: Field required"),
            ({"city": 5}, "city: Input should be a valid string"),
            ({"city": "Lyon", "days": 0}, "days: Input should be greater than or equal to 1"),
            ({"city": "Lyon", "more": 1}, "more: Extra inputs are not permitted"),
            ({"city": "Lyon", "places": [{}]}, "places.0.name: Field required"),
            (
                {"city": 5, "days": 0},
                "city: Input should be a valid string; days: Input should be greater than or "
                "equal to 1",
            ),
            ([], "Input should be an object"),
            (None, "Input should be an object"),
            ("city", "Input should be an object"),
        ]
    ),
)
def test_arguments_that_do_not_fit_are_told_with_places_and_reasons(given: Any, told: str) -> None:
    with pytest.raises(ToolError) as caught:
        forecast.parameters.arguments(given)

    assert str(caught.value) == FIT + told


def test_not_all_of_very_many_reasons_are_told() -> None:
    with pytest.raises(ToolError, match=r"; and 91 more$") as caught:
        forecast.parameters.arguments({"city": "Lyon", "places": [None] * 101})

    assert str(caught.value).count("places.") == 10


def test_a_validator_speaks_to_the_model() -> None:
    class City(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def known(cls, name: str) -> str:
            raise ValueError("there is no such city")

    @tool
    def look(city: City) -> None:
        """Look."""

    with pytest.raises(ToolError, match=r"city\.name: Value error, there is no such city"):
        look.parameters.arguments({"city": {"name": "a"}})


def test_the_name_the_description_and_the_limits_can_be_given() -> None:
    @tool(name="look-up", namespace=CALENDAR, description="Look.", timeout=2, max_concurrency=3)
    def look(day: int) -> str:
        return str(day)

    assert (look.name, look.full_name, look.description) == ("look-up", "calendar.look-up", "Look.")
    assert (look.timeout, look.max_concurrency, look.defer_loading) == (2, 3, False)
    assert repr(look) == "Tool('calendar.look-up')"


def many(*cities: str) -> None:
    """Do it."""


def any_of(**cities: str) -> None:
    """Do it."""


def nameless(city: str, /) -> None:
    """Do it."""


def strange(city: str, lock: threading.Lock) -> None:
    """Do it."""


def callback(city: str, done: Callable[[int], int]) -> None:
    """Do it."""


def unimported(city: str, price: list[Decimal]) -> None:
    """Do it."""


def aliased(city: Annotated[str, Field(alias="town")]) -> None:
    """Do it."""


def silent(city: str) -> None: ...


def annotated(**annotations: object) -> Any:
    """Make a function with an annotation that no checker would let pass."""
    made = FunctionType(nameless.__code__.replace(co_posonlyargcount=0), globals(), "annotated")
    made.__doc__, made.__annotations__ = "Do it.", annotations
    return made


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (annotated(), "tool annotated: parameter city has no type: annotate it"),
        (many, "tool many: parameter cities cannot be given by name, which is how models do it"),
        (any_of, "tool any_of: parameter cities cannot be given by name, which is how models"),
        (nameless, "tool nameless: parameter city cannot be given by name, which is how models"),
        (strange, "tool strange: parameter lock: "),
        (callback, "tool callback: parameter done: Cannot generate a JsonSchema for"),
        (unimported, "tool unimported: parameter price: name 'Decimal' is not defined where the"),
        (annotated(city="a b"), "tool annotated: parameter city: its annotation is no type: Fo"),
        (annotated(city=5), "tool annotated: parameter city: "),
        (aliased, "tool aliased: parameter city has an alias: name the parameter itself like that"),
        (silent, "the model must know what tool silent does: give it a docstring, or a desc"),
        ((lambda: None), "a tool is called by 1 to 128 letters, digits, _ and -; not '<lambda>'"),
    ],
)
def test_a_function_that_no_model_can_call_is_refused(function: Any, reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        tool(function)

    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    "setting",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": "ä"},
        {"name": "a\n"},
        {"name": "a" * 129},
        {"name": "mcp"},
        {"name": "mcp__a"},
        {"name": 5},
        {"description": ""},
        {"description": 5},
        {"namespace": "calendar"},
        {"timeout": 0},
        {"timeout": "3"},
        {"max_concurrency": 0},
        {"max_concurrency": "3"},
        {"defer_loading": True},
        {"defer_loading": 1, "namespace": CALENDAR},
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError):
        tool(**setting)(forecast.function)


@pytest.mark.parametrize("name", ["a" * 128, "-", "_", "mcp_", "mcps", "Aa0-_"])
def test_a_name_that_the_runtime_takes_is_taken(name: str) -> None:
    assert tool(name=name)(forecast.function).name == name


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("", "a"),
        ("a b", "a"),
        ("a" * 65, "a"),
        ("web", "a"),
        ("submodel_delegator", "a"),
        ("mcp", "a"),
        ("mcp__a", "a"),
        ("a", ""),
        ("a", "b" * 1025),
        (5, "a"),
        ("a", 5),
    ],
)
def test_a_namespace_that_the_runtime_would_refuse_is_refused(name: Any, description: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="namespace"):
        ToolNamespace(name, description)


def test_a_namespace_may_have_long_names_and_descriptions() -> None:
    assert ToolNamespace("a" * 64, "ä" * 1024).name == "a" * 64


def test_a_tool_is_called_like_its_function() -> None:
    assert forecast("Lyon", days=2) == "Lyon celsius None Span(first=1, last=7) None 2"
    assert inspect.getdoc(forecast) == inspect.getdoc(forecast.function)
    assert inspect.signature(forecast) == inspect.signature(forecast.function)


async def test_an_async_tool_is_awaited_like_its_function() -> None:
    @tool
    async def double(number: int) -> int:
        """Double it."""
        return 2 * number

    assert double.is_async
    assert await double(4) == 8
