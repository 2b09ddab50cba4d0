"""Calls of the model: what it is told, what the log is told, and how long and many they are."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from typing import Annotated, Any

import codex_app_server_types as types
import pytest
from openai_codex import ImageInput, Tool, ToolError, tool
from openai_codex.tools.toolbox import Toolbox
from pydantic import AfterValidator, BaseModel, computed_field

from tests.sdk.tool_samples import CALENDAR, call_of, forecast, named, text_of

WHILE = 20
"""How long to wait for what is to come soon, in seconds."""
SAFE = "failed: an error in the program that offers it."


def box_of(*tools: Tool[..., object]) -> Toolbox:
    """Make a toolbox of one thread."""
    box = Toolbox()
    box.bind("T1", tools)
    return box


async def answer(made: Tool[..., object], arguments: Any = None) -> types.DynamicToolCallResponse:
    """Let the model call a tool."""
    return await asyncio.wait_for(box_of(made).answer(call_of(made, arguments)), WHILE)


async def test_what_a_tool_returns_is_told() -> None:
    told = await answer(forecast, {"city": "Lyon", "unit": "celsius"})

    assert (told.success, text_of(told)) == (
        True,
        "Lyon celsius None Span(first=1, last=7) None 1",
    )


async def test_arguments_that_do_not_fit_are_told_and_no_call_is_made() -> None:
    told = await answer(forecast, {"city": 5})

    assert not told.success
    assert text_of(told) == ("the arguments do not fit: city: Input should be a valid string")


async def test_a_tool_of_a_namespace_is_found_by_both_names() -> None:
    box = box_of(named("day"), named("day", CALENDAR), named("other", CALENDAR))
    call = call_of(named("day", CALENDAR), {"city": "a"})

    assert (await box.answer(call)).success
    call.namespace = "diary"
    assert not (await box.answer(call)).success


async def test_a_tool_that_is_not_there_is_told_to_both(caplog: pytest.LogCaptureFixture) -> None:
    told = await box_of().answer(call_of(forecast))

    assert not told.success
    assert text_of(told).startswith("There is no tool forecast: the program that offered it")
    [record] = caplog.records
    assert (record.name, record.levelname) == ("openai_codex.tools", "WARNING")
    for word in ("forecast", "T1", "U1", "C1", "thread_resume(tools=[...])"):
        assert word in record.getMessage()


async def test_what_a_tool_error_says_is_told_and_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @tool
    def look() -> None:
        """Look."""
        raise ToolError("the station is closed")

    told = await answer(look)

    assert (told.success, text_of(told)) == (False, "the station is closed")
    assert not caplog.records


async def test_a_tool_error_without_words_says_that_it_failed() -> None:
    @tool
    def look() -> None:
        """Look."""
        raise ToolError

    assert text_of(await answer(look)) == "look failed."


def raising(error: BaseException) -> Tool[[], None]:
    @tool
    def look() -> None:
        """Look."""
        raise error

    return look


def raising_later(error: BaseException) -> Tool[[], Any]:
    @tool
    async def look() -> None:
        """Look."""
        await asyncio.sleep(0)
        raise error

    return look


def giving(result: object) -> Tool[[], object]:
    @tool
    def look() -> object:
        """Look."""
        return result

    return look


BREAKING: dict[str, Tool[..., object]] = {
    "RuntimeError": raising(RuntimeError("the password is 1234")),
    "StopIteration": raising(StopIteration("1234")),
    "SystemExit": raising(SystemExit(1234)),
    "KeyboardInterrupt": raising(KeyboardInterrupt(1234)),
    "CancelledError": raising(CancelledError("1234")),
    "RuntimeError, async": raising_later(RuntimeError("the password is 1234")),
    "SystemExit, async": raising_later(SystemExit(1234)),
    "CancelledError, async": raising_later(asyncio.CancelledError("1234")),
    "TimeoutError, async": raising_later(asyncio.TimeoutError("1234")),
    "no JSON": giving(object()),
    "remote image": giving(ImageInput("https://1234.de/")),
}


@pytest.mark.parametrize("made", BREAKING.values(), ids=BREAKING)
async def test_what_breaks_is_told_safely_and_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture, made: Tool[..., object]
) -> None:
    told = await answer(made)

    assert (told.success, text_of(told)) == (False, f"look {SAFE}")
    [record] = caplog.records
    assert (record.name, record.levelname) == ("openai_codex.tools", "ERROR")
    assert record.getMessage() == "tool look failed in thread T1, turn U1, call C1"
    assert record.exc_info is not None
    assert record.exc_info[2] is not None


async def test_a_validator_that_breaks_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    def check(city: str) -> str:
        raise KeyError("1234")

    @tool
    def look(city: Annotated[str, AfterValidator(check)]) -> None:
        """Look."""

    assert text_of(await answer(look, {"city": "a"})) == f"look {SAFE}"
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_a_plain_tool_runs_in_a_thread_of_its_own() -> None:
    @tool
    def where() -> str:
        """Say where."""
        return threading.current_thread().name

    assert text_of(await answer(where)) == "codex-where"


async def test_a_result_is_made_json_beside_the_event_loop() -> None:
    class Slow(BaseModel):
        @computed_field
        def thread(self) -> str:
            return threading.current_thread().name

    @tool
    async def look() -> Slow:
        """Look."""
        return Slow()

    assert text_of(await answer(look)) == '{"thread":"codex-look-result"}'


async def test_an_async_tool_runs_on_the_loop_of_its_caller() -> None:
    @tool
    async def where() -> bool:
        """Say where."""
        return asyncio.get_running_loop() is here

    here = asyncio.get_running_loop()
    assert text_of(await answer(where)) == "true"


async def test_an_async_tool_that_takes_too_long_is_cancelled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cancelled = asyncio.Event()

    @tool(timeout=0.05)
    async def slow() -> None:
        """Go on."""
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    told = await answer(slow)

    assert (told.success, text_of(told)) == (False, "slow took more than 0.05 s, and was given up.")
    await asyncio.wait_for(cancelled.wait(), WHILE)
    [record] = caplog.records
    assert record.getMessage().startswith("tool slow took more than 0.05 s in thread T1, turn U1")


async def test_a_tool_that_cannot_be_stopped_is_not_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    go_on = asyncio.Event()
    ended = asyncio.Event()

    @tool(timeout=0.05)
    async def stubborn() -> None:
        """Go on."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await go_on.wait()
            ended.set()
            raise RuntimeError("at last") from None

    assert not (await answer(stubborn)).success
    go_on.set()
    await asyncio.wait_for(ended.wait(), WHILE)
    await asyncio.sleep(0)
    assert "tool stubborn failed after it was cancelled" in caplog.text


async def test_a_plain_tool_that_takes_too_long_keeps_its_place_until_it_ends() -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    @tool(timeout=0.05, max_concurrency=1)
    def slow() -> str:
        """Go on."""
        begun.release()
        return "in time" if go_on.wait(WHILE) else "never"

    assert not (await answer(slow)).success
    told = await answer(slow)
    assert text_of(told) == "slow took more than 0.05 s, and was given up."  # in line
    assert begun.acquire(blocking=False)
    assert not begun.acquire(blocking=False)
    go_on.set()
    while not (await answer(slow)).success:
        pass


async def test_only_so_many_calls_are_at_work_at_once() -> None:
    at_work = threading.Semaphore(2)
    met = threading.Barrier(2)

    @tool(max_concurrency=2)
    def work() -> bool:
        """Work."""
        met.wait(WHILE)  # two at a time do
        is_alone = at_work.acquire(blocking=False)
        if is_alone:
            at_work.release()
        return is_alone

    box = box_of(work)
    told = await asyncio.gather(*(box.answer(call_of(work)) for _ in range(10)))

    assert {text_of(one) for one in told} == {"true"}


async def test_async_calls_are_limited_too() -> None:
    inside = most = 0

    @tool(max_concurrency=2)
    async def work() -> None:
        """Work."""
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1

    box = box_of(work)
    await asyncio.gather(*(box.answer(call_of(work)) for _ in range(10)))

    assert most == 2


async def test_a_call_that_is_called_off_cancels_the_tool_and_waits_for_it() -> None:
    begun, order = asyncio.Event(), list[str]()

    @tool
    async def endless() -> None:
        """Go on."""
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(10):
                await asyncio.sleep(0)
            order.append("tidied")

    calling = asyncio.ensure_future(box_of(endless).answer(call_of(endless)))
    await asyncio.wait_for(begun.wait(), WHILE)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(calling, WHILE)
    order.append("over")

    assert order == ["tidied", "over"]


async def test_a_call_that_is_called_off_in_line_never_begins() -> None:
    begun, go_on = list[int](), asyncio.Event()

    @tool(max_concurrency=1)
    async def work(number: int) -> None:
        """Work."""
        begun.append(number)
        await go_on.wait()

    box = box_of(work)
    first, second, third = [
        asyncio.ensure_future(box.answer(call_of(work, {"number": n}))) for n in range(3)
    ]
    while not begun:
        await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    await asyncio.wait_for(asyncio.gather(first, third), WHILE)

    assert begun == [0, 2]
    assert second.cancelled()


async def test_when_there_are_no_more_threads_the_place_is_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @tool(max_concurrency=1)
    def work() -> str:
        """Work."""
        return "done"

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert text_of(await answer(work)) == f"work {SAFE}"
    assert text_of(await answer(work)) == "done"
    assert "can't start new thread" in caplog.text
