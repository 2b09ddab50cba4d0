"""Tools of the program, called by the model, on the real runtime, for both halves."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from codex_app_server_types import DynamicToolCallThreadItem
from openai_codex import (
    ImageInput,
    InvalidArgumentError,
    InvalidRequestError,
    ToolError,
    ToolNamespace,
    UsageError,
    tool,
)
from openai_codex.testing import Reply
from pydantic import Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import AsyncCodex, Codex, CodexConfig, Tool
    from openai_codex.testing import ModelServer

WHILE = 20
"""How long to wait for what is to come soon, in seconds."""


@pytest.fixture
def config(config: CodexConfig) -> CodexConfig:
    return replace(config, experimental_api=True)


def output_of(codex: Codex, model: ModelServer, made: Tool[..., object], arguments: Any) -> Any:
    """Let the model call a tool, and tell what it hears of it."""
    model.add(Reply.tool_call(made.name, arguments), "Done.")
    assert codex.thread_start(tools=[made]).run("Use it.").final_response == "Done."
    [heard] = [item for item in model.requests[-1].input if item["type"] == "function_call_output"]
    return heard["output"]


@tool
def plain(city: str) -> dict[str, str]:
    """Tell the weather."""
    return {"sky": f"grey over {city}"}


@tool
async def asynchronous(city: str) -> str:
    """Tell the weather."""
    await asyncio.sleep(0)
    return f"grey over {city}"


@tool
def picture() -> list[object]:
    """Show the weather."""
    return ["see", ImageInput("data:image/png;base64,")]


@tool
def knowing() -> str:
    """Tell the weather."""
    raise ToolError("the station is closed")


@tool
def broken() -> str:
    """Tell the weather."""
    raise RuntimeError("the password is 1234")


@tool
async def broken_async() -> str:
    """Tell the weather."""
    raise RuntimeError("the password is 1234")


@tool
def unsayable() -> object:
    """Tell the weather."""
    return object()


class Agent:
    """Something that has tools of its own."""

    def __init__(self, sky: str) -> None:
        self.sky = sky

    @tool
    def look(self, city: str) -> str:
        """Tell the weather."""
        return f"{self.sky} over {city}"


agent = Agent("sunny")


@tool(timeout=0.1)
def slow() -> None:
    """Tell the weather."""
    threading.Event().wait(5)


@tool(timeout=0.1)
async def slow_async() -> None:
    """Tell the weather."""
    await asyncio.Event().wait()


@tool(timeout=0.1)
async def slow_beside() -> None:
    """Tell the weather, of which the event loop cannot be rid."""
    await asyncio.get_running_loop().run_in_executor(None, threading.Event().wait, 2)


@pytest.mark.parametrize(
    ("made", "arguments", "heard"),
    [
        (plain, {"city": "Lyon"}, '{"sky":"grey over Lyon"}'),
        (asynchronous, {"city": "Lyon"}, "grey over Lyon"),
        (plain, {"city": 5}, "the arguments do not fit: city: Input should be a valid string"),
        (plain, {}, "the arguments do not fit: city: Field required"),
        (knowing, {}, "the station is closed"),
        (slow, {}, "slow took more than 0.1 s, and was given up."),
        (slow_async, {}, "slow_async took more than 0.1 s, and was given up."),
        (slow_beside, {}, "slow_beside took more than 0.1 s, and was given up."),
        (agent.look, {"city": "Lyon"}, "sunny over Lyon"),
    ],
    ids=repr,
)
def test_the_model_hears_what_a_tool_says(
    codex: Codex, model: ModelServer, made: Any, arguments: Any, heard: str
) -> None:
    assert output_of(codex, model, made, arguments) == heard


def test_the_model_sees_what_a_tool_shows(codex: Codex, model: ModelServer) -> None:
    text, image = output_of(codex, model, picture, {})

    assert text == {"type": "input_text", "text": "see"}
    assert "image" in str(image)


@pytest.mark.parametrize("made", [broken, broken_async, unsayable], ids=repr)
def test_a_tool_that_breaks_tells_the_model_nothing_and_the_developer_all(
    codex: Codex, model: ModelServer, caplog: pytest.LogCaptureFixture, made: Any
) -> None:
    heard = output_of(codex, model, made, {})

    assert heard == f"{made.name} failed: an error in the program that offers it."
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.name == "openai_codex.tools"
    assert f"tool {made.name} failed in thread" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[2] is not None


def test_the_turn_goes_on_after_a_tool_that_broke(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.tool_call("broken", {}), Reply.tool_call("plain", {"city": "Lyon"}), "Done.")

    result = codex.thread_start(tools=[broken, plain]).run("Use them.")

    calls = [item for item in result.items if isinstance(item, DynamicToolCallThreadItem)]
    assert [call.success for call in calls] == [False, True]
    assert result.final_response == "Done."


def test_one_turn_may_have_several_calls_at_once(codex: Codex, model: ModelServer) -> None:
    calls = [Reply.tool_call("plain", {"city": city}) for city in ("Lyon", "Rome")]
    model.add(calls[0] + calls[1], "Done.")

    assert codex.thread_start(tools=[plain]).run("Use it.").final_response == "Done."

    outputs = [item["output"] for item in model.requests[-1].input if "output" in item]
    assert outputs == ['{"sky":"grey over Lyon"}', '{"sky":"grey over Rome"}']


def test_the_model_is_told_which_tools_there_are(codex: Codex, model: ModelServer) -> None:
    group = ToolNamespace("calendar", "What the user has to do.")
    inner = tool(name="day", namespace=group, description="Tell.")(plain.function)
    model.add("Hello.")

    codex.thread_start(tools=[plain, inner]).run("Hi.")

    offered = {one.get("name"): one for one in model.requests[0].body["tools"]}
    assert offered["plain"]["description"] == "Tell the weather."
    assert offered["plain"]["parameters"]["properties"]["city"]["type"] == "string"
    assert offered["calendar"]["description"] == "What the user has to do."
    assert [one["name"] for one in offered["calendar"]["tools"]] == ["day"]


def test_the_model_is_told_of_defaults_and_limits(codex: Codex, model: ModelServer) -> None:
    @tool
    def ask(days: Annotated[int, Field(ge=1)] = 3, pair: tuple[int, str] = (1, "a")) -> None:
        """Ask."""

    model.add("Hello.")
    codex.thread_start(tools=[ask]).run("Hi.")

    [offered] = [one for one in model.requests[0].body["tools"] if one.get("name") == "ask"]
    told = offered["parameters"]["properties"]
    assert told["days"]["description"] == "(default: 3, minimum: 1)"
    assert told["pair"]["items"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}


def test_a_tool_that_is_put_off_is_not_told_at_first(codex: Codex, model: ModelServer) -> None:
    group = ToolNamespace("calendar", "What the user has to do.")
    later = tool(name="day", namespace=group, defer_loading=True)(plain.function)
    model.add("Hello.")

    codex.thread_start(tools=[later]).run("Hi.")

    assert "calendar" not in model.requests[0].tool_names


REFUSED = ("mcp", "mcp__a", "a b", "a" * 129)


@pytest.mark.parametrize("name", ["a" * 128, "-_", "mcp_a", *REFUSED])
def test_the_runtime_refuses_the_names_that_the_decorator_does(codex: Codex, name: str) -> None:
    made = tool(name="stand-in")(plain.function)
    made.name = name

    if name in REFUSED:
        with pytest.raises(InvalidRequestError, match="dynamic tool name"):
            codex.thread_start(tools=[made])
        with pytest.raises(InvalidArgumentError):
            tool(name=name)(plain.function)
    else:
        codex.thread_start(tools=[made])


def test_the_call_is_an_item_of_the_turn(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.tool_call("plain", {"city": "Lyon"}), "Done.")

    result = codex.thread_start(tools=[plain]).run("Use it.")

    [call] = [item for item in result.items if isinstance(item, DynamicToolCallThreadItem)]
    assert (call.tool, call.success, call.arguments) == ("plain", True, {"city": "Lyon"})


def test_threads_have_each_their_own_tools(codex: Codex, model: ModelServer) -> None:
    other = tool(name="plain", description="Other.")(lambda: "other")
    first, second = codex.thread_start(tools=[plain]), codex.thread_start(tools=[other])
    model.add(Reply.tool_call("plain", {"city": "Lyon"}), "Done.")
    model.add(Reply.tool_call("plain", {}), "Done.")

    first.run("Use it.")
    second.run("Use it.")

    assert "grey over Lyon" in str(model.requests[1].input[-1])
    assert model.requests[3].input[-1]["output"] == "other"


def test_a_thread_that_is_continued_gets_its_tools_back(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    model: ModelServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = opened(config)
    thread = first.thread_start(tools=[plain])
    model.add("Hello.")
    thread.run("Hi.")
    first.close()
    second = opened(config)
    model.add(Reply.tool_call("plain", {"city": "Lyon"}), "Lost.")
    model.add(Reply.tool_call("plain", {"city": "Lyon"}), "Done.")

    second.thread_resume(thread.id).run("Use it.")
    lost = model.requests[-1].input[-1]
    warnings = [record.getMessage() for record in caplog.records]
    second.thread_resume(thread.id, tools=[plain]).run("Use it.")
    found = model.requests[-1].input[-1]

    assert lost["output"].startswith("There is no tool plain: the program that offered it")
    assert found["output"] == '{"sky":"grey over Lyon"}'
    assert [warning.startswith("there is no tool plain") for warning in warnings] == [True]
    assert len(caplog.records) == 1  # none of the tools that came back


def test_tools_that_changed_meanwhile_are_warned_of(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    model: ModelServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    group = ToolNamespace("calendar", "What the user has to do.")
    later = tool(name="day", namespace=group, defer_loading=True)(plain.function)
    first = opened(config)
    thread = first.thread_start(tools=[plain, later, asynchronous])
    model.add("Hello.")
    thread.run("Hi.")
    first.close()

    other = tool(name="plain", description="Other.")(plain.function)
    opened(config).thread_resume(thread.id, tools=[later, other, picture])

    [record] = caplog.records
    assert (record.name, record.levelname) == ("openai_codex.tools", "WARNING")
    assert f"thread {thread.id}" in record.getMessage()
    assert "(new: picture; gone: asynchronous; changed: plain)" in record.getMessage()


def test_tools_for_a_thread_that_has_none_are_warned_of(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    model: ModelServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = opened(config)
    model.add("Hello.")
    thread = first.thread_start()
    thread.run("Hi.")

    first.thread_resume(thread.id, tools=[plain])

    assert "(new: plain)" in caplog.text


def test_a_copy_of_a_thread_has_its_tools(codex: Codex, model: ModelServer) -> None:
    model.add("Hello.", Reply.tool_call("plain", {"city": "Lyon"}), "Done.")
    thread = codex.thread_start(tools=[plain])
    thread.run("Hi.")

    codex.thread_fork(thread.id).run("Use it.")

    assert model.requests[-1].input[-1]["output"] == '{"sky":"grey over Lyon"}'


def test_a_client_of_the_stable_protocol_has_no_tools(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig
) -> None:
    codex = opened(replace(config, experimental_api=False))

    with pytest.raises(UsageError, match=r"CodexConfig\(experimental_api=True\)"):
        codex.thread_start(tools=[plain])
    with pytest.raises(UsageError, match=r"CodexConfig\(experimental_api=True\)"):
        codex.thread_resume("01a1fa30-95fd-7ff0-acb2-eb00426e094a", tools=[plain])


def test_what_is_no_tool_is_refused(codex: Codex) -> None:
    wrong: Any = plain.function
    with pytest.raises(InvalidArgumentError, match="made by @tool"):
        codex.thread_start(tools=[wrong])
    with pytest.raises(InvalidArgumentError, match="made by @tool"):
        codex.thread_resume("01a1fa30-95fd-7ff0-acb2-eb00426e094a", tools=[wrong])


def test_an_interrupt_cancels_the_tool(codex: Codex, model: ModelServer) -> None:
    begun, cancelled = threading.Event(), threading.Event()

    @tool
    async def endless() -> None:
        """Go on."""
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    model.add(Reply.tool_call("endless", {}))
    handle = codex.thread_start(tools=[endless]).turn("Use it.")
    while not begun.is_set():
        codex.account()  # meanwhile things can happen
    handle.interrupt()

    assert handle.run().status == "interrupted"
    while not cancelled.is_set():
        codex.account()


def test_an_interrupt_does_not_wait_for_a_plain_tool(codex: Codex, model: ModelServer) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @tool
    def endless() -> None:
        """Go on."""
        begun.set()
        go_on.wait(WHILE)

    model.add(Reply.tool_call("endless", {}), "Hello.")
    thread = codex.thread_start(tools=[endless])
    handle = thread.turn("Use it.")
    while not begun.is_set():
        codex.account()
    handle.interrupt()

    assert handle.run().status == "interrupted"
    assert thread.run("Hi.").final_response == "Hello."
    assert not go_on.is_set()
    go_on.set()


def test_a_tool_may_use_the_client_that_it_belongs_to(
    opened_sync: Codex, model: ModelServer
) -> None:
    @tool
    def ask() -> str | None:
        """Ask somebody else."""
        return opened_sync.thread_start().run("Well?").final_response

    model.add(Reply.tool_call("ask", {}), "Well.", "Done.")

    assert opened_sync.thread_start(tools=[ask]).run("Use it.").final_response == "Done."
    assert model.requests[-1].input[-1]["output"] == "Well."


async def test_a_tool_of_an_async_client_runs_on_its_event_loop(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @tool
    async def where() -> None:
        """Look."""
        loops.append(asyncio.get_running_loop())

    model.add(Reply.tool_call("where", {}), "Done.")
    thread = await opened_async.thread_start(tools=[where])
    await asyncio.wait_for(thread.run("Use it."), WHILE)

    assert loops == [asyncio.get_running_loop()]
