"""An app-server that writes down every line it gets: ``python -m tests.sdk.recording_server FILE``.

It answers each request with the least that fits; a line is in the file before its answer is out. A
turn that is told to `HOLD` runs until it is steered or interrupted, any other is over at once.
"""

from __future__ import annotations

import json
import sys

from tests.misbehaving.server.manners import (
    Message,
    Turn,
    answers,
    failure,
    result,
    thread_started,
    write,
)

__all__ = ["HOLD", "NEXT_CURSOR", "TOO_LATE"]

HOLD = "hold"
"""What is said to a turn that shall not end of itself."""

TOO_LATE = "too late"
"""What is said to a turn that has just ended."""

NEXT_CURSOR = "page-2"
"""The cursor of the second page, which is the last one; there is one if pages have a limit of 1."""

LISTS = {"thread/list", "model/list", "thread/turns/list", "thread/items/list"}
GOAL: Message = {
    "threadId": "T1",
    "objective": "win",
    "status": "active",
    "tokensUsed": 0,
    "timeUsedSeconds": 0,
    "createdAt": 1795150765,
    "updatedAt": 1795150765,
}
RESULTS: dict[str, Message] = {
    "account/read": {"account": None, "requiresOpenaiAuth": True},
    "account/logout": {},
    "thread/archive": {},
    "thread/name/set": {},
    "thread/goal/get": {"goal": None},
    "thread/goal/set": {"goal": GOAL},
    "thread/goal/clear": {"cleared": True},
}


def answered(message: Message) -> list[Message]:
    """Give what is written when a message comes."""
    method: str = message.get("method", "")
    params: Message = message.get("params", {})
    if method in RESULTS:
        return [result(message, RESULTS[method])]
    if method in LISTS:
        more = params.get("limit") == 1 and "cursor" not in params
        return [result(message, {"data": [], "nextCursor": NEXT_CURSOR if more else None})]
    if method in ("thread/resume", "thread/fork"):
        return [result(message, thread_started(params["threadId"]))]
    if method in ("thread/read", "thread/unarchive"):
        return [result(message, {"thread": thread_started(params["threadId"])["thread"]})]
    if method == "turn/start" and any(part.get("text") == HOLD for part in params["input"]):
        turn = Turn.of(message)
        return [turn.answer(message), turn.started()]
    if method == "turn/steer" and any(part.get("text") == TOO_LATE for part in params["input"]):
        return [failure(message, -32600, "no active turn to steer")]
    if method == "turn/steer":
        turn = Turn(params["threadId"], params["expectedTurnId"])
        return [result(message, {"turnId": turn.id}), turn.completed()]
    if method == "thread/compact/start":
        turn = Turn(params["threadId"])
        return [result(message, {}), *turn.events()]
    if method == "review/start":
        turn = Turn(params["threadId"])
        started = {"turn": turn.state(), "reviewThreadId": turn.thread}
        return [result(message, started), *turn.events()]
    return answers(message)


def main(file: str) -> None:
    """Serve until stdin ends."""
    with open(file, "ab", buffering=0) as log:
        for line in sys.stdin.buffer:
            log.write(line)
            write(*answered(json.loads(line)))


if __name__ == "__main__":
    main(*sys.argv[1:])
