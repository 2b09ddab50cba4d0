"""Turns on the real runtime, for the sync and the async half alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from codex_app_server_types import (
    AgentMessageDeltaNotification,
    AgentMessageThreadItem,
    CommandExecutionThreadItem,
    TurnCompletedNotification,
    TurnStatus,
)
from openai_codex import Codex, CodexConfig, InvalidArgumentError, TurnFailedError, UsageError
from openai_codex.testing import Gate, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex.testing import IsolatedHome, ModelServer


def test_run_returns_the_result_of_the_turn(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("Forty-two.").with_usage(input_tokens=11, output_tokens=7))

    result = codex.thread_start().run("How much?")

    assert result.status == TurnStatus.completed
    assert result.final_response == "Forty-two."
    assert result.error is None
    assert result.id
    assert result.started_at is not None
    assert result.completed_at is not None
    assert result.duration_ms is not None
    assert [item.type for item in result.items] == ["userMessage", "agentMessage"]
    assert result.usage is not None
    assert (result.usage.last.input_tokens, result.usage.last.output_tokens) == (11, 7)
    assert model.requests[0].prompt == "How much?"


def test_several_turns_on_one_thread_are_one_conversation(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("Hello."), Reply.text("You said: hi."))
    thread = codex.thread_start()

    thread.run("hi")
    thread.run("What did I say?")

    said = [str(item.get("content")) for item in model.requests[1].input]
    assert any("hi" in text for text in said)
    assert any("Hello." in text for text in said)


def test_the_final_response_is_the_final_answer_and_never_commentary(
    codex: Codex, model: ModelServer
) -> None:
    model.add(
        Reply.text("The answer.", phase="final_answer") + Reply.text("By the way.", phase=None),
        Reply.text("Only a remark.", phase="commentary"),
        Reply.text("First.") + Reply.text("Second.") + Reply.text("Hm.", phase="commentary"),
    )
    thread = codex.thread_start()

    assert thread.run("one").final_response == "The answer."
    assert thread.run("two").final_response is None
    assert thread.run("three").final_response == "Second."


def test_a_command_really_runs_and_its_output_reaches_the_model(
    codex: Codex, model: ModelServer, home: IsolatedHome
) -> None:
    (home.workspace / "note.txt").write_text("written by the test", encoding="utf-8")
    model.add(Reply.command("cat note.txt", call_id="call_a"), Reply.text("Read."))

    result = codex.thread_start(cwd=str(home.workspace)).run("Read the note.")

    [command] = [item for item in result.items if isinstance(item, CommandExecutionThreadItem)]
    assert command.exit_code == 0
    assert command.aggregated_output is not None
    assert "written by the test" in command.aggregated_output
    assert "written by the test" in model.requests[1].tool_outputs["call_a"]


def test_the_stream_gives_the_text_as_it_grows_and_ends_with_the_turn(
    codex: Codex, model: ModelServer
) -> None:
    model.add(Reply.text("one ", "two ", "three"))
    handle = codex.thread_start().turn("Count.")

    events = list(handle.stream())

    deltas = [
        event.payload.delta
        for event in events
        if isinstance(event.payload, AgentMessageDeltaNotification)
    ]
    assert deltas == ["one ", "two ", "three"]
    assert events[-1].method == "turn/completed"
    assert isinstance(events[-1].payload, TurnCompletedNotification)
    assert {event.turn_id for event in events} == {handle.id}
    assert {event.thread_id for event in events} == {handle.thread_id}


def test_run_after_the_stream_gives_the_same_result(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("Once."), Reply.text("Once."))
    thread = codex.thread_start()
    handle = thread.turn("a")
    for _ in handle.stream():
        pass

    streamed = handle.run()
    ran = thread.turn("b").run()

    assert streamed.final_response == ran.final_response == "Once."
    assert [item.type for item in streamed.items] == [item.type for item in ran.items]


def test_an_interrupted_turn_returns_its_result_and_the_thread_goes_on(
    codex: Codex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(Reply.text("never ", gate, "finished"), Reply.text("Next."))
    thread = codex.thread_start()
    handle = thread.turn("Take your time.")
    events = handle.stream()
    for event in events:
        if event.method == "item/agentMessage/delta":
            break

    handle.interrupt()
    result = handle.run()

    assert result.status == TurnStatus.interrupted
    assert result.final_response is None
    assert thread.run("And now?").final_response == "Next."


def test_a_turn_that_is_over_is_not_steered_and_nothing_happens_if_it_is_interrupted(
    codex: Codex, model: ModelServer
) -> None:
    model.add(Reply.text("Done."))
    handle = codex.thread_start().turn("Quick.")
    result = handle.run()

    handle.interrupt()
    assert handle.run() == result
    with pytest.raises(UsageError, match="is over"):
        handle.steer("More.")


def test_a_detached_turn_that_was_let_go_of_has_no_result(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("one ", gate, "two"))
    handle = codex.thread_start().turn("Count.", on_cancel="detach")
    handle.close()

    with pytest.raises(UsageError, match="closed before its end"):
        handle.run()

    gate.release()


def test_a_failed_turn_raises_and_carries_the_whole_result(
    codex: Codex, model: ModelServer
) -> None:
    model.add(
        Reply.text("Let me look.", phase="commentary") + Reply.command("true"),
        Reply.failure(400, "the model refuses"),
    )

    with pytest.raises(TurnFailedError, match="the model refuses") as caught:
        codex.thread_start().run("Fail, please.")

    result = caught.value.result
    assert result.status == TurnStatus.failed
    assert caught.value.error is result.error
    assert result.error is not None
    assert "the model refuses" in result.error.message
    assert [type(item) for item in result.items[1:]] == [
        AgentMessageThreadItem,
        CommandExecutionThreadItem,
    ]


def test_a_failed_turn_is_returned_when_it_is_not_checked(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.failure(500))

    result = codex.thread_start().run("Fail.", check=False)

    assert result.status == TurnStatus.failed
    assert result.final_response is None


def test_turns_of_several_threads_do_not_mix(codex: Codex, model: ModelServer) -> None:
    gates = [Gate(), Gate()]
    model.add(Reply.text("first ", gates[0], "done"), Reply.text("second ", gates[1], "done"))
    one = codex.thread_start().turn("one")
    model.wait_for_requests(1)
    two = codex.thread_start().turn("two")
    model.wait_for_requests(2)
    gates[1].release()

    second = two.run()
    gates[0].release()
    first = one.run()

    assert (first.final_response, second.final_response) == ("first done", "second done")
    assert first.id == one.id
    assert second.id == two.id


def test_an_escalated_command_is_declined_unless_somebody_allows_it(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    model: ModelServer,
    home: IsolatedHome,
) -> None:
    asking = (*config.config_overrides, 'approval_policy="on-request"')
    codex = opened(CodexConfig(cwd=config.cwd, env=config.env, config_overrides=asking))
    marker = home.workspace / "marker"
    model.add(
        Reply.command(f"touch {marker}", justification="to leave a mark"), Reply.text("Well.")
    )

    result = codex.thread_start(cwd=str(home.workspace)).run("Touch the marker.")

    [command] = [item for item in result.items if isinstance(item, CommandExecutionThreadItem)]
    assert command.status == "declined"
    assert not marker.exists()
    assert result.final_response == "Well."


def test_empty_input_is_refused_before_anything_is_sent(codex: Codex, model: ModelServer) -> None:
    thread = codex.thread_start()

    with pytest.raises(InvalidArgumentError, match="empty"):
        thread.run([])
    with pytest.raises(InvalidArgumentError, match="empty"):
        thread.run("")

    assert model.requests == ()


def test_python_threads_consume_turns_of_one_client_at_once(
    config: CodexConfig, model: ModelServer
) -> None:
    gates = [Gate() for _ in range(4)]
    model.add(*(Reply.text("held ", gate, "done") for gate in gates))
    with Codex(config) as codex, ThreadPoolExecutor(len(gates)) as pool:
        running = [pool.submit(codex.thread_start().run, "go") for _ in gates]
        model.wait_for_requests(len(gates))
        for gate in reversed(gates):
            gate.release()
        results = [future.result(timeout=30) for future in running]

    assert [result.final_response for result in results] == ["held done"] * len(gates)
    assert len({result.id for result in results}) == len(gates)


def test_steering_says_more_to_the_running_turn(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("first ", gate, "thought"), Reply.text("Both heard."))
    handle = codex.thread_start().turn("One thing.")
    events = handle.stream()
    for event in events:
        if event.method == "item/agentMessage/delta":
            break

    handle.steer("And another.")
    gate.release()
    result = handle.run()

    assert result.id == handle.id
    assert result.final_response == "Both heard."
    assert model.requests[1].prompt == "And another."


@pytest.mark.parametrize("kind", [str, Path])
def test_a_thread_works_in_the_folder_that_it_was_given(
    codex: Codex, model: ModelServer, home: IsolatedHome, kind: Callable[[Path], str | Path]
) -> None:
    folder = home.workspace / "inner"
    folder.mkdir()
    model.add(Reply.command("pwd", call_id="call_a"), Reply.text("There."))

    codex.thread_start(cwd=kind(folder)).run("Where are you?")

    assert str(folder) in model.requests[1].tool_outputs["call_a"]


def test_the_options_of_a_thread_reach_the_model(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("Aye."))
    thread = codex.thread_start(
        model="gpt-5.6-terra",
        base_instructions="You are a parrot.",
        developer_instructions="Answer like a pirate.",
        config={"model_reasoning_effort": "low"},
    )

    thread.run("Hello.")

    [request] = model.requests
    assert request.body["model"] == "gpt-5.6-terra"
    assert request.body["reasoning"]["effort"] == "low"
    sent = str(request.body)
    assert "You are a parrot." in sent
    assert "Answer like a pirate." in sent
