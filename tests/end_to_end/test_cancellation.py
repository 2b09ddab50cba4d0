"""Who stops waiting stops the turn, on the real runtime."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from openai_codex import AsyncCodex, AsyncThread, Codex, CodexConfig, Notification, TurnHandle
from openai_codex.testing import Gate, IsolatedHome, ModelRequest, ModelServer, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any


@pytest.fixture
def gate(model: ModelServer) -> Gate:
    """Holds the first answer of the model."""
    gate = Gate()
    model.add(Reply.text("held ", gate, "done"))
    return gate


@pytest_asyncio.fixture
async def opened_async(config: CodexConfig) -> AsyncIterator[AsyncCodex]:
    async with AsyncCodex(config) as codex:
        yield codex


def nothing_is_left(codex: Codex | AsyncCodex) -> bool:
    stats = codex.stats()
    return (stats.consumers, stats.active_turns, stats.in_flight, stats.waiting) == (0, 0, 0, 0)


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def until_asked(model: ModelServer) -> None:
    """Wait until the turn has reached the model."""
    await asyncio.get_running_loop().run_in_executor(None, model.wait_for_requests, 1)


async def goes_on(thread: AsyncThread, model: ModelServer) -> bool:
    model.add(Reply.text("Next."))
    return (await thread.run("And now?")).final_response == "Next."


# --- tasks -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("gate")
async def test_cancelling_a_task_in_run_interrupts_the_turn(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    thread = await opened_async.thread_start()
    running = asyncio.create_task(thread.run("Go."))
    await until_asked(model)

    await cancel(running)

    assert nothing_is_left(opened_async)
    assert await goes_on(thread, model)


async def test_cancelling_while_the_start_is_in_flight_interrupts_the_turn(
    home: IsolatedHome,
) -> None:
    def answer(request: ModelRequest) -> Reply:
        # The turn that is interrupted may or may not come as far as here.
        return Reply.text("Next." if request.prompt == "And now?" else Gate())

    with ModelServer(answer) as model:
        config = CodexConfig(
            cwd=home.workspace, env=home.env, config_overrides=model.config_overrides()
        )
        async with AsyncCodex(config) as codex:
            thread = await codex.thread_start()
            running = asyncio.create_task(thread.run("Go."))
            while codex.stats().in_flight == 0:
                await asyncio.sleep(0)

            await cancel(running)

            assert nothing_is_left(codex)
            assert (await thread.run("And now?")).final_response == "Next."


@pytest.mark.usefixtures("gate")
async def test_a_timeout_around_run_interrupts_the_turn(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    thread = await opened_async.thread_start()

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(thread.run("Go."), 1)

    assert nothing_is_left(opened_async)
    assert await goes_on(thread, model)


@pytest.mark.usefixtures("gate")
async def test_cancelling_a_task_in_stream_interrupts_the_turn(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    thread = await opened_async.thread_start()
    handle = await thread.turn("Go.")

    async def follow() -> list[Notification]:
        return [event async for event in handle.stream()]

    following = asyncio.create_task(follow())
    await until_asked(model)

    await cancel(following)

    assert nothing_is_left(opened_async)
    assert (await handle.run()).status == "interrupted"
    assert await goes_on(thread, model)


async def test_a_detached_turn_runs_on_when_its_task_is_cancelled(
    opened_async: AsyncCodex, model: ModelServer, gate: Gate
) -> None:
    thread = await opened_async.thread_start()
    handle = await thread.turn("Go.", on_cancel="detach")
    running = asyncio.create_task(handle.run())
    await until_asked(model)

    await cancel(running)

    assert opened_async.stats().active_turns == 1
    gate.release()
    assert (await handle.run()).final_response == "held done"


async def test_a_detached_run_leaves_nobody_who_follows_its_turn(
    opened_async: AsyncCodex, model: ModelServer, gate: Gate
) -> None:
    thread = await opened_async.thread_start()
    running = asyncio.create_task(thread.run("Go.", on_cancel="detach"))
    await until_asked(model)

    await cancel(running)

    assert (opened_async.stats().consumers, opened_async.stats().active_turns) == (0, 1)
    gate.release()


# --- leaving early ---------------------------------------------------------------------------


def first_delta(handle: TurnHandle) -> None:
    for event in handle.stream():
        if event.method == "item/agentMessage/delta":
            return
    raise AssertionError("the turn was over before a delta came")


@pytest.mark.usefixtures("gate")
def test_leaving_a_loop_over_the_stream_early_interrupts_the_turn(opened_sync: Codex) -> None:
    handle = opened_sync.thread_start().turn("Go.")

    first_delta(handle)

    assert handle.run().status == "interrupted"
    assert nothing_is_left(opened_sync)


@pytest.mark.usefixtures("gate")
async def test_leaving_an_async_loop_over_the_stream_early_interrupts_the_turn(
    opened_async: AsyncCodex,
) -> None:
    handle = await (await opened_async.thread_start()).turn("Go.")

    async for event in handle.stream():
        if event.method == "item/agentMessage/delta":
            break

    assert (await handle.run()).status == "interrupted"
    assert nothing_is_left(opened_async)


def test_leaving_the_loop_of_a_detached_turn_lets_it_run_on(opened_sync: Codex, gate: Gate) -> None:
    handle = opened_sync.thread_start().turn("Go.", on_cancel="detach")

    first_delta(handle)
    gate.release()

    assert handle.run().final_response == "held done"


@pytest.mark.usefixtures("gate")
def test_leaving_the_streams_context_interrupts_the_turn_at_once(codex: Codex) -> None:
    handle = codex.thread_start().turn("Go.")

    with handle.stream() as events:
        for event in events:
            if event.method == "item/agentMessage/delta":
                break

    assert nothing_is_left(codex)
    assert handle.run().status == "interrupted"


@pytest.mark.usefixtures("gate")
def test_leaving_the_handles_context_interrupts_the_turn(codex: Codex) -> None:
    with codex.thread_start().turn("Go.") as handle:
        pass

    assert nothing_is_left(codex)
    assert handle.run().status == "interrupted"


# --- Ctrl-C ----------------------------------------------------------------------------------


def press_ctrl_c_when_asked(model: ModelServer) -> threading.Thread:
    """Send this process's main thread a SIGINT once the turn has reached the model."""

    def press() -> None:
        model.wait_for_requests(1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.mark.usefixtures("gate", "ctrl_c")
@pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="signals cannot be sent to a thread here"
)
@pytest.mark.parametrize("way", ["run", "stream"])
def test_ctrl_c_interrupts_the_turn_and_the_client_goes_on(
    opened_sync: Codex, model: ModelServer, way: str
) -> None:
    thread = opened_sync.thread_start()
    waits: dict[str, Callable[[], object]] = {
        "run": lambda: thread.run("Go."),
        "stream": lambda: list(thread.turn("Go.").stream()),
    }
    pressing = press_ctrl_c_when_asked(model)

    with pytest.raises(KeyboardInterrupt):
        waits[way]()

    pressing.join()
    assert nothing_is_left(opened_sync)
    model.add(Reply.text("Next."))
    assert thread.run("And now?").final_response == "Next."


@pytest.mark.usefixtures("gate")
async def test_a_task_that_is_cancelled_twice_leaves_nothing(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    thread = await opened_async.thread_start()
    running = asyncio.create_task(thread.run("Go."))
    await until_asked(model)

    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert running.cancelled()
    while not nothing_is_left(opened_async):  # the rest goes on in the background
        await asyncio.sleep(0)
