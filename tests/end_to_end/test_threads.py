"""Threads on the real runtime: started, continued, copied, put aside, listed, named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import (
    CommandExecutionThreadItem,
    ReasoningSummary,
    ThreadGoalStatus,
)
from openai_codex import (
    ApprovalMode,
    Codex,
    CodexConfig,
    ExternalMessage,
    InvalidRequestError,
    Sandbox,
    TransportClosedError,
)
from openai_codex.testing import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Thread
    from openai_codex.testing import IsolatedHome, ModelRequest, ModelServer
    from openai_codex.types import JsonObject

TERRA = "gpt-5.6-terra"
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
    "additionalProperties": False,
}


def conversation(request: ModelRequest) -> list[str]:
    """Give what the user and the model have said so far, without the runtime's own words."""
    texts = [
        part["text"]
        for item in request.input
        if item.get("role") in ("user", "assistant")
        for part in item["content"]
    ]
    return [text for text in texts if not text.startswith("<environment_context>")]


def ids_of(codex: Codex, **options: Any) -> list[str]:
    return [thread.id for thread in codex.threads(**options)]


# --- starting ----------------------------------------------------------------------------------


def test_the_options_of_a_new_thread_hold_for_its_turns(
    codex: Codex, model: ModelServer, home: IsolatedHome
) -> None:
    folder = home.workspace / "inner"
    folder.mkdir()
    model.add(Reply.command("touch mark; pwd", call_id="call_a"), "Done.")
    thread = codex.thread_start(
        approval_mode=ApprovalMode.deny_all,
        base_instructions="You are a parrot.",
        config={"model_reasoning_effort": "low"},
        cwd=folder,
        developer_instructions="Answer like a pirate.",
        model=TERRA,
        sandbox=Sandbox.read_only,
        service_tier="priority",
    )

    result = thread.run("Hello.")

    request, after = model.requests
    assert request.body["model"] == TERRA
    assert request.body["reasoning"]["effort"] == "low"
    assert request.body["service_tier"] == "priority"
    assert "You are a parrot." in str(request.body)
    assert "Answer like a pirate." in str(request.body)
    assert f"<cwd>{folder}</cwd>" in str(request.input)
    assert CommandExecutionThreadItem in [type(item) for item in result.items]
    assert not (folder / "mark").exists()
    assert str(folder) in after.tool_outputs["call_a"]


@pytest.mark.parametrize("sandbox", [Sandbox.workspace_write, Sandbox.full_access])
def test_a_sandbox_that_may_be_written_in_is_written_in(
    codex: Codex, model: ModelServer, home: IsolatedHome, sandbox: Sandbox
) -> None:
    model.add(Reply.command("touch mark"), "Done.")

    codex.thread_start(sandbox=sandbox, approval_mode=ApprovalMode.deny_all).run("Touch.")

    assert (home.workspace / "mark").exists()


def test_the_options_of_a_turn_hold_for_it(
    codex: Codex, model: ModelServer, home: IsolatedHome
) -> None:
    folder = home.workspace / "inner"
    folder.mkdir()
    model.add('{"a": 1}', "Two.")
    thread = codex.thread_start()

    thread.run(
        "One.",
        cwd=folder,
        effort="high",
        model=TERRA,
        output_schema=SCHEMA,
        sandbox=Sandbox.read_only,
        summary=ReasoningSummary.concise,
        turn_service_tier="priority",
    )
    thread.run("Two.")

    first, second = (request.body for request in model.requests)
    assert first["text"]["format"]["schema"] == SCHEMA
    assert "format" not in second["text"]
    assert (first["service_tier"], second.get("service_tier")) == ("priority", None)
    for body in (first, second):  # these hold from that turn on
        assert body["model"] == TERRA
        assert (body["reasoning"]["effort"], body["reasoning"]["summary"]) == ("high", "concise")
        assert f"<cwd>{folder}</cwd>" in str(body["input"])


def test_an_external_message_is_no_word_of_the_user(codex: Codex, model: ModelServer) -> None:
    model.add("Noted.")

    result = codex.thread_start().run(ExternalMessage("mail", "Buy now!", namespace="inbox"))

    assert result.final_response == "Noted."
    [request] = model.requests
    assert conversation(request) == []
    assert "Buy now!" in str(request.input)


# --- continuing and copying --------------------------------------------------------------------


def test_a_conversation_goes_on_in_another_client(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    codex: Codex,
    thread: Thread,
    model: ModelServer,
) -> None:
    codex.close()
    model.add("You said hi.")

    resumed = opened(config).thread_resume(thread.id)
    resumed.run("What did I say?")

    assert resumed.id == thread.id
    assert conversation(model.requests[1]) == ["Hi.", "Hello.", "What did I say?"]


def test_a_conversation_may_go_on_with_other_options(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    codex: Codex,
    thread: Thread,
    model: ModelServer,
    home: IsolatedHome,
) -> None:
    codex.close()
    folder = home.workspace / "inner"
    folder.mkdir()
    model.add("Squawk.")

    resumed = opened(config).thread_resume(
        thread.id,
        base_instructions="You are a parrot.",
        config={"model_reasoning_effort": "low"},
        cwd=folder,
        service_tier="priority",
    )
    resumed.run("And now?")

    before, after = (request.body for request in model.requests)
    assert "You are a parrot." in str(after)
    assert after["reasoning"]["effort"] == "low" != before["reasoning"]["effort"]
    assert f"<cwd>{folder}</cwd>" in str(after)
    assert (before.get("service_tier"), after["service_tier"]) == (None, "priority")


def test_a_thread_that_is_loaded_already_is_given_again(
    codex: Codex, thread: Thread, model: ModelServer
) -> None:
    model.add("Again.")

    assert codex.thread_resume(thread.id).run("And?").final_response == "Again."
    assert conversation(model.requests[1]) == ["Hi.", "Hello.", "And?"]


def test_a_copy_goes_on_by_itself(codex: Codex, thread: Thread, model: ModelServer) -> None:
    model.add("In the copy.", "In the original.")

    copy = codex.thread_fork(thread.id)
    copy.run("One.")
    thread.run("Two.")

    assert copy.id != thread.id
    assert copy.read().thread.forked_from_id == thread.id
    assert conversation(model.requests[1]) == ["Hi.", "Hello.", "One."]
    assert conversation(model.requests[2]) == ["Hi.", "Hello.", "Two."]
    assert len(list(copy.turns())) == len(list(thread.turns())) == 2


def test_a_copy_ends_with_the_turn_that_it_is_told(
    codex: Codex, thread: Thread, model: ModelServer
) -> None:
    model.add("Two.", "Other.")
    [first] = thread.turns()
    thread.run("One.")

    copy = codex.thread_fork(thread.id, last_turn_id=first.id)
    copy.run("Another.")

    assert conversation(model.requests[2]) == ["Hi.", "Hello.", "Another."]
    with pytest.raises(InvalidRequestError, match="turn not found"):
        codex.thread_fork(thread.id, last_turn_id="no-such-turn")


def test_a_copy_may_be_kept_in_memory_only(
    codex: Codex, thread: Thread, model: ModelServer
) -> None:
    model.add("Still here.")

    copy = codex.thread_fork(thread.id, ephemeral=True)

    assert copy.run("And?").final_response == "Still here."
    assert conversation(model.requests[1]) == ["Hi.", "Hello.", "And?"]
    assert copy.read().thread.ephemeral is True
    assert ids_of(codex) == [thread.id]


# --- archive, names, goals, models -------------------------------------------------------------


def test_an_archived_thread_comes_back_and_runs_turns(
    codex: Codex, thread: Thread, model: ModelServer
) -> None:
    model.add("Back.")

    codex.thread_archive(thread.id)
    assert (ids_of(codex), ids_of(codex, archived=True)) == ([], [thread.id])
    back = codex.thread_unarchive(thread.id)

    assert (ids_of(codex), ids_of(codex, archived=True)) == ([thread.id], [])
    assert back.id == thread.id
    assert back.run("And?").final_response == "Back."
    assert conversation(model.requests[1]) == ["Hi.", "Hello.", "And?"]


def test_a_name_is_seen_in_the_list_and_when_the_thread_is_read(
    codex: Codex, thread: Thread
) -> None:
    assert thread.read().thread.name is None

    thread.set_name("Grüße 🦜")

    assert thread.read().thread.name == "Grüße 🦜"
    assert [listed.name for listed in codex.threads()] == ["Grüße 🦜"]
    with pytest.raises(InvalidRequestError, match="must not be empty"):
        thread.set_name("")


def test_a_goal_is_set_changed_and_given_up(thread: Thread) -> None:
    assert thread.goal() is None

    given = thread.set_goal("Win.", status=ThreadGoalStatus.paused, token_budget=100)
    assert (given.objective, given.status, given.token_budget) == ("Win.", "paused", 100)
    assert thread.goal() == given

    changed = thread.set_goal(status=ThreadGoalStatus.complete)
    assert (changed.objective, changed.status, changed.token_budget) == ("Win.", "complete", 100)
    unlimited = thread.set_goal(token_budget=None)
    assert (unlimited.status, unlimited.token_budget) == ("complete", None)

    assert thread.clear_goal() is True
    assert thread.clear_goal() is False
    assert thread.goal() is None


def test_a_goal_that_is_not_there_is_not_changed(thread: Thread) -> None:
    with pytest.raises(InvalidRequestError, match="no goal exists"):
        thread.set_goal(status=ThreadGoalStatus.paused)
    with pytest.raises(InvalidRequestError, match="must be positive"):
        thread.set_goal("Win.", token_budget=0)
    with pytest.raises(InvalidRequestError, match="must not be empty"):
        thread.set_goal("")
    assert thread.goal() is None


def test_hidden_models_are_listed_when_they_are_asked_for(codex: Codex) -> None:
    models = codex.models().data
    more = codex.models(include_hidden=True).data

    assert not any(model.hidden for model in models)
    assert [model for model in more if not model.hidden] == models
    assert len(more) > len(models) > 0


def test_a_client_and_a_thread_tell_who_they_are(
    codex: Codex, config: CodexConfig, thread: Thread
) -> None:
    assert repr(codex) == f"<Codex: {codex.metadata.user_agent}>"
    assert repr(thread) == f"Thread(id={thread.id!r})"

    codex.close()

    with pytest.raises(TransportClosedError):
        codex.thread_list()
    assert repr(thread) == f"Thread(id={thread.id!r})"
