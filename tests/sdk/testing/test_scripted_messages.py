"""Everything that a scripted server says by itself is what the protocol allows."""

from __future__ import annotations

from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import (
    Client,
    ClientIdentity,
    RecordingTransport,
    TranscriptMessage,
    TranscriptRecord,
    TranscriptRecorder,
)
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_app_server_types import TextUserInput
from openai_codex import Accept, Codex, CodexConfig, Park, TurnFailedError, tool
from openai_codex.testing import Gate, ScriptedServer, Step
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


def methods_of(records: list[TranscriptRecord]) -> list[str]:
    """List what passed: methods, and ``answer to METHOD``."""
    methods: list[str] = []
    asked: dict[Any, str] = {}
    for record in records:
        if isinstance(record, TranscriptMessage):
            method = record.message.get("method")
            key = (record.sender, str(record.message.get("id")))
            if isinstance(method, str):
                asked[key] = method
                methods.append(method)
            else:
                other = "client" if record.sender == "server" else "server"
                methods.append(f"answer to {asked[other, key[1]]}")
    return methods


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


def test_an_early_turn_is_over_before_its_answer_and_another_after_it() -> None:
    records: list[TranscriptRecord] = []
    with ScriptedServer() as server:
        server.add_turn("Early.", early=True)
        server.add_turn("Late.")
        transport = RecordingTransport(server.transport(), TranscriptRecorder(records.append))
        with Codex(transport=transport) as codex:
            thread = codex.thread_start()
            thread.run("Go.")
            thread.run("Go.")

    answers = ("turn/completed", "answer to turn/start")
    order = [method for method in methods_of(records) if method in answers]
    assert order == [answers[0], answers[1], answers[1], answers[0]]


def test_what_was_asked_is_resolved_when_its_turn_ends() -> None:
    records: list[TranscriptRecord] = []
    with ScriptedServer() as server:
        server.add_turn(Step.command("sleep", approval=True))
        transport = RecordingTransport(server.transport(), TranscriptRecorder(records.append))
        with Codex(transport=transport, approvals=lambda request: Park()) as codex:
            turn = codex.thread_start().turn("Wait.")
            while not codex.pending_requests:
                codex.models()
            turn.interrupt()
            turn.run()

    methods = methods_of(records)
    assert methods.index("serverRequest/resolved") < methods.index("turn/completed")


def test_a_second_start_is_fed_to_the_turn_that_runs() -> None:
    gate = Gate()
    with ScriptedServer() as server:
        server.add_turn(gate)
        identity = ClientIdentity("tests", "1.0")
        with Client(server.transport(), identity=identity) as client:
            thread_id = client.thread_start().thread.id
            first = client.turn_start(thread_id=thread_id, input=[])
            second = client.turn_start(thread_id=thread_id, input=[TextUserInput(text="More.")])
            assert second.turn.id == first.turn.id
            with client.subscribe(["turn/completed"]) as ends:
                gate.release()
                ends.next(10)
            read = client.thread_read(thread_id=thread_id, include_turns=True)
    assert [item.type for item in read.thread.turns[0].items] == ["userMessage"]
