"""A small app-server that behaves well; every scenario is this one, but for its fault.

It greets, starts threads, says "hello" in every turn, obeys interrupts and "reads" files by
answering with their path. A scenario takes some requests away from it by `serve`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

Message = dict[str, Any]

REPLY = "reply"
"""What `serve` calls an answer of the client to a request of the server."""

HELLO = "hello"
HANDSHAKE: Message = {
    "userAgent": "misbehaving/0.163.0 (Linux)",
    "codexHome": "/home/somebody/.codex",
    "platformFamily": "unix",
    "platformOs": "linux",
}

_thread_numbers = count(1)
_turn_numbers = count(1)


def encode(*messages: object) -> bytes:
    """Put messages on the wire's lines."""
    return "".join(f"{json.dumps(message, ensure_ascii=False)}\n" for message in messages).encode()


def write_bytes(data: bytes) -> None:
    """Write bytes, in one piece if the pipe has room."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


def write(*messages: object) -> None:
    """Write messages, in one piece if the pipe has room."""
    write_bytes(encode(*messages))


def complain(text: str | bytes) -> None:
    """Write to stderr."""
    rest = memoryview(text.encode() if isinstance(text, str) else text)
    while rest:
        rest = rest[os.write(2, rest) :]


def read() -> Iterator[Message]:
    """Give every message of the client, up to the end of stdin."""
    for line in sys.stdin.buffer:
        yield json.loads(line)


def serve(*mine: str) -> Iterator[Message]:
    """Behave well, but give the messages of some methods to the scenario.

    Args:
        mine: The methods; `REPLY` for the answers to the server's own requests.
    """
    for message in read():
        if message.get("method", REPLY) in mine:
            yield message
        else:
            write(*answers(message))


def behave() -> None:
    """Behave well from now on."""
    for _ in serve():
        pass


def wait_for(*methods: str) -> Message:
    """Behave well until a message of these methods comes, and give it; else end with stdin."""
    for message in serve(*methods):
        return message
    sys.exit()


def must_be_interrupted() -> None:
    """Behave well from now on, unless a turn is started before one is interrupted."""
    message = wait_for("turn/interrupt", "turn/start")
    if message["method"] == "turn/start":
        sys.exit("the turn before was not interrupted")
    write(*answers(message))
    behave()


def play(turn: Turn, request: Message, *events: Message) -> None:
    """Answer a ``turn/start`` and send the turn's events.

    Those of every other turn go out in one piece with the answer, so before the client can know
    whose they are; those of the others when something else is asked for, so when it knows.
    """
    if int(turn.id[1:]) % 2:
        write(turn.answer(request), *events)
    else:
        write(turn.answer(request))
        other = wait_for("fs/readFile", "thread/start")
        write(*events, *answers(other))


def answers(message: Message) -> list[Message]:
    """Give what a server that behaves well writes when it gets a message."""
    if "id" not in message or "method" not in message:
        return []
    method, params = message["method"], message.get("params", {})
    if method == "turn/start":
        turn = Turn.of(message)
        return [turn.answer(message), *turn.events()]
    if method == "turn/interrupt":
        turn = Turn(params["threadId"], params["turnId"])
        return [result(message, {}), turn.completed("interrupted")]
    if method == "thread/start":
        return [result(message, thread_started(f"T{next(_thread_numbers)}"))]
    if method == "initialize":
        return [result(message, HANDSHAKE)]
    if method == "fs/readFile":
        return [result(message, {"dataBase64": params["path"]})]
    return [failure(message, -32600, f"Invalid request: unknown variant `{method}`")]


def result(request: Message, value: object) -> Message:
    """Answer a request by a result."""
    return {"id": request["id"], "result": value}


def failure(request: Message, code: int, message: str, **members: object) -> Message:
    """Answer a request by an error."""
    return {"error": {"code": code, "message": message, **members}, "id": request["id"]}


def question(request_id: int) -> Message:
    """Make a request of the server that is short, and is answered at once."""
    return {"id": request_id, "method": "currentTime/read", "params": {"threadId": "T"}}


def notification(method: str, **params: object) -> Message:
    """Make a notification."""
    return {"method": method, "params": params, "emittedAtMs": 1795150766027}


def thread_started(thread: str) -> Message:
    """Make the result of ``thread/start``."""
    turns: list[Message] = []
    state = {
        "id": thread,
        "sessionId": thread,
        "preview": "",
        "ephemeral": False,
        "projectId": None,
        "modelProvider": "openai",
        "createdAt": 1795150765,
        "updatedAt": 1795150765,
        "status": {"type": "idle"},
        "cwd": "/home/somebody",
        "cliVersion": "0.163.0",
        "source": "vscode",
        "turns": turns,
    }
    return {
        "thread": state,
        "model": "gpt-5.5",
        "modelProvider": "openai",
        "cwd": "/home/somebody",
        "approvalPolicy": "on-request",
        "approvalsReviewer": "user",
        "sandbox": {"type": "readOnly", "networkAccess": False},
    }


class Turn:
    """A turn, and the messages that the server sends of it."""

    def __init__(self, thread: str, turn: str = "") -> None:
        """Name a turn; without a name it is a new one."""
        self.thread = thread
        self.id = turn or f"U{next(_turn_numbers)}"

    @classmethod
    def of(cls, request: Message) -> Turn:
        """Make the new turn that a ``turn/start`` asks for."""
        return cls(request["params"]["threadId"])

    def state(self, status: str = "inProgress", **members: object) -> Message:
        return {"id": self.id, "items": [], "status": status, "error": None, **members}

    def answer(self, request: Message) -> Message:
        return result(request, {"turn": self.state()})

    def event(self, method: str, **params: object) -> Message:
        return notification(method, threadId=self.thread, turnId=self.id, **params)

    def started(self) -> Message:
        return notification("turn/started", threadId=self.thread, turn=self.state())

    def delta(self, text: str, item: str = "I") -> Message:
        return self.event("item/agentMessage/delta", itemId=item, delta=text)

    def message(self, text: str, item: str = "I") -> Message:
        """Complete an agent message."""
        return self.item({"type": "agentMessage", "id": item, "text": text, "phase": None})

    def item(self, item: Message) -> Message:
        return self.event("item/completed", item=item, completedAtMs=1795150766027)

    def completed(self, status: str = "completed", **members: object) -> Message:
        state = self.state(status, **members)
        return notification("turn/completed", threadId=self.thread, turn=state)

    def events(self, *words: str) -> list[Message]:
        """Give all events of a turn that says something."""
        words = words or (HELLO,)
        return [
            self.started(),
            *map(self.delta, words),
            self.message("".join(words)),
            self.completed(),
        ]
