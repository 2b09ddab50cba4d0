"""What the tests of the responder share: what is asked, who answers, and what came of it."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import (
    Accept,
    Codex,
)

from tests.sdk.requests.asking_server import ask, replies, script

if TYPE_CHECKING:
    from openai_codex import ApprovalRequest, TurnResult

__all__ = [
    "ACCEPTED",
    "CHANGE",
    "COMMAND",
    "DECLINED",
    "IDS",
    "ONE",
    "Waiting",
    "accept",
    "accept_in_time",
    "change",
    "give_time",
    "replies_of",
]


CHANGE = "item/fileChange/requestApproval"
COMMAND = "item/commandExecution/requestApproval"
IDS = {"itemId": "I1", "startedAtMs": 1}
DECLINED = {"decision": "decline"}
ACCEPTED = {"decision": "accept"}


def change(request_id: int | str = 0, **more: Any) -> list[Any]:
    """Ask for a change of files."""
    return ask(request_id, CHANGE, **{**IDS, **more})


def replies_of(result: TurnResult[Any]) -> Any:
    """Give the replies that the server got in a turn."""
    assert result.final_response is not None
    return json.loads(result.final_response)


def accept(request: ApprovalRequest) -> Accept:
    return Accept()


async def accept_in_time(request: ApprovalRequest) -> Accept:
    await asyncio.sleep(0)
    return Accept()


ONE = script(change(), replies(1))


class Waiting:
    """A policy that waits, and notes how that ended."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.over = threading.Event()

    async def __call__(self, request: ApprovalRequest) -> Accept:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.over.set()
        return Accept()


def give_time(codex: Codex) -> None:
    """Let something go over the wire, while which other things can happen."""
    with pytest.raises(Exception, match="unknown variant"):
        codex.account()
