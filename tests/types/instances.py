"""JSON that the schema allows, made by `hypothesis-jsonschema`.

Each definition has strategies of its own, made once and when first drawn from. Where a definition
refers to another, its strategy leaves a hole, which is filled from the other's: inlining all of the
protocol into each of its 900 definitions would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, Final, cast

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from hypothesis_jsonschema import (
    from_schema,  # pyright: ignore[reportUnknownVariableType]  # its alias of JSON is a bare `list`
)

from tests.types.protocol import Arm, Json, Schema, is_array, is_object, named

__all__ = ["ANY_JSON", "Extent", "for_all", "instances", "of_arm", "sample"]

_HOLE = "<definition> "
_DEPTH = 3

ANY_JSON: Final[st.SearchStrategy[Json]] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.none() | st.text(max_size=4), max_size=2),
)
"""Small JSON values of every type."""


class Extent(Enum):
    """How much of what is optional an instance has."""

    LEAST = "nothing"
    SOME = "whatever comes up"
    WHOLE = "every property, not null; every list and map not empty"


def for_all(
    strategy: st.SearchStrategy[Json], examples: int
) -> Callable[[Callable[[Json], None]], None]:
    """Run the decorated check, at once, for some examples of a strategy.

    A `@given` test that is parametrized would look its settings up through those of all its runs
    before, and exceed the recursion limit after some 900 definitions.
    """
    # Larger definitions have larger instances, slow to make and slower to shrink: neither is news,
    # and what breaks one of those breaks a small one too.
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

    def run(check: Callable[[Json], None]) -> None:
        few = settings(max_examples=examples, phases=[Phase.generate], suppress_health_check=slow)
        few(given(strategy)(check))()

    return run


@st.composite
def instances(
    draw: st.DrawFn, name: str, extent: Extent | None = None, depth: int = _DEPTH
) -> Json:
    """Make instances of a definition.

    Args:
        draw: given by hypothesis.
        name: the definition.
        extent: how much of the optional there shall be; without it, now this and now that.
        depth: how many levels of definitions below this one are more than the least.
    """
    return draw(of_arm(draw(st.sampled_from(named(name))), extent, depth))


@st.composite
def of_arm(draw: st.DrawFn, arm: Arm, extent: Extent | None = None, depth: int = _DEPTH) -> Json:
    """Make instances of one alternative of a definition; the rest is as for `instances`."""
    chosen = draw(st.sampled_from(Extent)) if extent is None else extent
    outline = draw(_outlines(arm, chosen if depth else Extent.LEAST))

    def fill(value: Json) -> Json:
        if isinstance(value, str) and value.startswith(_HOLE):
            return draw(instances(value[len(_HOLE) :], chosen, max(0, depth - 1)))
        if is_array(value):
            return [fill(entry) for entry in value]
        if is_object(value):
            return {key: fill(entry) for key, entry in value.items()}
        return value

    return fill(outline)


@cache
def sample(arm: Arm) -> Json:
    """Return one instance of an alternative that has all there can be; not to be changed."""
    drawn: list[Json] = []

    @for_all(of_arm(arm, Extent.WHOLE), examples=2)
    def draw(raw: Json) -> None:
        drawn.append(raw)

    return drawn[-1]  # the first is the simplest that there is


@cache
def _outlines(arm: Arm, extent: Extent) -> st.SearchStrategy[Json]:
    return cast("st.SearchStrategy[Json]", from_schema(_outlined(arm.schema, extent)))


def _outlined(schema: Json, extent: Extent) -> Json:
    """Return a schema without references, without prose, and of bounded size."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema:
        return {"const": _HOLE + schema["$ref"].rpartition("/")[2]}
    outline: dict[str, Any] = {
        key: schema[key]
        for key in ("type", "enum", "required", "minimum", "minLength", "additionalProperties")
        if key in schema
    }
    for key in ("oneOf", "anyOf", "allOf"):
        if key in schema:
            outline[key] = [_outlined(alternative, extent) for alternative in schema[key]]
    if extent is Extent.WHOLE:
        _without_null(outline)
    _bound_array(outline, schema, extent)
    _bound_object(outline, schema, extent)
    return outline


def _without_null(outline: Schema) -> None:
    if isinstance(outline.get("type"), list):
        outline["type"] = [name for name in outline["type"] if name != "null"]
    if "anyOf" in outline:
        outline["anyOf"] = [arm for arm in outline["anyOf"] if arm != {"type": "null"}]


def _bound_array(outline: Schema, schema: Schema, extent: Extent) -> None:
    if "items" in schema:
        outline["items"] = _outlined(schema["items"], extent)
        outline["minItems"] = int(extent is Extent.WHOLE)
        outline["maxItems"] = 0 if extent is Extent.LEAST else 2


def _bound_object(outline: Schema, schema: Schema, extent: Extent) -> None:
    if isinstance(schema.get("additionalProperties"), dict):
        outline["additionalProperties"] = _outlined(schema["additionalProperties"], extent)
        outline["minProperties"] = int(extent is Extent.WHOLE)
        outline["maxProperties"] = 0 if extent is Extent.LEAST else 2
    fields: dict[str, Json] = schema.get("properties", {})
    if not fields:
        return
    kept = schema.get("required", []) if extent is Extent.LEAST else list(fields)
    outline["properties"] = {name: _outlined(fields[name], extent) for name in kept}
    if extent is Extent.WHOLE:
        outline["required"] = list(fields)
    # What the schema does not name comes from a newer server, which other tests play.
    outline["additionalProperties"] = False
