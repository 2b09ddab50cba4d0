"""What a tool can be made of, beside plain functions."""

from __future__ import annotations

import asyncio
import inspect
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import InvalidArgumentError, Tool, tool
from openai_codex.tools.toolbox import Toolbox

from tests.sdk.tool_samples import Place, call_of, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


def heard(made: Tool[..., object], arguments: Any = None) -> str:
    """Let the model call a tool, and give what it is told."""
    box = Toolbox()
    box.bind("T1", [made])
    return text_of(asyncio.run(box.answer(call_of(made, arguments))))


class Counter:
    """An agent with a state."""

    def __init__(self, count: int) -> None:
        self.count = count

    @tool
    def add(self, number: int) -> int:
        """Add to the count.

        Args:
            number: How much.
        """
        self.count += number
        return self.count

    @tool(max_concurrency=1)
    async def read(self) -> int:
        """Read the count."""
        return self.count

    @staticmethod
    @tool
    def double(number: int) -> int:
        """Double it."""
        return 2 * number

    def plain(self, number: int) -> int:
        """Add to the count, without keeping it."""
        return self.count + number


def test_a_method_is_the_tool_of_its_object() -> None:
    counter, other = Counter(1), Counter(10)

    assert heard(counter.add, {"number": 2}) == "3"
    assert heard(other.read) == "10"
    assert counter.add(1) == 4
    assert Counter.add(other, 1) == 11
    assert (counter.add.name, list(counter.add.input_schema)) == (
        "add",
        ["additionalProperties", "properties", "required", "type"],
    )
    assert inspect.signature(counter.add) == inspect.signature(counter.plain)


def test_the_objects_of_a_class_share_the_limit_of_a_method() -> None:
    assert Counter(1).read.limiter is Counter(2).read.limiter


def test_a_static_method_is_a_tool_without_an_object() -> None:
    assert heard(Counter.double, {"number": 2}) == "4"
    assert heard(Counter(1).double, {"number": 2}) == "4"


def test_a_tool_that_is_no_method_stays_what_it_is_in_a_class() -> None:
    class Agent:
        helper: Any = Counter.double

    assert Agent().helper is Counter.double


def test_a_bound_method_becomes_a_tool() -> None:
    made = tool(Counter(1).plain)

    assert heard(made, {"number": 2}) == "3"
    assert made.description == "Add to the count, without keeping it."


def send(text: str, key: str, times: int = 1) -> str:
    """Send it."""
    return f"{text} {key} {times}"


def test_what_a_partial_gives_itself_is_not_told_to_the_model() -> None:
    made = tool(partial(send, key="secret"))

    assert (made.name, made.description) == ("send", "Send it.")
    assert "key" not in str(made.input_schema)
    assert "secret" not in str(made.input_schema)
    assert heard(made, {"text": "a"}) == "a secret 1"
    assert heard(made, {"text": "a", "key": "b"}).endswith("key: Extra inputs are not permitted")
    assert heard(tool(partial(partial(send, "b"), times=2)), {"key": "c"}) == "b c 2"


def test_a_partial_of_a_coroutine_function_is_awaited() -> None:
    async def send(text: str, key: str) -> str:
        """Send it."""
        return text + key

    made = tool(partial(send, key="b"))

    assert made.is_async
    assert heard(made, {"text": "a"}) == "ab"


class Caller:
    """Call somebody."""

    def __call__(self, name: str) -> str:
        return f"called {name}"


class AsyncCaller:
    async def __call__(self, name: str) -> str:
        """Call somebody later."""
        return f"called {name}"


def test_an_object_that_can_be_called_becomes_a_tool_of_a_given_name() -> None:
    made = tool(name="call")(Caller())

    assert made.description == "Call somebody."
    assert heard(made, {"name": "Ann"}) == "called Ann"
    with pytest.raises(InvalidArgumentError, match="an object of Caller has no name of its own"):
        tool(Caller())


def test_an_object_whose_call_is_a_coroutine_is_awaited() -> None:
    made = tool(name="call")(AsyncCaller())

    assert (made.is_async, made.description) == (True, "Call somebody later.")
    assert heard(made, {"name": "Ann"}) == "called Ann"


def test_what_wraps_a_coroutine_function_is_awaited() -> None:
    async def inner(place: Place) -> str:
        """Look."""
        await asyncio.sleep(0)
        return place.name

    @tool
    @wraps(inner)
    def outer(*args: Any, **kwargs: Any) -> Any:
        return inner(*args, **kwargs)

    assert not outer.is_async
    assert heard(outer, {"place": {"name": "here"}}) == "here"


def numbers(count: int) -> Iterator[int]:
    """Count."""
    yield from range(count)


async def later_numbers(count: int) -> AsyncIterator[int]:
    """Count."""
    yield count


def class_send(cls: type) -> None:
    """Send it."""


@pytest.mark.parametrize(
    ("thing", "reason"),
    list[Any](
        [
            (Place, "a tool is made of a function, not of class Place"),
            (5, "a tool is made of a function, not of type int"),
            (staticmethod(send), "@tool stands below @staticmethod, next to the function"),
            (classmethod(class_send), "a class method is a tool once it has its class"),
            (Counter.double, r"Tool\('double'\) is a tool already"),
            (numbers, "numbers is a generator: a tool returns one result"),
            (later_numbers, "later_numbers is a generator: a tool returns one result"),
            (max, "the parameters of max are not known"),
            (len, "tool len: parameter obj cannot be given by name"),
        ]
    ),
)
def test_what_is_no_function_is_refused(thing: Any, reason: str) -> None:
    with pytest.raises(InvalidArgumentError, match=reason):
        tool(thing)
