"""What the server gets when nobody answers: valid, and harmless."""

from __future__ import annotations

import time
from typing import Any

import pytest
from codex_app_server_rpc.answers import ErrorAnswer, ResultAnswer, safe_answer
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS

from tests.rpc.driver import Driver
from tests.rpc.memory_transport import MemoryServer
from tests.rpc.schema_examples import minimal_params, problems, server_requests

REFUSED = {"attestation/generate", "account/chatgptAuthTokens/refresh"}
"""No harmless result exists for these."""

RESULTS = sorted(set(SERVER_REQUESTS) - REFUSED)


def result_of(method: str) -> Any:
    answer = safe_answer(method)
    assert isinstance(answer, ResultAnswer)
    return answer.result


def test_every_server_request_of_the_schema_is_known() -> None:
    assert server_requests()
    assert sorted(SERVER_REQUESTS) == server_requests()


@pytest.mark.parametrize("method", RESULTS)
def test_a_safe_answer_is_valid_for_its_request(method: str) -> None:
    assert problems(SERVER_REQUESTS[method].response, result_of(method)) == []


@pytest.mark.parametrize("method", sorted(REFUSED))
def test_what_has_no_harmless_result_is_an_internal_error(method: str) -> None:
    answer = safe_answer(method)
    assert isinstance(answer, ErrorAnswer)
    assert answer.code == -32603


@pytest.mark.parametrize("method", ["future/request", "", "item/tool"])
def test_an_unknown_request_is_method_not_found(method: str) -> None:
    answer = safe_answer(method)
    assert isinstance(answer, ErrorAnswer)
    assert answer.code == -32601
    assert method in answer.message


@pytest.mark.parametrize(
    "method", ["item/commandExecution/requestApproval", "item/fileChange/requestApproval"]
)
def test_an_approval_is_declined(method: str) -> None:
    assert result_of(method) == {"decision": "decline"}


@pytest.mark.parametrize("method", ["execCommandApproval", "applyPatchApproval"])
def test_an_approval_of_the_first_protocol_is_denied(method: str) -> None:
    assert list(result_of(method)["decision"]) == ["denied"]


def test_no_permission_is_granted() -> None:
    assert result_of("item/permissions/requestApproval") == {"permissions": {}}


def test_a_question_gets_no_answer() -> None:
    assert result_of("item/tool/requestUserInput") == {"answers": {}}


def test_a_form_is_declined() -> None:
    assert result_of("mcpServer/elicitation/request") == {"action": "decline"}


def test_a_tool_fails_in_words_that_the_model_can_read() -> None:
    answer = result_of("item/tool/call")
    assert answer["success"] is False
    assert "not available" in answer["contentItems"][0]["text"]


def test_the_clock_is_read() -> None:
    before = int(time.time())
    assert before <= result_of("currentTime/read")["currentTimeAt"] <= time.time()


@pytest.mark.parametrize("method", RESULTS)
async def test_a_request_without_a_handler_gets_its_safe_answer(
    method: str, driver: Driver
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    server.ask(0, method, minimal_params("ServerRequest", method))
    reply = await server.reply()
    assert reply["id"] == 0
    assert problems(SERVER_REQUESTS[method].response, reply["result"]) == []
    if method != "currentTime/read":
        assert reply["result"] == result_of(method)
    await driver.run(client.close)


@pytest.mark.parametrize(
    ("method", "code"), [*((method, -32603) for method in sorted(REFUSED)), ("future", -32601)]
)
async def test_a_request_that_cannot_be_answered_gets_an_error(
    method: str, code: int, driver: Driver
) -> None:
    server = MemoryServer()
    client = await driver.open_memory(server)
    server.ask("id", method, {})
    reply = await server.reply()
    assert (reply["id"], reply["error"]["code"]) == ("id", code)
    await driver.run(client.close)
