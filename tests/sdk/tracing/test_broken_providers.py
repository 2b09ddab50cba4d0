"""What becomes of calls, handlers and turns when what takes their spans fails: nothing."""

from __future__ import annotations

import asyncio
import logging

import pytest
from openai_codex import Accept, InvalidRequestError, Tracing, TurnFailedError, tool
from openai_codex.testing import ScriptedServer, Step

from tests.sdk.tracing.conftest import OpenTraced
from tests.sdk.tracing.spans import PLACES, broken_provider

LOGGER = "openai_codex.tracing"


@tool
def add(left: int, right: int) -> int:
    """Add."""
    return left + right


def accept(request: object) -> Accept:
    return Accept()


async def accept_later(request: object) -> Accept:
    await asyncio.sleep(0)
    return Accept()


def refuse_to_think(request: object) -> Accept:
    raise ValueError("the handler is broken, too")


@pytest.fixture(params=PLACES)
def broken(request: pytest.FixtureRequest) -> Tracing:
    return Tracing(content=True, tracer_provider=broken_provider(request.param))


@pytest.mark.parametrize("handler", [accept, accept_later])
def test_thread_turn_items_tool_and_approval_have_the_outcome_that_they_have(
    broken: Tracing, opened: OpenTraced, server: ScriptedServer, handler: object
) -> None:
    server.add_turn(
        Step.command("rm x", approval=True),
        Step.tool_call("add", {"left": 1, "right": 2}),
        "Done.",
    )
    thread = opened(broken, approvals=handler).thread_start(tools=[add])
    result = thread.run("Go.")

    assert (result.status, result.final_response) == ("completed", "Done.")
    assert len(result.items) == 4
    accepted, added = (reply.result for reply in server.replies)
    assert accepted == {"decision": "accept"}
    assert added is not None
    assert (added["success"], added["contentItems"][0]["text"]) == (True, "3")


def test_a_stream_gives_all_of_its_notifications(
    broken: Tracing, opened: OpenTraced, server: ScriptedServer
) -> None:
    server.add_turn("Done.")
    methods = [event.method for event in opened(broken).thread_start().turn("Go.").stream()]

    assert methods[-1] == "turn/completed"
    assert "item/completed" in methods


def test_the_errors_are_those_of_the_call_and_the_turn(
    broken: Tracing, opened: OpenTraced, server: ScriptedServer
) -> None:
    server.add_turn(Step.failure("it is too long"))
    codex = opened(broken)
    thread = codex.thread_start()
    server.fail("thread/start", -32600, "no such model")

    with pytest.raises(InvalidRequestError, match="no such model"):
        codex.thread_start()
    with pytest.raises(TurnFailedError, match="it is too long"):
        thread.run("Go.")


def test_a_handler_that_fails_gets_the_safe_answer(
    broken: Tracing, opened: OpenTraced, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.add_turn(Step.command("rm x", approval=True), "Done.")
    opened(broken, approvals=refuse_to_think).thread_start().run("Go.")

    assert [reply.result for reply in server.replies] == [{"decision": "decline"}]
    [failure] = [one for one in caplog.records if one.name == "openai_codex.rpc.requests"]
    assert failure.exc_info is not None
    assert isinstance(failure.exc_info[1], ValueError)


def test_it_is_said_loudly_once_for_a_client_and_then_softly(
    broken: Tracing, opened: OpenTraced, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger=LOGGER)
    server.add_turn("Done.")
    opened(broken).thread_start().run("Go.")

    first, *others = [one for one in caplog.records if one.name == LOGGER]
    assert first.levelname == "WARNING"
    assert first.exc_info is not None
    assert "is broken" in str(first.exc_info[1])
    assert {one.levelname for one in others} == {"DEBUG"}
