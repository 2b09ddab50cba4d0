"""Everything that a scripted server says by itself is what the protocol allows."""

from __future__ import annotations

from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import (
    RecordingTransport,
    TranscriptMessage,
    TranscriptRecord,
    TranscriptRecorder,
)
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from openai_codex import Accept, Codex, CodexConfig, TurnFailedError, tool
from openai_codex.testing import ScriptedServer, Step
from pydantic import TypeAdapter

from tests.rpc.schema_examples import problems

RESULTS = {
    "account/read": "GetAccountResponse",
    "initialize": "InitializeResponse",
    "model/list": "ModelListResponse",
    "review/start": "ReviewStartResponse",
    "thread/archive": "ThreadArchiveResponse",
    "thread/compact/start": "ThreadCompactStartResponse",
    "thread/fork": "ThreadForkResponse",
    "thread/list": "ThreadListResponse",
    "thread/name/set": "ThreadSetNameResponse",
    "thread/read": "ThreadReadResponse",
    "thread/resume": "ThreadResumeResponse",
    "thread/start": "ThreadStartResponse",
    "thread/turns/list": "ThreadTurnsListResponse",
    "thread/unarchive": "ThreadUnarchiveResponse",
    "turn/interrupt": "TurnInterruptResponse",
    "turn/start": "TurnStartResponse",
    "turn/steer": "TurnSteerResponse",
}


@tool
def weather(city: str) -> str:
    """Tell the weather."""
    return f"It rains in {city}."


def converse(codex: Codex, server: ScriptedServer) -> None:
    """Have the server say all that it can say."""
    server.add_turn(
        Step.reasoning("Hm."),
        Step.message("I look.", phase="commentary"),
        Step.command("ls", output="a\n", approval=True, reason="To see."),
        Step.command("false", exit_code=1),
        Step.file_change({"a.txt": "+a\n"}, approval=True),
        Step.permissions({"network": {"enabled": True}}),
        Step.mcp_tool_approval("Allow?", {"query": "x"}),
        Step.question("Which?", options=("this", "that")),
        Step.form("How old?", {"age": {"type": "integer"}}),
        Step.tool_call("weather", {"city": "Lyon"}),
        "Done.",
    )
    server.add_turn(Step.failure("No room.", "contextWindowExceeded"))
    server.add_turn("Looks good.")
    server.add_turn(Step.silence())
    thread = codex.thread_start(tools=[weather])
    thread.run("Go.")
    with pytest.raises(TurnFailedError):
        thread.run("Go.")
    thread.review("Look at it.").run()
    turn = thread.turn("Wait.")
    turn.steer("Longer.")
    turn.interrupt()
    turn.run()
    thread.compact().run()
    thread.set_name("Talk")
    thread.read(include_turns=True)
    list(thread.turns())
    fork = codex.thread_fork(thread.id)
    codex.thread_archive(fork.id)
    codex.thread_unarchive(fork.id)
    codex.thread_resume(fork.id, include_turns=True)
    codex.thread_list()
    codex.models()
    codex.account()


@pytest.fixture(scope="module")
def said() -> list[tuple[dict[str, Any], str]]:
    """Each message of the server, with the method that it answers, if it does."""
    records: list[TranscriptRecord] = []
    with ScriptedServer() as server:
        transport = RecordingTransport(server.transport(), TranscriptRecorder(records.append))
        with Codex(
            CodexConfig(experimental_api=True),
            transport=transport,
            approvals=lambda request: Accept(),
            questions=lambda request: None,
        ) as codex:
            converse(codex, server)
    messages = [record for record in records if isinstance(record, TranscriptMessage)]
    asked = {
        record.message["id"]: str(record.message["method"])
        for record in messages
        if record.sender == "client" and "method" in record.message and "id" in record.message
    }
    return [
        (record.message, "" if "method" in record.message else asked[record.message["id"]])
        for record in messages
        if record.sender == "server"
    ]


Said = list[tuple[dict[str, Any], str]]


def test_notifications_are_valid(said: Said) -> None:
    notifications = [message for message, _ in said if "method" in message and "id" not in message]
    adapter: TypeAdapter[Any] = TypeAdapter(types.ServerNotification)

    assert len(notifications) > 50
    for message in notifications:
        assert problems("ServerNotification", message) == [], message
        assert not type(adapter.validate_python(message)).__name__.startswith("Unknown")


def test_requests_are_valid(said: Said) -> None:
    requests = [message for message, _ in said if "method" in message and "id" in message]

    assert {message["method"] for message in requests} == {
        "item/commandExecution/requestApproval",
        "item/fileChange/requestApproval",
        "item/permissions/requestApproval",
        "item/tool/call",
        "item/tool/requestUserInput",
        "mcpServer/elicitation/request",
    }
    for message in requests:
        assert problems("ServerRequest", message) == [], message
        kind = SERVER_REQUESTS[message["method"]]
        params: Any = getattr(types, kind.params)
        adapter: Any = TypeAdapter[Any](params) if isinstance(params, type) else params
        assert not type(adapter.validate_python(message["params"])).__name__.startswith("Unknown")


def test_results_are_valid(said: Said) -> None:
    results = [(message, method) for message, method in said if "result" in message]

    assert {method for _, method in results} == set(RESULTS)
    for message, method in results:
        name = RESULTS[method]
        assert problems(name, message["result"]) == [], method
        getattr(types, name).model_validate(message["result"])
