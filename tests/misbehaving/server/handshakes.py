"""Greetings that go wrong."""

from __future__ import annotations

import signal
import time

from tests.misbehaving.server.manners import (
    HANDSHAKE,
    REPLY,
    Message,
    behave,
    failure,
    notification,
    question,
    result,
    serve,
    wait_for,
    write,
)


def initialize_refused() -> None:
    write(failure(wait_for("initialize"), -32600, "Already initialized"))
    behave()


def initialize_misfit() -> None:
    write(result(wait_for("initialize"), {"userAgent": 5}))
    behave()


def initialize_twice_answered() -> None:
    answer = result(wait_for("initialize"), HANDSHAKE)
    write(answer, answer)
    behave()


def talk_before_the_greeting() -> None:
    """Send a notification and a request before ``initialize`` is answered; tell the replies."""
    request = wait_for("initialize")
    asked: Message = {"id": 0, "method": "currentTime/read", "params": {"threadId": "T"}}
    write(notification("configWarning", summary="early"), asked, result(request, HANDSHAKE))
    messages = [wait_for(REPLY, "fs/readFile") for _ in range(2)]
    reply, read = sorted(messages, key=lambda message: "method" in message)
    write(result(read, {"dataBase64": f"the reply to {reply['id']}"}))
    for message in serve(REPLY, "fs/readFile"):
        write(result(message, {"dataBase64": f"more: {message}"}))


def ask_before_the_greeting() -> None:
    """Ask for more than a pipe has room for the replies to, then answer, and read no more."""
    request = wait_for("initialize")
    write(*(question(number) for number in range(5000)))
    time.sleep(0.5)  # until the replies fill the pipe
    write(result(request, HANDSHAKE))
    while True:
        signal.pause()


def too_old() -> None:
    agent = "misbehaving/0.100.0 (Linux)"
    write(result(wait_for("initialize"), {**HANDSHAKE, "userAgent": agent}))
    behave()


def too_old_to_greet() -> None:
    """Answer as old servers do, which say no more than their user agent."""
    write(result(wait_for("initialize"), {"userAgent": "misbehaving/0.98.0 (Linux)"}))
    behave()


def no_version() -> None:
    write(result(wait_for("initialize"), {**HANDSHAKE, "userAgent": "somebody's fork"}))
    behave()
