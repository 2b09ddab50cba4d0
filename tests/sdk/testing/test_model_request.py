"""What a test can ask of a recorded request."""

from __future__ import annotations

from typing import Any

from openai_codex.testing import ModelRequest


def request_with(headers: dict[str, str] | None = None, **body: Any) -> ModelRequest:
    return ModelRequest("POST", "/v1/responses", headers or {}, body)


def test_the_prompt_is_the_newest_message_of_the_user() -> None:
    request = request_with(
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "old"}]},
            {"role": "user", "content": [{"type": "input_text", "text": "n"}, {"text": "ew"}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": "answer"}]},
        ]
    )

    assert request.prompt == "new"


def test_the_prompt_may_be_a_plain_string() -> None:
    assert request_with(input=[{"role": "user", "content": "plain"}]).prompt == "plain"


def test_a_request_without_a_user_has_an_empty_prompt() -> None:
    assert request_with().prompt == ""


def test_tool_outputs_go_by_their_call() -> None:
    request = request_with(
        input=[
            {"type": "function_call", "call_id": "call_1", "name": "a", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "text"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"text": "parts"}]},
        ]
    )

    assert request.tool_outputs == {"call_1": "text", "call_2": "parts"}


def test_tools_go_by_their_names_or_types() -> None:
    request = request_with(
        tools=[{"type": "function", "name": "exec_command"}, {"type": "web_search"}]
    )

    assert request.tool_names == ["exec_command", "web_search"]


def test_the_thread_is_known_by_its_header() -> None:
    assert request_with({"thread-id": "t"}).thread_id == "t"
    assert request_with().thread_id == ""
