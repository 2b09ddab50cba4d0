"""The kinds of requests that no person is asked: typed hooks, and what is said without them."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import ServerRequestHandlers

from tests.sdk.requests.asking_server import ask, replies, script

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Codex

TOKENS = "account/chatgptAuthTokens/refresh"
LEGACY: dict[str, Any] = {"conversationId": "C1", "callId": "call_1"}
ASKED: dict[str, dict[str, Any]] = {
    "attestation/generate": {},
    TOKENS: {"reason": "unauthorized"},
    "execCommandApproval": {**LEGACY, "command": ["ls"], "cwd": "/ws", "parsedCmd": []},
    "applyPatchApproval": {**LEGACY, "fileChanges": {}},
}
REFUSED = {"code": -32603, "message": "the client has no handler for this"}
DENIED = {"decision": {"denied": {"rejection": "the client has no handler for this"}}}
SAFE: dict[str, Any] = {
    "attestation/generate": REFUSED,
    TOKENS: REFUSED,
    "execCommandApproval": DENIED,
    "applyPatchApproval": DENIED,
}
SECRET = "a-secret-that-nobody-may-see"


async def attest(params: types.AttestationGenerateParams) -> types.AttestationGenerateResponse:
    return types.AttestationGenerateResponse(token="T")


def refresh(
    params: types.ChatgptAuthTokensRefreshParams,
) -> types.ChatgptAuthTokensRefreshResponse:
    return types.ChatgptAuthTokensRefreshResponse(
        access_token=SECRET, chatgpt_account_id=str(params.reason)
    )


def run(params: types.ExecCommandApprovalParams) -> types.ExecCommandApprovalResponse:
    return types.ExecCommandApprovalResponse.from_wire({"decision": "approved"})


def patch(params: types.ApplyPatchApprovalParams) -> types.ApplyPatchApprovalResponse:
    return types.ApplyPatchApprovalResponse.from_wire({"decision": "abort"})


HANDLERS = ServerRequestHandlers(
    attestation_generate=attest,
    account_chatgpt_auth_tokens_refresh=refresh,
    exec_command_approval=run,
    apply_patch_approval=patch,
)


def reply_to(codex: Codex, method: str) -> Any:
    """Let the server ask something, and return the one reply that it got."""
    steps = [ask(0, method, **ASKED.get(method, {})), replies(1)]
    result = codex.thread_start().run(script(*steps))
    assert result.final_response is not None
    answers = json.loads(result.final_response)
    assert list(answers) == ["0"]
    [reply] = answers["0"]
    return reply


@pytest.mark.parametrize(
    ("method", "reply"),
    [
        ("attestation/generate", {"token": "T"}),
        (TOKENS, {"accessToken": SECRET, "chatgptAccountId": "unauthorized"}),
        ("execCommandApproval", {"decision": "approved"}),
        ("applyPatchApproval", {"decision": "abort"}),
    ],
)
def test_a_function_in_the_protocols_words_answers(
    opened: Callable[..., Codex], method: str, reply: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    assert reply_to(opened(handlers=HANDLERS), method) == reply
    assert SECRET not in caplog.text


@pytest.mark.parametrize("method", SAFE)
def test_without_one_the_answer_does_no_harm(opened: Callable[..., Codex], method: str) -> None:
    assert reply_to(opened(), method) == SAFE[method]


def test_without_one_the_time_is_that_of_this_machine(opened: Callable[..., Codex]) -> None:
    before = int(time.time())
    reply = reply_to(opened(), "currentTime/read")
    assert before <= reply["currentTimeAt"] <= time.time()


def test_a_function_that_fails_tells_no_secret(
    opened: Callable[..., Codex], caplog: pytest.LogCaptureFixture
) -> None:
    handlers = ServerRequestHandlers(
        # Of a wrong type, so that it is refused after it has been given.
        account_chatgpt_auth_tokens_refresh=lambda _: {"accessToken": SECRET}  # type: ignore[arg-type,return-value]
    )

    assert reply_to(opened(handlers=handlers), TOKENS) == REFUSED
    assert "ChatgptAuthTokensRefreshResponse, not dict" in caplog.text
    assert SECRET not in caplog.text


def test_a_kind_that_is_not_known_gets_an_error_and_a_warning(
    opened: Callable[..., Codex], caplog: pytest.LogCaptureFixture
) -> None:
    reply = reply_to(opened(), "item/future/request")

    assert reply["code"] == -32601
    [record] = [one for one in caplog.records if "item/future/request" in one.getMessage()]
    assert record.levelno == logging.WARNING
