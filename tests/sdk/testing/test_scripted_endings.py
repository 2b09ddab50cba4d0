"""What comes while a turn, or the scripted app-server, is about to end."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
from openai_codex import TransportClosedError
from openai_codex.testing import Gate, ScriptedServer, Step


class Line:
    """A client of one's own: what it hears, and what happens at that."""

    def __init__(self, server: ScriptedServer) -> None:
        self.heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.on_message: Callable[[dict[str, Any]], None] = lambda message: None
        self.on_end: Callable[[], None] = lambda: None
        self._server = server
        server.connect(self)

    def deliver(self, data: bytes) -> None:
        message = json.loads(data)
        self.heard.put(message)
        self.on_message(message)

    def end(self, error: TransportClosedError) -> None:
        self.on_end()

    def request(self, number: int, method: str, **params: Any) -> None:
        self.send({"id": number, "method": method, "params": params})

    def send(self, message: dict[str, Any]) -> None:
        self._server.take(self, json.dumps(message).encode())

    def answer_to(self, number: int) -> dict[str, Any]:
        return self.wait_for(lambda message: message.get("id") == number)

    def wait_for(self, sought: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not sought(message := self.heard.get(timeout=10)):
            pass
        return message


@pytest.mark.parametrize(
    ("method", "expected"), [("turn/start", "turn-2"), ("turn/steer", "no active turn")]
)
def test_an_input_that_comes_as_its_turn_ends_does_not_join_it(
    server: ScriptedServer, method: str, expected: str
) -> None:
    ending = Gate()

    def hold(message: dict[str, Any]) -> None:
        if message.get("params", {}).get("status") == {"type": "idle"}:
            ending.hold()

    server.add_thread("T")
    line = Line(server)
    line.on_message = hold
    line.request(1, "turn/start", threadId="T", input=[])
    ending.wait_reached()
    said = [{"type": "text", "text": "More."}]
    line.request(2, method, threadId="T", input=said, expectedTurnId="turn-1")
    server.wait_for_request(method, count=2 if method == "turn/start" else 1)
    ending.release()

    assert expected in json.dumps(line.answer_to(2))


def test_a_reply_that_comes_after_an_interrupt_is_too_late(server: ScriptedServer) -> None:
    server.answer("model/list", lambda params: {})
    server.add_turn(Step.command("ls", approval=True))
    server.add_thread("T")
    line = Line(server)
    line.request(1, "model/list")
    line.request(2, "turn/start", threadId="T", input=[])
    asked = line.wait_for(lambda message: str(message.get("method")).endswith("requestApproval"))
    line.request(3, "turn/interrupt", threadId="T", turnId="turn-1")
    line.send({"id": asked["id"], "result": {"decision": "accept"}})
    line.request(4, "account/read")
    line.answer_to(4)

    assert server.replies == ()


def test_a_turn_that_starts_while_the_server_closes_is_not_played_on() -> None:
    before = set(threading.enumerate())
    server = ScriptedServer()
    server.add_turn(Step.silence())
    server.add_thread("T")
    line = Line(server)

    def start() -> None:
        line.request(1, "turn/start", threadId="T", input=[])
        line.answer_to(1)

    line.on_end = start
    server.close()

    assert set(threading.enumerate()) <= before
