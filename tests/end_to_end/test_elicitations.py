"""What MCP servers ask of the user, on the real runtime."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import McpToolCallThreadItem
from openai_codex import (
    Accept,
    AcceptForSession,
    ApprovalMode,
    Cancel,
    Console,
    Decline,
    FormElicitation,
    McpToolApproval,
    OpenaiFormElicitation,
    Park,
    Submit,
    UrlElicitation,
)
from openai_codex.testing import Reply

from tests.sdk.requests.received import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import (
        ApprovalRequest,
        Codex,
        CodexConfig,
        Decision,
        Elicitation,
        ElicitationAnswer,
        TurnResult,
    )
    from openai_codex.testing import ModelServer

SERVER = Path(__file__).with_name("mcp_server.py")
OVERRIDE = f'mcp_servers.tiny={{command="{sys.executable}",args=["-S","-E","{SERVER}"]}}'

FORM: Any = {
    "mode": "form",
    "message": "Who are you?",
    "requestedSchema": {
        "type": "object",
        "properties": {
            "name": {"type": "string", "title": "Name", "minLength": 2},
            "age": {"type": "integer", "minimum": 18, "default": 20},
            "color": {"type": "string", "enum": ["r", "g"], "enumNames": ["Red", "Green"]},
            "mail": {"type": "string", "format": "email"},
            "extras": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            "ok": {"type": "boolean"},
        },
        "required": ["name"],
    },
}
ADDRESS = {
    "mode": "url",
    "message": "Please log in.",
    "url": "https://example.com/login?x=1",
    "elicitationId": "el-1",
}
SCHEMA: Any = {"type": "object", "properties": {"a": {"type": "array", "minItems": 2}}}
CONTENT = {
    "name": "Bob",
    "age": 20,
    "color": "g",
    "mail": "bob@example.com",
    "extras": ["a", "b"],
    "ok": True,
}


@dataclass
class Person:
    name: str
    age: int | None = None


class User:
    """Somebody who gives the same answer to all that is asked."""

    def __init__(self, answer: ElicitationAnswer | None) -> None:
        self.asked: list[Elicitation] = []
        self._answer = answer

    def __call__(self, request: Elicitation) -> ElicitationAnswer | None:
        self.asked.append(request)
        return self._answer


@pytest.fixture
def start(opened: Callable[..., Codex], config: CodexConfig) -> Callable[..., Codex]:
    """Starts clients of a runtime with the tiny MCP server."""
    changed = replace(config, config_overrides=(*config.config_overrides, OVERRIDE))

    def start(**answerers: object) -> Codex:
        return opened(changed, **answerers)

    return start


def asking(params: Any, method: str = "elicitation/create") -> Reply:
    """Make the model have the MCP server ask something."""
    return Reply.tool_call("ask", {"method": method, "params": params}, namespace="mcp__tiny")


def park(request: Elicitation) -> Park:
    return Park()


def told(result: TurnResult[None]) -> Any:
    """Return what the MCP server was told in a turn."""
    [call] = [item for item in result.items if isinstance(item, McpToolCallThreadItem)]
    assert call.result is not None
    [content] = call.result.content
    assert isinstance(content, dict)
    return json.loads(str(content["text"]))


@pytest.fixture
def answered(start: Callable[..., Codex], model: ModelServer) -> Callable[..., Any]:
    """Has somebody give an answer, and returns what the MCP server was told."""

    def answered(user: object, params: Any, method: str = "elicitation/create") -> Any:
        model.add(asking(params, method), "Done.")
        codex = start(elicitations=user)
        result = codex.thread_start(approval_mode=ApprovalMode.on_request).run("Go.")
        assert result.final_response == "Done."
        return told(result)

    return answered


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Submit(CONTENT), {"action": "accept", "content": CONTENT}),
        (Submit(Person("Bob")), {"action": "accept", "content": {"name": "Bob"}}),
        (Decline(), {"action": "decline"}),
        (Cancel(), {"action": "cancel"}),
        (None, {"action": "decline"}),
    ],
    ids=["submit", "dataclass", "decline", "cancel", "nothing"],
)
def test_the_mcp_server_is_told_what_became_of_its_form(
    answered: Callable[..., Any], answer: ElicitationAnswer | None, expected: Any
) -> None:
    assert answered(User(answer), FORM) == expected


def test_without_anybody_it_is_declined(
    answered: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert answered(None, FORM) == {"action": "decline"}
    assert "a form of the MCP server tiny: Who are you?" in caplog.text


def test_content_that_does_not_fit_the_form_declines_it(
    answered: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    user = User(Submit({**CONTENT, "age": 17, "mail": "s3cr3t"}))

    assert answered(user, FORM) == {"action": "decline"}
    assert 'age: must be at least 18; mail: must be of the format "email"' in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_form_has_its_fields_and_who_asks(answered: Callable[..., Any]) -> None:
    user = User(None)
    answered(user, FORM)

    (form,) = user.asked
    assert isinstance(form, FormElicitation)
    assert (form.server_name, form.message) == ("tiny", "Who are you?")
    kinds = {field.name: (field.kind, field.required, field.default) for field in form.fields}
    assert kinds == {
        "name": ("text", True, None),
        "age": ("integer", False, 20),
        "color": ("choice", False, None),
        "mail": ("text", False, None),
        "extras": ("choices", False, None),
        "ok": ("boolean", False, None),
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # The runtime makes an empty content of none.
        (Accept(), {"action": "accept", "content": {}}),
        (Decline(), {"action": "decline"}),
        (Cancel(), {"action": "cancel"}),
    ],
    ids=str,
)
def test_the_mcp_server_is_told_what_became_of_its_address(
    answered: Callable[..., Any], answer: ElicitationAnswer, expected: Any
) -> None:
    user = User(answer)
    assert answered(user, ADDRESS) == expected

    (address,) = user.asked
    assert isinstance(address, UrlElicitation)
    assert (address.url, address.host) == (ADDRESS["url"], "example.com")


@pytest.mark.parametrize(
    ("method", "mode"),
    [("openai/form", "openai/form"), ("openai/elicitation/create", "openaiForm")],
)
def test_a_form_of_any_schema_comes_to_whom_answers_forms(
    answered: Callable[..., Any], method: str, mode: str
) -> None:
    user = User(Submit({"a": [1, 2]}))
    params = {"mode": "form", "message": "?", "requestedSchema": SCHEMA}

    assert answered(user, params, method) == {"action": "accept", "content": {"a": [1, 2]}}
    (form,) = user.asked
    assert isinstance(form, OpenaiFormElicitation)
    assert (form.mode, form.requested_schema) == (mode, SCHEMA)


def test_a_form_of_any_schema_does_not_come_to_others(answered: Callable[..., Any]) -> None:
    answer = answered(None, {"message": "?", "requestedSchema": SCHEMA}, "openai/form")
    assert answer["code"] == -32601


def test_the_person_at_the_terminal_fills_in_the_form(answered: Callable[..., Any]) -> None:
    # The runtime sorts the fields by name: age, color, extras, mail, name, ok.
    console = Console(typed("1", "", "green", "1,2", "bob@example.com", "Bob", "yes"))

    assert answered(console.elicitations, FORM) == {"action": "accept", "content": CONTENT}


def test_a_form_can_be_filled_in_later(start: Callable[..., Codex], model: ModelServer) -> None:
    model.add(asking(FORM), "Done.")
    codex = start(elicitations=park)
    handle = codex.thread_start(approval_mode=ApprovalMode.on_request).turn("Go.")
    while not handle.pending_requests:
        codex.account()
    [request] = handle.pending_requests
    assert isinstance(request, FormElicitation)

    codex.respond(request, Submit(CONTENT))

    assert told(handle.run()) == {"action": "accept", "content": CONTENT}


@pytest.mark.parametrize(
    ("decision", "is_called", "is_asked"),
    [(Accept(), True, 2), (AcceptForSession(), True, 1), (Decline(), False, 2)],
    ids=["accept", "for-the-session", "decline"],
)
def test_a_tool_that_may_do_harm_needs_approval(
    start: Callable[..., Codex],
    model: ModelServer,
    decision: Decision,
    is_called: bool,
    is_asked: int,
) -> None:
    asked: list[ApprovalRequest] = []

    def decide(request: ApprovalRequest) -> Decision:
        asked.append(request)
        return decision

    thread = start(approvals=decide).thread_start(approval_mode=ApprovalMode.on_request)
    for _ in range(2):
        model.add(Reply.tool_call("harm", {"whom": "nobody"}, namespace="mcp__tiny"), "Done.")
        result = thread.run("Go.")
        [call] = [item for item in result.items if isinstance(item, McpToolCallThreadItem)]
        assert (call.status == "completed") is is_called

    assert len(asked) == is_asked
    assert isinstance(asked[0], McpToolApproval)
    assert (asked[0].server_name, asked[0].thread_id) == ("tiny", thread.id)
    assert "harm" in asked[0].describe()
