"""An app-server that misbehaves on demand: ``python scripted_server.py SCENARIO [ARGUMENT...]``.

Imports nothing of the project and little else, so that it starts fast. The requests that it
knows are ``initialize`` and whatever the scenario answers; most answer ``fs/readFile`` with the
path that was asked for, in place of the data.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]

HANDSHAKE = {
    "userAgent": "scripted/0.163.0 (Linux)",
    "codexHome": "/home/somebody/.codex",
    "platformFamily": "unix",
    "platformOs": "linux",
}
THREAD = "T"
TURN: Message = {"id": "U", "status": "inProgress", "items": []}


def write(*messages: object) -> None:
    """Write messages, in one piece."""
    text = "".join(json.dumps(message) + "\n" for message in messages)
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def complain(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def notification(method: str, **params: object) -> Message:
    return {"method": method, "params": {"threadId": THREAD, **params}}


def echo(request: Message) -> Message:
    return {"id": request["id"], "result": {"dataBase64": request["params"]["path"]}}


def requests() -> Iterator[Message]:
    """Shake hands, then give every further request."""
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["method"] == "initialize":
            write({"id": message["id"], "result": HANDSHAKE})
        elif "id" in message:
            yield message


def answer_by_echo() -> None:
    for request in requests():
        write(echo(request))


def answer_with_error(code: str) -> None:
    for request in requests():
        error = {"code": int(code), "message": "scripted", "data": {"a": 1}}
        write({"id": request["id"], "error": error})


def answer_with_nonsense() -> None:
    for request in requests():
        write({"id": request["id"], "result": {"dataBase64": ["no", "text"]}})


def answer_the_first_too_late() -> None:
    """Answer the first request only together with the second."""
    late: list[Message] = []
    for request in requests():
        if not late:
            late.append(request)
        else:
            write(echo(late[0]), echo(request))


def answer_in_reverse(count: str) -> None:
    """Collect requests, and answer them in reverse order."""
    batch: list[Message] = []
    for request in requests():
        batch.append(request)
        if len(batch) == int(count):
            write(*map(echo, reversed(batch)))
            batch.clear()


def answer_between_rubbish() -> None:
    sys.stdout.buffer.write(b"Welcome to the server!\n\n\xff\xfe\n[1]\n{}\n")
    for request in requests():
        write(42, {"id": 999, "result": {}}, echo(request), echo(request), None)


def answer_after_a_flood_of_complaints() -> None:
    for request in requests():
        for _ in range(64):
            complain("x" * 65536)
        complain("\nthe end of the flood\n")
        write(echo(request))


def run_turns_that_are_over_before_their_start_is_answered() -> None:
    for request in requests():
        write(
            notification("turn/started", turn=TURN),
            *(
                notification("item/agentMessage/delta", turnId="U", itemId="I", delta=word)
                for word in ("one", "two")
            ),
            notification("turn/completed", turn={**TURN, "status": "completed"}),
            {"id": request["id"], "result": {"turn": TURN}},
        )


def die_after_a_flood() -> None:
    """Fill both pipes, made as big as they get, with what ends in last words, and exit."""
    import fcntl

    for descriptor in (1, 2):
        size = fcntl.fcntl(descriptor, getattr(fcntl, "F_SETPIPE_SZ", 1031), 1 << 20)
        words = b"the last words\n"
        os.write(descriptor, b"x" * (size - len(words) - 1) + b"\n" + words)
    os._exit(7)


def die_in_a_turn() -> None:
    for request in requests():
        if request["method"] != "turn/start":
            complain("died in a turn\n")
            os._exit(7)
        answer = {"id": request["id"], "result": {"turn": TURN}}
        write(answer, notification("turn/started", turn=TURN))


def die_at_once(code: str) -> None:
    complain("no such config: größe\n")
    sys.exit(int(code))


def die_by_a_signal() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after_the_handshake() -> None:
    message = json.loads(sys.stdin.buffer.readline())
    write({"id": message["id"], "result": HANDSHAKE})
    complain("died after the handshake\n")
    os._exit(7)


def die_when_asked(count: str) -> None:
    for number, _ in enumerate(requests(), 1):
        if number == int(count):
            complain("died when asked\n")
            os._exit(7)


def stay_silent() -> None:
    for _ in sys.stdin.buffer:
        pass


def ignore_every_end() -> None:
    """Outlive the end of stdin and SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answer_by_echo()
    while True:
        signal.pause()


def read_no_more() -> None:
    """Shake hands and answer once, then leave stdin unread."""
    for request in requests():
        write(echo(request))
        break
    while True:
        signal.pause()


def read_again_when_signalled() -> None:
    """Shake hands, leave stdin unread after the first answer until SIGUSR1, then answer on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    for number, request in enumerate(requests()):
        write(echo(request))
        if number == 0:
            signal.sigwait([signal.SIGUSR1])


def say_how_it_ended(path: str, manner: str = "") -> None:
    """Answer, and write into a file whether the end of stdin or SIGTERM was the end."""

    def say(how: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(how)

    def terminated(*_: object) -> None:
        say("SIGTERM")
        os._exit(0)

    signal.signal(signal.SIGTERM, terminated)
    answer_by_echo()
    while manner == "ignore_the_end_of_stdin":
        signal.pause()
    say("the end of stdin")


def close_stdin() -> None:
    """Shake hands and answer once, then close stdin but live on."""
    for request in requests():
        os.close(0)
        write(echo(request))
        break
    while True:
        signal.pause()


def close_stdout() -> None:
    """Shake hands, then close stdout when asked, but live on until stdin ends."""
    for _ in requests():
        os.close(1)


def leave_a_grandchild(group: str) -> None:
    """Start a child that holds all of this program's streams, answer with its id, then exit."""
    command = [sys.executable, "-S", "-E", "-c", "import signal; signal.pause()"]
    child = subprocess.Popen(command, start_new_session=group == "detached")
    for number, request in enumerate(requests()):
        if number:
            os._exit(7)
        write({"id": request["id"], "result": {"dataBase64": str(child.pid)}})


def raise_a_family(manner: str, path: str = "") -> None:
    """Start processes in several groups and sessions and answer with their ids, then end or not.

    One is a child in this program's group, one in a session of its own, and one is the child of
    another's, again in a session of its own. None holds this program's streams. At the end of
    stdin one more is started, if there is a path to write its id to.
    """
    if manner == "ignore_every_end":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    wait = "import signal; signal.pause()"
    start = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], start_new_session=True)"
    sleeper = [sys.executable, "-S", "-E", "-c", wait]
    parent = [sys.executable, "-S", "-E", "-c", f"{start}.pid, flush=True); {wait}", *sleeper]
    nothing: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    near = subprocess.Popen(sleeper, **nothing)
    far_streams: dict[str, Any] = {**nothing, "stdout": subprocess.PIPE}
    far = subprocess.Popen(parent, start_new_session=True, **far_streams)
    assert far.stdout is not None
    family = [near.pid, far.pid, int(far.stdout.readline())]
    for request in requests():
        write({"id": request["id"], "result": {"dataBase64": json.dumps(family)}})
    if path:
        late = subprocess.Popen(sleeper, start_new_session=True, **nothing)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{late.pid}")
    while manner == "ignore_every_end":
        signal.pause()
    os._exit(0)


def ask_for_approval() -> None:
    """Ask for an approval when asked for a file, and answer with what the client decided."""
    waiting: list[Message] = []
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message.get("method") == "initialize":
            write({"id": message["id"], "result": HANDSHAKE})
        elif message.get("method") == "fs/readFile":
            waiting.append(message)
            params = {"threadId": THREAD, "turnId": "U", "itemId": "I", "startedAtMs": 1}
            method = "item/fileChange/requestApproval"
            write({"id": message["id"], "method": method, "params": params})
        elif "result" in message:
            request = waiting.pop()
            decision = message["result"]["decision"]
            write({"id": request["id"], "result": {"dataBase64": decision}})


SCENARIOS: dict[str, Callable[..., None]] = {
    function.__name__: function
    for function in (
        answer_after_a_flood_of_complaints,
        answer_between_rubbish,
        answer_by_echo,
        answer_in_reverse,
        answer_the_first_too_late,
        answer_with_error,
        answer_with_nonsense,
        ask_for_approval,
        close_stdin,
        close_stdout,
        die_after_a_flood,
        die_after_the_handshake,
        die_at_once,
        die_by_a_signal,
        die_in_a_turn,
        die_when_asked,
        ignore_every_end,
        leave_a_grandchild,
        raise_a_family,
        read_again_when_signalled,
        read_no_more,
        run_turns_that_are_over_before_their_start_is_answered,
        say_how_it_ended,
        stay_silent,
    )
}


if __name__ == "__main__":
    SCENARIOS[sys.argv[1]](*sys.argv[2:])
