"""What MCP servers ask of the user, on the real runtime."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import ServerRequest
from openai_codex.requests.console import Console
from openai_codex.requests.decisions import Accept, Cancel, Decline
from openai_codex.requests.elicitations import (
    FormElicitation,
    OpenaiFormElicitation,
    Submit,
    UrlElicitation,
    elicitation_of,
)

from tests.end_to_end.asking import MCP_OVERRIDE, asked
from tests.sdk.requests.received import typed

if TYPE_CHECKING:
    from codex_app_server_types import WireModel
    from openai_codex import CodexConfig
    from openai_codex.requests.elicitations import Elicitation, ElicitationAnswer

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

    def __call__(self, request: ServerRequest) -> WireModel | None:
        typed = elicitation_of(request)
        assert typed is not None
        self.asked.append(typed)
        return typed.response(self._answer)


@pytest.fixture
def with_tiny(config: CodexConfig) -> CodexConfig:
    """A runtime with the tiny MCP server."""
    return replace(config, config_overrides=(*config.config_overrides, MCP_OVERRIDE))


def answered(config: CodexConfig, answer: ElicitationAnswer | None, params: Any) -> Any:
    """Return what the MCP server is told when somebody gives an answer."""
    with asked(config, User(answer)) as thread:
        return thread.elicit(params)


@pytest.mark.parametrize(
    ("answer", "told"),
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
    with_tiny: CodexConfig, answer: ElicitationAnswer | None, told: Any
) -> None:
    assert answered(with_tiny, answer, FORM) == told


def test_content_that_does_not_fit_the_form_declines_it(
    with_tiny: CodexConfig, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Submit({**CONTENT, "age": 17, "mail": "s3cr3t"})

    assert answered(with_tiny, answer, FORM) == {"action": "decline"}
    assert 'age: must be at least 18; mail: must be of the format "email"' in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_form_has_its_fields_and_who_asks(with_tiny: CodexConfig) -> None:
    user = User(None)
    with asked(with_tiny, user) as thread:
        thread.elicit(FORM)

    (form,) = user.asked
    assert isinstance(form, FormElicitation)
    assert (form.server_name, form.message, form.turn_id) == ("tiny", "Who are you?", None)
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
    ("answer", "told"),
    [
        # The runtime makes an empty content of none.
        (Accept(), {"action": "accept", "content": {}}),
        (Decline(), {"action": "decline"}),
        (Cancel(), {"action": "cancel"}),
    ],
    ids=str,
)
def test_the_mcp_server_is_told_what_became_of_its_address(
    with_tiny: CodexConfig, answer: ElicitationAnswer, told: Any
) -> None:
    user = User(answer)
    with asked(with_tiny, user) as thread:
        assert thread.elicit(ADDRESS) == told

    (address,) = user.asked
    assert isinstance(address, UrlElicitation)
    assert (address.url, address.host) == (ADDRESS["url"], "example.com")


@pytest.mark.parametrize(
    ("method", "mode", "extensions"),
    [
        ("openai/form", "openai/form", {"openai/form": {}}),
        ("openai/elicitation/create", "openaiForm", {"openai/elicitation": {"form": {}}}),
    ],
)
def test_a_form_of_any_schema_comes_with_its_extension(
    with_tiny: CodexConfig, method: str, mode: str, extensions: Any
) -> None:
    user = User(Submit({"a": [1, 2]}))
    params = {"mode": "form", "message": "?", "requestedSchema": SCHEMA}
    with asked(with_tiny, user, extensions=extensions) as thread:
        told = thread.elicit(params, method)

    assert told == {"action": "accept", "content": {"a": [1, 2]}}
    (form,) = user.asked
    assert isinstance(form, OpenaiFormElicitation)
    assert (form.mode, form.requested_schema) == (mode, SCHEMA)


def test_a_form_of_any_schema_does_not_come_without_it(with_tiny: CodexConfig) -> None:
    with asked(with_tiny, User(None)) as thread:
        told = thread.elicit({"message": "?", "requestedSchema": SCHEMA}, "openai/form")

    assert told["code"] == -32601


def test_the_person_at_the_terminal_fills_in_the_form(with_tiny: CodexConfig) -> None:
    # The runtime sorts the fields by name: age, color, extras, mail, name, ok.
    console = Console(typed("1", "", "green", "1,2", "bob@example.com", "Bob", "yes"))

    def answer(request: ServerRequest) -> WireModel:
        elicitation = elicitation_of(request)
        assert elicitation is not None
        return elicitation.response(console.elicitations(elicitation))

    with asked(with_tiny, answer) as thread:
        assert thread.elicit(FORM) == {"action": "accept", "content": CONTENT}
