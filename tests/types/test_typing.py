"""What type checkers make of the package, as they see it from a user's program.

Most of it is checked by the `typecheck` session, which reads this file as any other. There a
comment that silences an error is an error itself once there is nothing to silence.
"""

from __future__ import annotations

from codex_app_server_types import (
    AgentMessageThreadItem,
    AskForApprovalValue,
    CommandExecutionThreadItem,
    LoginAccountResponse,
    LoginAccountResponseAdapter,
    TextUserInput,
    ThreadItem,
    ThreadReadParams,
    ThreadStartParams,
    Turn,
    TurnStartParams,
    TurnStatus,
    UnknownThreadItem,
    UserInput,
)
from typing_extensions import assert_type


def test_constructors_take_python_names() -> None:
    params = TurnStartParams(thread_id="1", input=[TextUserInput(text="hi")], service_tier=None)

    assert_type(params.thread_id, str)
    assert_type(params.input, list[UserInput])
    assert_type(params.service_tier, str | None)
    assert params.thread_id == "1"


def test_what_constructors_do_not_take_is_an_error() -> None:
    def mistakes() -> None:
        ThreadStartParams(modle="gpt-5")  # type: ignore[call-arg]  # misspelt
        ThreadStartParams(modelProvider="p")  # type: ignore[call-arg]  # the wire name
        ThreadStartParams(True)  # type: ignore[call-arg]  # not by keyword
        ThreadStartParams(model=5)  # type: ignore[arg-type]  # a number
        ThreadReadParams()  # type: ignore[call-arg]  # nothing of what is required
        TurnStartParams(thread_id="1", input=[Turn])  # type: ignore[list-item]  # no input

    assert callable(mistakes)


def test_decoding_returns_the_class_it_is_called_on() -> None:
    turn = Turn.from_wire({"id": "1", "items": [], "status": "completed"})

    assert_type(turn, Turn)
    assert_type(turn.status, TurnStatus)
    assert_type(turn.status.is_known, bool)
    assert_type(turn.items, list[ThreadItem])
    assert_type(turn.to_wire_json(), bytes)
    assert turn.status is TurnStatus.completed


def test_isinstance_narrows_a_union() -> None:
    def text_of(item: ThreadItem) -> str | None:
        if isinstance(item, AgentMessageThreadItem):
            assert_type(item.text, str)
            return item.text
        if isinstance(item, CommandExecutionThreadItem):
            assert_type(item.command, str)
            return item.command
        return None

    assert text_of(AgentMessageThreadItem(id="1", text="hi")) == "hi"
    assert text_of(UnknownThreadItem(type="new")) is None


def test_a_match_statement_narrows_a_union() -> None:
    def text_of(item: ThreadItem) -> str:
        match item:
            case AgentMessageThreadItem():
                assert_type(item, AgentMessageThreadItem)
                return item.text
            case UnknownThreadItem(type=tag):
                assert_type(tag, str)
                return tag
            case _:
                return ""

    assert text_of(UnknownThreadItem(type="new")) == "new"


def test_a_union_of_strings_and_objects_narrows() -> None:
    params = ThreadStartParams(approval_policy=AskForApprovalValue.never)
    policy = params.approval_policy

    assert policy is not None
    assert isinstance(policy, AskForApprovalValue)
    assert_type(policy, AskForApprovalValue)


def test_an_adapter_knows_its_union() -> None:
    response = LoginAccountResponseAdapter.validate_python({"type": "apiKey"})

    assert_type(response, LoginAccountResponse)
    assert response.type == "apiKey"
