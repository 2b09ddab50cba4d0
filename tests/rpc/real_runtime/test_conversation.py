"""A conversation over the raw client, on any runtime from 0.131.0 on.

These are the core that every runtime has to pass, with the packages rendered for it and with ours
as they are: see `docs/maintainers/compatibility.md`. So they name only what the protocol has had
all that time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import InvalidRequestError, Notification, UnknownNotification
from codex_app_server_types import (
    AgentMessageDeltaNotification,
    AgentMessageThreadItem,
    CommandExecutionRequestApprovalParams,
    CommandExecutionRequestApprovalResponse,
    CommandExecutionThreadItem as CommandItem,
    ItemCompletedNotification,
    TextUserInput,
    ThreadItem,
    TurnCompletedNotification,
    TurnStartParams,
    TurnStatus,
)
from openai_codex.testing import Gate, IsolatedHome, ModelServer, Reply

from tests.rpc.driver import Driver
from tests.rpc.real_runtime.conftest import Open
from tests.rpc.runtime_program import runtime_version

PATIENCE = 30.0
"""How long a notification may take, in seconds."""


class Conversation:
    """One thread of a client, to which a test talks."""

    def __init__(self, driver: Driver, client: Any, thread_id: str) -> None:
        self.client = client
        self.thread_id = thread_id
        self._driver = driver

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method of the client about the thread."""
        return await self._driver.run(
            getattr(self.client, method), thread_id=self.thread_id, **params
        )

    async def begin(self, prompt: str) -> Any:
        """Start a turn, and give its stream."""
        params = TurnStartParams(thread_id=self.thread_id, input=[TextUserInput(text=prompt)])
        return await self._driver.run(self.client.start_turn, params)

    async def next(self, stream: Any) -> Notification | None:
        """Read what comes next of a turn; whatever it says has to be what its type says."""
        event: Notification | None = await self._driver.run(stream.next, PATIENCE)
        if event is not None and isinstance(event.payload, UnknownNotification):
            assert event.payload.error is None
        return event

    async def rest(self, stream: Any) -> list[Notification]:
        """Read a turn to its end."""
        events: list[Notification] = []
        while (event := await self.next(stream)) is not None:
            events.append(event)
        return events

    async def say(self, prompt: str) -> list[Notification]:
        """Run a whole turn."""
        return await self.rest(await self.begin(prompt))

    async def see_command(self, prompt: str, model: ModelServer, command: Reply) -> CommandItem:
        """Run a turn in which the model asks for a command, and give what came of that.

        The model goes on when the command is complete: older runtimes, as 0.144.0, tell so a
        moment later, and not at all if the turn is over by then.
        """
        complete = Gate()
        model.add(command, Reply.text(complete, "Well."))
        stream = await self.begin(prompt)
        events: list[Notification] = []
        while not (commands := commands_of(events)):
            event = await self.next(stream)
            assert event is not None, "the turn is over, and the command is not complete"
            events.append(event)
        complete.release()
        assert end_of(await self.rest(stream)).turn.status == TurnStatus.completed
        return commands[0]


def end_of(events: list[Notification]) -> TurnCompletedNotification:
    """Give the notification that ended a turn."""
    payload = events[-1].payload
    assert isinstance(payload, TurnCompletedNotification)
    return payload


def items_of(events: list[Notification]) -> list[ThreadItem]:
    """Give the items that were completed in a turn."""
    payloads = [event.payload for event in events]
    return [part.item for part in payloads if isinstance(part, ItemCompletedNotification)]


def commands_of(events: list[Notification]) -> list[CommandItem]:
    """Give the commands of a turn."""
    return [item for item in items_of(events) if isinstance(item, CommandItem)]


@pytest.fixture
async def conversation(driver: Driver, open_client: Open) -> Conversation:
    """A client with a thread."""
    client = await open_client()
    return Conversation(driver, client, (await driver.run(client.thread_start)).thread.id)


async def test_the_handshake_tells_the_runtime_s_version(open_client: Open) -> None:
    client = await open_client()

    assert client.server.user_agent.startswith(f"tests/{runtime_version()} (")


async def test_a_turn_is_streamed_to_its_end(
    conversation: Conversation, model: ModelServer
) -> None:
    model.add(Reply.text("one ", "two ", "three"))

    events = await conversation.say("Count.")

    payloads = [event.payload for event in events]
    deltas = [part.delta for part in payloads if isinstance(part, AgentMessageDeltaNotification)]
    assert deltas == ["one ", "two ", "three"]
    [message] = [item for item in items_of(events) if isinstance(item, AgentMessageThreadItem)]
    assert message.text == "one two three"
    assert end_of(events).turn.status == TurnStatus.completed
    assert {event.thread_id for event in events} == {conversation.thread_id}
    assert model.requests[0].prompt == "Count."
    assert conversation.client.stats().skipped == 0


async def test_turns_of_one_thread_are_one_conversation(
    conversation: Conversation, model: ModelServer
) -> None:
    model.add("Hello.", "You said hello.")

    await conversation.say("Hello!")
    await conversation.say("What did I say?")

    assert "Hello!" in str(model.requests[1].input)
    assert model.requests[1].prompt == "What did I say?"


async def test_a_failed_turn_tells_its_error(
    conversation: Conversation, model: ModelServer
) -> None:
    model.add(Reply.failure(400, "the model refuses"))

    turn = end_of(await conversation.say("Fail, please.")).turn

    assert turn.status == TurnStatus.failed
    assert turn.error is not None
    assert "the model refuses" in turn.error.message


async def test_an_interrupted_turn_ends_and_the_next_one_runs(
    conversation: Conversation, model: ModelServer
) -> None:
    model.add(Reply.text("never ", Gate(), "finished"), "Next.")
    stream = await conversation.begin("Take your time.")
    model.wait_for_requests(1)

    await conversation.call("turn_interrupt", turn_id=stream.turn_id)

    assert end_of(await conversation.rest(stream)).turn.status == TurnStatus.interrupted
    assert end_of(await conversation.say("And now?")).turn.status == TurnStatus.completed


@pytest.mark.parametrize("decision", ["accept", "decline", None])
async def test_only_a_command_that_is_accepted_runs(
    driver: Driver,
    open_client: Open,
    model: ModelServer,
    home: IsolatedHome,
    decision: str | None,
) -> None:
    asked: list[CommandExecutionRequestApprovalParams] = []

    def decide(
        params: CommandExecutionRequestApprovalParams,
    ) -> CommandExecutionRequestApprovalResponse:
        asked.append(params)
        return CommandExecutionRequestApprovalResponse.model_validate({"decision": decision})

    handlers = driver.handlers(item_command_execution_request_approval=decide)
    client = await open_client(handlers=None if decision is None else handlers)
    opened = await driver.run(client.thread_start, approval_policy="on-request")
    marker = home.workspace / "marker"
    touch = Reply.command(f"touch {marker}", justification="to leave a mark")

    conversation = Conversation(driver, client, opened.thread.id)
    command = await conversation.see_command("Touch the marker.", model, touch)

    assert command.status == ("completed" if decision == "accept" else "declined")
    assert marker.exists() == (decision == "accept")
    assert [params.reason for params in asked] == ["to leave a mark"][: decision is not None]


async def test_a_command_runs_in_the_sandbox(
    conversation: Conversation, model: ModelServer, home: IsolatedHome
) -> None:
    Path(home.workspace, "note.txt").write_text("written by the test", encoding="utf-8")
    read = Reply.command("cat note.txt", call_id="call_a")

    command = await conversation.see_command("Read the note.", model, read)

    assert command.exit_code == 0
    assert "written by the test" in model.requests[1].tool_outputs["call_a"]


async def test_what_the_runtime_refuses_is_an_error_and_the_client_goes_on(
    conversation: Conversation, driver: Driver, model: ModelServer
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        await driver.run(conversation.client.thread_read, thread_id="no-such-thread")

    assert refused.value.code == -32600
    model.add("Still here.")
    assert end_of(await conversation.say("Hello?")).turn.status == TurnStatus.completed


async def test_models_and_threads_are_listed(
    conversation: Conversation, driver: Driver, model: ModelServer
) -> None:
    model.add("Hello.")
    await conversation.say("Hi.")

    models = await driver.run(conversation.client.model_list)
    threads = await driver.run(conversation.client.thread_list)
    history = await conversation.call("thread_read", include_turns=True)

    assert all(model.id for model in models.data)
    assert models.data
    assert [thread.id for thread in threads.data] == [conversation.thread_id]
    [turn] = history.thread.turns
    assert [item.type for item in turn.items] == ["userMessage", "agentMessage"]
