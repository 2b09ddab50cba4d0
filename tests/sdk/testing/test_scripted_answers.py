"""How often a scripted app-server gives an answer, and what a function may do before it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openai_codex import Codex, Decline
from openai_codex.testing import ScriptedServer

OpenClient = Callable[..., Codex]


def test_an_answer_is_given_once_at_least(server: ScriptedServer) -> None:
    with pytest.raises(ValueError, match="times is 0: an answer is given once or more"):
        server.answer("model/list", {}, times=0)
    with pytest.raises(ValueError, match="times is -1"):
        server.silence("model/list", times=-1)


def test_a_function_that_answers_may_ask_the_client_first(
    opened: OpenClient, server: ScriptedServer
) -> None:
    def decline(request: Any) -> Decline:
        return Decline()

    def ask(params: dict[str, Any]) -> dict[str, Any]:
        asked = {"threadId": "T", "turnId": "U", "itemId": "I", "startedAtMs": 1}
        reply = server.ask("item/fileChange/requestApproval", asked).wait()
        return {"account": None, "requiresOpenaiAuth": reply.result == {"decision": "decline"}}

    server.answer("account/read", ask)

    assert opened(approvals=decline).account().requires_openai_auth is True
