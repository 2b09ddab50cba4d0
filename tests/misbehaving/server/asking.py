"""Requests of the server that nobody expects, or that nobody can answer.

They are made when a file is read; the answer to that says, in place of the file, what the client
replied.
"""

from __future__ import annotations

import json

from tests.misbehaving.server.manners import (
    REPLY,
    Message,
    Turn,
    answers,
    notification,
    result,
    serve,
    wait_for,
    write,
)

APPROVAL = "item/fileChange/requestApproval"


def _approval(number: object, turn: Turn | None = None) -> Message:
    """Ask for an approval."""
    turn = turn or Turn("T", "U")
    params = {"threadId": turn.thread, "turnId": turn.id, "itemId": "I", "startedAtMs": 1}
    return {"id": number, "method": APPROVAL, "params": params}


def _tell(request: Message, replies: list[Message]) -> None:
    """Answer a read by what the client replied."""
    write(result(request, {"dataBase64": json.dumps(replies)}))


def _tell_all(replies: list[Message]) -> None:
    """On each read from now on, tell the replies that have come up to then."""
    for message in serve(REPLY, "fs/readFile"):
        if "method" in message:
            _tell(message, replies)
        else:
            replies.append(message)


def _ask(*asked: Message, replies: int) -> None:
    """Ask on the first read, and answer it when there are so many replies."""
    request = wait_for("fs/readFile")
    write(*asked)
    told = [wait_for(REPLY) for _ in range(replies)]
    _tell(request, told)
    _tell_all(told)


def nobody_listens() -> None:
    """Ask for everything that a client may be asked for."""
    turn: Message = {"threadId": "T", "turnId": "U", "itemId": "I"}
    kinds: dict[str, Message] = {
        "item/commandExecution/requestApproval": {**turn, "startedAtMs": 1, "command": "rm -r /"},
        APPROVAL: {**turn, "startedAtMs": 1},
        "item/tool/requestUserInput": {**turn, "questions": []},
        "currentTime/read": {"threadId": "T"},
        "attestation/generate": {},
    }
    asked = [
        {"id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(kinds.items())
    ]
    _ask(*asked, replies=len(asked))


def unknown_kind() -> None:
    _ask({"id": 0, "method": "moon/requestLanding", "params": {"a": 1}}, replies=1)


def unfit_params() -> None:
    _ask({"id": 0, "method": APPROVAL, "params": {"threadId": 5}}, replies=1)


def ids_of_all_kinds() -> None:
    """Ask under 0, "0", -1 and a long string at once."""
    _ask(_approval(0), _approval("0"), _approval(-1), _approval("ü" * 300), replies=4)


def ids_that_are_none() -> None:
    """Ask under ids that are none, and then properly."""
    ids: list[object] = [None, 1.5, True, [1], {}]
    _ask(*map(_approval, ids), _approval(1), replies=1)


def same_id_twice() -> None:
    """Ask twice under one id before the first is answered; and again after that."""
    request = wait_for("fs/readFile")
    write(_approval(7), _approval(7))
    first = wait_for(REPLY)
    write(_approval(7))
    replies = [first, wait_for(REPLY)]
    _tell(request, replies)
    _tell_all(replies)


def resolved_meanwhile() -> None:
    """Ask after the first read, withdraw that before the second, tell the replies on the third."""
    write(*answers(wait_for("fs/readFile")), _approval(3))
    request = wait_for("fs/readFile")
    write(notification("serverRequest/resolved", threadId="T", requestId=3), *answers(request))
    _tell_all([])


def resolved_at_once() -> None:
    """Withdraw a request in the same write, and others that were never made."""
    request = wait_for("fs/readFile")
    never = [notification("serverRequest/resolved", threadId="T", requestId=n) for n in (98, "x")]
    write(
        _approval(3),
        notification("serverRequest/resolved", threadId="T", requestId=3),
        *never,
        {"method": "serverRequest/resolved"},
        _approval(4),
    )
    replies = [wait_for(REPLY)]
    _tell(request, replies)
    _tell_all(replies)


def dead_while_asking() -> None:
    """Ask after the first read, and end on the second, while the handler is at work."""
    write(*answers(wait_for("fs/readFile")), _approval(0))
    wait_for("fs/readFile")
    raise SystemExit(9)
