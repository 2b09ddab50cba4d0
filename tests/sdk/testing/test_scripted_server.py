"""A scripted app-server, out of the box and as a test says, for clients of both halves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from codex_app_server_rpc import InvalidParamsError
from codex_app_server_types import CommandExecutionThreadItem, DynamicToolCallThreadItem
from openai_codex import (
    Accept,
    Cancel,
    Codex,
    CodexConfig,
    CommandApproval,
    Decline,
    FileChangeApproval,
    FormElicitation,
    InvalidRequestError,
    McpToolApproval,
    MethodNotFoundError,
    PermissionsApproval,
    ServerBusyError,
    Submit,
    ThreadArchivedError,
    ThreadNotFoundError,
    TransportClosedError,
    TurnFailedError,
    tool,
)
from openai_codex.testing import (
    Gate,
    ScriptedServer,
    ScriptedTurn,
    ScriptError,
    ServerReply,
    Stage,
    Step,
    Usage,
)

OpenClient = Callable[..., Codex]


def test_a_turn_is_played_without_any_script(client: Codex, server: ScriptedServer) -> None:
    result = client.thread_start().run("Hello?")

    assert result.final_response == "Done."
    assert result.status == "completed"
    assert [item.type for item in result.items] == ["userMessage", "agentMessage"]
    assert server.prompts == ("Hello?",)


def test_it_introduces_itself_as_a_current_runtime(client: Codex) -> None:
    assert client.metadata.server_info.version == CodexConfig().client_version
    assert client.metadata.server_info.name == CodexConfig().client_name


def test_turns_come_in_the_order_of_the_script(client: Codex, server: ScriptedServer) -> None:
    server.add_turn("One.")
    server.add_turn(Step.reasoning("Hm."), "Two.", usage=Usage(7, 3))
    thread = client.thread_start()

    assert thread.run("first").final_response == "One."
    second = thread.run("second")

    assert second.final_response == "Two."
    assert second.turn_usage is not None
    assert second.turn_usage.total_tokens == 10
    assert second.usage is not None
    assert second.usage.total.total_tokens == 25
    server.assert_exhausted()


def test_text_is_streamed(client: Codex, server: ScriptedServer) -> None:
    gate = Gate()
    server.add_turn(Step.message("one ", gate, "two"))
    texts = client.thread_start().turn("count").text_stream()

    assert next(iter(texts)) == "one "
    gate.release()
    assert "".join(texts) == "two"


def test_a_function_plays_every_turn(client: Codex, server: ScriptedServer) -> None:
    server.play(lambda request: f"You said {request.text}.")
    thread = client.thread_start()

    assert thread.run("this").final_response == "You said this."
    server.play(lambda request: ScriptedTurn(("early",), early=True))
    assert thread.run("that").final_response == "early"


@pytest.mark.parametrize(
    ("decision", "status", "ended"),
    [
        (Accept(), "completed", "completed"),
        (Decline(), "declined", "completed"),
        (Cancel(), "declined", "interrupted"),
    ],
)
def test_a_command_waits_for_its_approval(
    opened: OpenClient, server: ScriptedServer, decision: Any, status: str, ended: str
) -> None:
    asked: list[CommandApproval] = []

    def decide(request: Any) -> Any:
        assert isinstance(request, CommandApproval)
        asked.append(request)
        return decision

    server.add_turn(
        Step.command("rm x", output="gone\n", approval=True, reason="It is in the way.")
    )
    result = opened(approvals=decide).thread_start().run("Remove x.")

    [item] = [item for item in result.items if isinstance(item, CommandExecutionThreadItem)]
    assert (item.status, result.status) == (status, ended)
    assert item.aggregated_output == ("gone\n" if status == "completed" else None)
    assert (asked[0].command, asked[0].reason) == ("rm x", "It is in the way.")
    assert server.replies[0].method == "item/commandExecution/requestApproval"


def test_what_nobody_approves_is_declined(client: Codex, server: ScriptedServer) -> None:
    server.add_turn(Step.file_change({"a.txt": "+a\n"}, approval=True), "Too bad.")

    assert client.thread_start().run("Change it.").final_response == "Too bad."
    assert server.replies[0].result == {"decision": "decline"}


def test_every_other_kind_of_approval_gets_to_the_program(
    opened: OpenClient, server: ScriptedServer
) -> None:
    asked: list[object] = []

    def decide(request: Any) -> Any:
        asked.append(request)
        return Accept()

    server.add_turn(
        Step.file_change({"a.txt": "+a\n"}, approval=True),
        Step.permissions({"network": {"enabled": True}}, reason="To look it up."),
        Step.mcp_tool_approval("Allow search?", {"query": "x"}),
    )
    opened(approvals=decide).thread_start().run("Go.")

    change, permissions, call = asked
    assert isinstance(change, FileChangeApproval)
    assert [each.path for each in change.changes or ()] == ["a.txt"]
    assert isinstance(permissions, PermissionsApproval)
    assert isinstance(call, McpToolApproval)
    assert call.arguments == {"query": "x"}
    assert server.replies[1].result["permissions"] == {"network": {"enabled": True}}
    assert server.replies[2].result["action"] == "accept"


def test_questions_and_forms_are_answered(opened: OpenClient, server: ScriptedServer) -> None:
    def chosen(reply: ServerReply) -> str:
        return f"So {reply.result['answers']['colour']['answers'][0]} it is."

    def choose(request: Any) -> dict[str, str]:
        return {"colour": "blue"}

    def fill(request: Any) -> Submit:
        assert isinstance(request, FormElicitation)
        return Submit({"age": 7})

    server.add_turn(
        Step.question("Which colour?", id="colour", options=("red", "blue")),
        chosen,
        Step.form("How old?", {"age": {"type": "integer"}}),
    )
    client = opened(questions=choose, elicitations=fill)
    result = client.thread_start().run("Ask me.")

    assert result.final_response == "So blue it is."
    assert server.replies[1].result["content"] == {"age": 7}


def test_tools_of_the_program_are_called(opened: OpenClient, server: ScriptedServer) -> None:
    @tool
    def weather(city: str) -> str:
        """Tell the weather."""
        return f"It rains in {city}."

    server.add_turn(Step.tool_call("weather", {"city": "Lyon"}), "Take an umbrella.")
    client = opened(CodexConfig(experimental_api=True))
    result = client.thread_start(tools=[weather]).run("Umbrella?")

    [call] = [item for item in result.items if isinstance(item, DynamicToolCallThreadItem)]
    assert call.success is True
    content = [{"type": "inputText", "text": "It rains in Lyon."}]
    assert server.replies[0].result == {"contentItems": content, "success": True}


def test_a_turn_that_waits_can_be_steered_and_interrupted(
    client: Codex, server: ScriptedServer
) -> None:
    gate = Gate()
    server.add_turn("Thinking.", gate, "Never said.")
    turn = client.thread_start().turn("Think.")
    gate.wait_reached()
    turn.steer("Faster!")
    turn.interrupt()
    result = turn.run()

    assert result.status == "interrupted"
    assert server.prompts == ("Think.", "Faster!")
    assert [item.type for item in result.items] == ["userMessage", "agentMessage", "userMessage"]


def test_an_interrupt_withdraws_what_was_asked(opened: OpenClient, server: ScriptedServer) -> None:
    asked = threading.Event()

    def never(request: Any) -> Any:
        from openai_codex import Park

        asked.set()
        return Park()

    server.add_turn(Step.command("sleep", approval=True))
    client = opened(approvals=never)
    turn = client.thread_start().turn("Wait.")
    server.wait_for_request("turn/start")
    for event in turn.stream():
        if event.method == "item/started" and asked.wait(10):
            turn.interrupt()

    assert client.pending_requests == []
    assert server.replies == ()


def test_threads_are_remembered(client: Codex, server: ScriptedServer) -> None:
    thread = client.thread_start()
    thread.run("Hello.")
    thread.set_name("Greeting")
    fork = client.thread_fork(thread.id)

    read = thread.read(include_turns=True).thread
    assert (read.name, read.preview) == ("Greeting", "Hello.")
    assert [[item.type for item in turn.items] for turn in read.turns] == [
        ["userMessage", "agentMessage"]
    ]
    assert [each.id for each in client.thread_list().data] == [fork.id, thread.id]
    client.thread_archive(thread.id)
    with pytest.raises(ThreadArchivedError):
        client.thread_resume(thread.id)
    client.thread_unarchive(thread.id)
    assert client.thread_resume(thread.id).run("Again.").final_response == "Done."
    with pytest.raises(ThreadNotFoundError):
        client.thread_resume("thread-99")
    server.add_thread("stored", name="Old")
    assert client.thread_resume("stored").read().thread.name == "Old"


def test_a_compaction_is_a_turn(client: Codex) -> None:
    result = client.thread_start().compact().run()

    assert [item.type for item in result.items] == ["contextCompaction"]


def test_a_second_input_joins_the_turn_that_runs(client: Codex, server: ScriptedServer) -> None:
    gate = Gate()
    server.add_turn(gate, "Both heard.")
    thread = client.thread_start()
    turn = thread.turn("One.")
    gate.wait_reached()
    joined = thread.turn("Two.", if_busy="steer")
    gate.release()

    assert joined.id == turn.id
    assert turn.run().final_response == "Both heard."


def test_any_method_is_answered_by_a_value_or_a_function(
    client: Codex, server: ScriptedServer
) -> None:
    server.answer("thread/start", lambda params: {}, times=1)
    server.answer("account/read", {"account": None, "requiresOpenaiAuth": True})

    assert client.account().requires_openai_auth is True
    with pytest.raises(Exception, match="does not fit its type"):
        client.thread_start()
    assert client.thread_start().id == "thread-1"

    def refuse(params: dict[str, Any]) -> None:
        raise InvalidParamsError(-32602, f"not {params['threadId']}")

    server.answer("thread/archive", refuse)
    with pytest.raises(InvalidParamsError, match="not thread-1"):
        client.thread_archive("thread-1")


def test_an_answer_can_wait_while_others_are_given(client: Codex, server: ScriptedServer) -> None:
    gate = Gate()
    server.answer("thread/archive", {}, after=gate)
    waiting = threading.Thread(target=gate.release)
    with pytest.raises(Exception, match="no answer to thread/archive"):
        client.thread_archive("thread-1", timeout=0.05)
    assert client.thread_start().id == "thread-1"
    waiting.start()
    waiting.join()


def test_a_method_fails_as_often_as_it_is_told(opened: OpenClient, server: ScriptedServer) -> None:
    from openai_codex import OverloadRetry

    server.fail("thread/start", -32001, "busy", times=2)
    with pytest.raises(ServerBusyError):
        opened().thread_start()
    patient = opened(CodexConfig(overload_retry=OverloadRetry()))

    assert patient.thread_start().id == "thread-1"
    starts = [request for request in server.requests if request.method == "thread/start"]
    assert len(starts) == 3


def test_a_method_that_it_does_not_know_says_what_to_do(client: Codex) -> None:
    with pytest.raises(MethodNotFoundError, match=r"no answer to account/logout: give it one with"):
        client.logout()


def test_the_test_can_ask_and_notify_outside_of_turns(
    opened: OpenClient, server: ScriptedServer
) -> None:
    def decline(request: Any) -> Decline:
        return Decline()

    client = opened(approvals=decline)
    params = {"threadId": "T", "turnId": "U", "itemId": "I", "startedAtMs": 1}

    pending = server.ask("item/fileChange/requestApproval", params)
    while pending.reply is None:
        client.models()

    assert pending.wait().result == {"decision": "decline"}
    server.notify("thread/name/updated", {"threadId": "T", "threadName": "N"})
    assert [each.method for each in server.notifications] == ["initialized"]


def test_a_step_of_ones_own_is_a_function_of_the_stage(
    client: Codex, server: ScriptedServer
) -> None:
    def act(stage: Stage) -> None:
        stage.notify("turn/diff/updated", {"diff": f"{stage.thread_id} {stage.turn_id}"})

    server.add_turn(Step("diff", act))
    turn = client.thread_start().turn("Go.")
    diffs = [event.payload for event in turn.stream() if event.method == "turn/diff/updated"]

    assert getattr(diffs[0], "diff", "") == "thread-1 turn-1"


def ask_for_two_turns_of_one() -> None:
    with ScriptedServer() as server, Codex(transport=server.transport()) as codex:
        server.add_turn("One.")
        thread = codex.thread_start()
        thread.run("One")
        with pytest.raises(InvalidRequestError, match="the script is exhausted"):
            thread.run("Two")


def test_a_turn_beyond_the_script_is_an_error_of_the_test() -> None:
    with pytest.raises(ScriptError, match="the script is exhausted: it has no turn for 'Two'"):
        ask_for_two_turns_of_one()


def test_a_script_that_raises_is_an_error_of_the_test() -> None:
    def broken(reply: ServerReply) -> str:
        raise LookupError("nonsense")

    server = ScriptedServer()
    with Codex(transport=server.transport()) as codex:
        server.add_turn(Step.file_change({}, approval=True), broken)
        server.add_turn(broken)
        server.play(lambda request: 7)  # type: ignore[arg-type, return-value]  # what is tested
        thread = codex.thread_start()
        with pytest.raises(TurnFailedError, match="nonsense"):
            thread.run("Go.")
        with pytest.raises(TurnFailedError, match="before any request"):
            thread.run("Go.")
        with pytest.raises(Exception, match="7 is no step"):
            thread.run("Go.")
    server.close()

    assert len(server.errors) == 3


def test_turns_that_nobody_asked_for_are_noticed(server: ScriptedServer) -> None:
    server.add_turn("Never.")

    with pytest.raises(ScriptError, match="nobody asked for 1 of the turns"):
        server.assert_exhausted()


def test_what_is_no_step_is_refused_at_once(server: ScriptedServer) -> None:
    with pytest.raises(TypeError, match="7 is no step"):
        server.add_turn(7)  # type: ignore[arg-type]  # what is tested


def test_several_clients_share_its_threads(opened: OpenClient, server: ScriptedServer) -> None:
    one, two = opened(), opened()
    thread = one.thread_start()

    assert two.thread_resume(thread.id).run("Hello.").final_response == "Done."


def test_closing_it_leaves_no_thread_and_ends_its_clients() -> None:
    before = set(threading.enumerate())
    gate = Gate()
    server = ScriptedServer()
    server.add_turn(gate)
    server.answer("model/list", {}, after=Gate())
    codex = Codex(transport=server.transport())
    turn = codex.thread_start().turn("Wait.")
    gate.wait_reached()
    server.close()
    server.close()

    with pytest.raises(TransportClosedError, match="the scripted server hung up"):
        turn.run()
    codex.close()
    with pytest.raises(TransportClosedError, match="the scripted server is closed"):
        Codex(transport=server.transport())
    assert set(threading.enumerate()) <= before


def test_a_script_may_close_the_server(server: ScriptedServer, client: Codex) -> None:
    def close(stage: Stage) -> None:
        server.close()

    server.add_turn(Step("close", close))
    with pytest.raises(TransportClosedError, match="the scripted server hung up"):
        client.thread_start().run("Go.")


def test_a_function_that_answers_may_close_the_server(
    server: ScriptedServer, client: Codex
) -> None:
    server.answer("model/list", lambda params: server.close())
    with pytest.raises(TransportClosedError, match="the scripted server hung up"):
        client.models()
