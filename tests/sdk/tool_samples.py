"""Tools that several tests use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import codex_app_server_types as types
from openai_codex import Tool, ToolNamespace, tool
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

__all__ = ["CALENDAR", "Options", "Place", "Span", "call_of", "forecast", "named", "text_of"]

CALENDAR = ToolNamespace("calendar", "What the user has to do.")


class Place(BaseModel):
    name: str
    code: int | None = None
    parts: list[Place] = []


@dataclass
class Span:
    first: int
    last: int = 7


class Options(TypedDict):
    verbose: bool


@tool
def forecast(  # noqa: D417 - not all parameters need a description
    city: str,
    unit: Literal["celsius", "fahrenheit"] = "celsius",
    places: list[Place] | None = None,
    span: Span = Span(1),  # noqa: B008 - it is not changed
    options: Options | None = None,
    days: Annotated[int, Field(ge=1, description="How many days.")] = 1,
    area: Annotated[str, "Around what."] = "",
) -> str:
    """Tell what the weather will be.

    It may be wrong.

    Args:
        city: Where, in English.
        unit: Of the temperature.
        days: This is not what the model reads.

    Returns:
        Text.
    """
    return f"{city} {unit} {places} {span} {options} {days}{area}"


def named(name: str, namespace: ToolNamespace | None = None, **settings: Any) -> Tool[..., object]:
    """Make a tool of another name."""
    return tool(name=name, namespace=namespace, description="Do.", **settings)(forecast.function)


def call_of(made: Tool[..., object], arguments: Any = None) -> types.DynamicToolCallParams:
    """Make the call of a tool, as the runtime sends it."""
    return types.DynamicToolCallParams(
        arguments={} if arguments is None else arguments,
        call_id="C1",
        thread_id="T1",
        turn_id="U1",
        tool=made.name,
        namespace=None if made.namespace is None else made.namespace.name,
    )


def text_of(answer: types.DynamicToolCallResponse) -> str:
    """Give the text that an answer consists of."""
    [item] = answer.content_items
    assert isinstance(item, types.InputTextDynamicToolCallOutputContentItem)
    return item.text
