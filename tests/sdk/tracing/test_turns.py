"""Which turn a span is of, and when it ends, on threads that are asked for several."""

from __future__ import annotations

import asyncio

import pytest
from openai_codex import Accept, AsyncCodex, Codex, CodexConfig, ThreadBusyError, Tracing, tool
from openai_codex.testing import Gate, ScriptedServer, Step
from opentelemetry.sdk.trace import ReadableSpan

from tests.sdk.tracing.conftest import OpenTraced
from tests.sdk.tracing.spans import TURN, Spans, is_in, told

APPROVAL = "item/commandExecution/requestApproval"
COMMAND = "execute_tool commandExecution"


@tool
def add(left: int, right: int) -> int:
    """Add."""
    return left + right


def accept(request: object) -> Accept:
    return Accept()


def script(server: ScriptedServer) -> Gate:
    """Have a turn that is held before it calls a tool and asks for approval, and another one."""
    gate = Gate()
    calls = Step.tool_call("add", {"left": 1, "right": 2}), Step.command("ls", approval=True)
    server.add_turn(gate, *calls, "First.")
    server.add_turn("Second.")
    return gate


def assert_whole(spans: Spans, turn_id: str) -> ReadableSpan:
    """Check that a turn has a span up to its end, with its item, tool and approval in it."""
    turn = spans.turn(turn_id)
    assert told(turn)["codex.turn.status"] == "completed"
    for name in ("execute_tool add", COMMAND, APPROVAL):
        assert is_in(spans.one(name), turn)
    return turn


@pytest.fixture
def codex(opened: OpenTraced, spans: Spans) -> Codex:
    return opened(Tracing(tracer_provider=spans.provider), approvals=accept)


def test_a_turn_that_is_refused_has_no_span_and_leaves_the_first_ones_alone(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    gate = script(server)
    thread = codex.thread_start(tools=[add])
    first = thread.turn("One.")
    gate.wait_reached()
    with pytest.raises(ThreadBusyError):
        thread.turn("Two.")
    gate.release()
    first.run()

    assert spans.named(TURN) == [assert_whole(spans, first.id)]


def test_a_turn_that_takes_more_input_keeps_its_one_span(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    gate = script(server)
    thread = codex.thread_start(tools=[add])
    first = thread.turn("One.")
    gate.wait_reached()
    with thread.turn("Two.", if_busy="steer") as second:
        gate.release()
        first.run()
        second.run()

    assert second.id == first.id
    assert spans.named(TURN) == [assert_whole(spans, first.id)]


async def test_a_turn_that_waits_leaves_the_span_of_the_first_alone(
    server: ScriptedServer, spans: Spans
) -> None:
    gate = script(server)
    config = CodexConfig(experimental_api=True, tracing=Tracing(tracer_provider=spans.provider))
    transport = server.async_transport()
    async with AsyncCodex(config, transport=transport, approvals=accept) as codex:
        thread = await codex.thread_start(tools=[add])
        first = await thread.turn("One.")
        await asyncio.to_thread(gate.wait_reached)
        waiting = asyncio.ensure_future(thread.run("Two.", if_busy="wait"))
        await asyncio.sleep(0)
        gate.release()
        await first.run()
        second = await waiting

    assert_whole(spans, first.id)
    assert told(spans.turn(second.id))["codex.turn.status"] == "completed"


def test_a_turn_that_is_followed_after_the_next_one_has_its_items(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    script(server).release()
    thread = codex.thread_start(tools=[add])
    first = thread.turn("One.")
    second = thread.run("Two.", if_busy="wait")
    first.run()

    assert_whole(spans, first.id)
    assert len(spans.named("agentMessage")) == 2
    assert told(spans.turn(second.id))["codex.turn.status"] == "completed"


def test_a_turn_of_somebody_else_gets_a_span_when_it_is_joined(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    gate = script(server)
    thread = codex.thread_start(tools=[add])
    first = thread.turn("One.", on_cancel="detach")
    first.close()
    gate.wait_reached()
    with thread.turn("Two.", if_busy="steer") as second:
        gate.release()
        second.run()

    left, joined = spans.named(TURN)
    assert told(left)["codex.turn.status"] == "inProgress"
    assert told(joined)["codex.turn.status"] == "completed"
    assert is_in(spans.one(COMMAND), joined)


def test_what_is_asked_before_the_turn_is_known_is_of_that_turn(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    server.add_turn(Step.command("ls", approval=True), "Done.", early=True)
    codex.thread_start().run("Go.")

    assert is_in(spans.one(APPROVAL), spans.one(TURN))


def test_a_form_that_names_no_turn_is_of_the_one_that_runs(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    method = "mcpServer/elicitation/request"
    asked = {"mode": "form", "message": "?", "requestedSchema": {"type": "object"}}
    params = {**asked, "serverName": "s", "turnId": None}
    server.add_turn(Step.request(method, params), "Done.")
    codex.thread_start().run("Go.")

    assert is_in(spans.one(method), spans.one(TURN))


def test_turns_that_nobody_follows_end_with_the_client(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    thread = codex.thread_start()
    handles = [thread.turn("Go.", if_busy="wait") for _ in range(3)]
    assert spans.named(TURN) == []
    codex.close()

    assert [told(one)["codex.turn.status"] for one in spans.named(TURN)] == ["unknown"] * 3
    assert {told(one)["codex.turn.id"] for one in spans.named(TURN)} == {one.id for one in handles}


def test_of_too_many_turns_that_nobody_follows_the_oldest_ends(
    server: ScriptedServer, spans: Spans
) -> None:
    server.play(lambda request: Step.end())
    config = CodexConfig(tracing=Tracing(tracer_provider=spans.provider))
    with Codex(config, transport=server.transport()) as codex:
        thread = codex.thread_start()
        turns = (thread.turn("Go.", if_busy="wait", on_cancel="detach") for _ in range(1025))
        first, *_ = turns

        assert spans.named(TURN) == [spans.turn(first.id)]
        assert told(spans.turn(first.id))["codex.turn.status"] == "unknown"


def test_the_models_of_the_latest_threads_are_known(server: ScriptedServer, spans: Spans) -> None:
    config = CodexConfig(tracing=Tracing(tracer_provider=spans.provider))
    with Codex(config, transport=server.transport()) as codex:
        first, *_, last = (codex.thread_start() for _ in range(1025))
        first.run("Go.")
        last.run("Go.")

    forgotten, known = (told(one) for one in spans.named(TURN))
    assert "gen_ai.request.model" not in forgotten
    assert "gen_ai.request.model" in known
