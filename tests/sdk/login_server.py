"""An app-server that logs in as it is told: ``python login_server.py SCRIPT``.

The script is a JSON object that says what to do at which moment: ``before 1`` the answer to the
first ``account/login/start``, ``after 1`` it, at the first ``account/login/cancel`` (``cancel 1``)
or, ahead of its answer, at the first ``account/read`` (``read 1``), and so on. What to do is a list
of the params of ``account/login/completed`` to send, or ``DIE``. Under ``answer 1`` it has the
result with which to answer the first ``account/login/start``, or an error, or ``SILENCE``; without
it, attempts are named L1, L2 and so on. Imports nothing of the project.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import Any

Message = dict[str, Any]

DIE = "die"
SILENCE = "silence"
EXIT_CODE = 7

HANDSHAKE: Message = {
    "userAgent": "scripted/0.163.0 (Linux)",
    "codexHome": "/home/somebody/.codex",
    "platformFamily": "unix",
    "platformOs": "linux",
}
AUTH_URL = "https://log.in/here?secret=1"
DEVICE_URL = "https://log.in/device"
USER_CODE = "ABCD-1234"


def ended(login_id: str | None, *, success: bool = True, error: str | None = None) -> Message:
    """Make the params of an ``account/login/completed``."""
    return {"loginId": login_id, "success": success, "error": error}


def answer_to(kind: str, login_id: str) -> Message:
    """Make the result of an ``account/login/start`` of some kind."""
    if kind == "chatgpt":
        return {"type": kind, "loginId": login_id, "authUrl": AUTH_URL}
    if kind == "chatgptDeviceCode":
        codes = {"verificationUrl": DEVICE_URL, "userCode": USER_CODE}
        return {"type": kind, "loginId": login_id, **codes}
    return {"type": kind}


class Server:
    """Plays one script.

    Attributes:
        seen: How often each moment has come.
        running: The attempts that have not ended.
    """

    def __init__(self, script: dict[str, Any]) -> None:
        self.script = script
        self.seen: Counter[str] = Counter()
        self.running: set[str] = set()

    def serve(self) -> None:
        """Answer until stdin ends."""
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if "id" in message and "method" in message:
                self.write(*self.answers(message["method"], message["id"], message.get("params")))

    def write(self, *messages: Message | str) -> None:
        """Write messages in one piece, up to the place where to die."""
        end = messages.index(DIE) if DIE in messages else len(messages)
        text = "".join(f"{json.dumps(message)}\n" for message in messages[:end])
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        if end < len(messages):
            os._exit(EXIT_CODE)

    def answers(self, method: str, number: object, params: Any) -> list[Message | str]:
        """Give all that is to be written at a request."""
        if method == "initialize":
            return [{"id": number, "result": HANDSHAKE}]
        if method == "account/login/start":
            return self.start(number, params["type"])
        if method == "account/login/cancel":
            known = params["loginId"] in self.running
            status = {"status": "canceled" if known else "notFound"}
            return [{"id": number, "result": status}, *self.now("cancel")]
        if method == "account/read":
            account = {"account": None, "requiresOpenaiAuth": True}
            return [*self.now("read"), {"id": number, "result": account}]
        return [{"id": number, "error": {"code": -32601, "message": f"no {method} here"}}]

    def start(self, number: object, kind: str) -> list[Message | str]:
        before = self.now("before")
        login_id = f"L{self.seen['before']}"
        self.running.add(login_id)
        answer = self.script.get(f"answer {self.seen['before']}", answer_to(kind, login_id))
        if answer == SILENCE:
            return before
        member = "error" if "code" in answer else "result"
        return [*before, {"id": number, member: answer}, *self.now("after")]

    def now(self, moment: str) -> list[Message | str]:
        """Give what is to be written at a moment that has come once more."""
        self.seen[moment] += 1
        steps: list[object] = self.script.get(f"{moment} {self.seen[moment]}", [])
        return [self.step(step) for step in steps]

    def step(self, step: Any) -> Message | str:
        if step == DIE:
            return DIE
        match step:
            case {"loginId": str(login_id)}:
                self.running.discard(login_id)
            case _:
                pass
        return {"method": "account/login/completed", "params": step}


if __name__ == "__main__":
    Server(json.loads(sys.argv[1])).serve()
