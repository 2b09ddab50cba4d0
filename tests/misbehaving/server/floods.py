"""Servers that say too much."""

from __future__ import annotations

from tests.misbehaving.server.manners import (
    REPLY,
    Message,
    Turn,
    answers,
    behave,
    complain,
    encode,
    notification,
    question,
    result,
    serve,
    wait_for,
    write,
    write_bytes,
)

MANY = 300_000
LINES = 50_000
REQUESTS = 3000
COMPLAINTS = 16 * 1024 * 1024


def unwanted_notifications() -> None:
    """Send notifications that nobody wants before each answer to a read."""
    flood = encode(notification("account/rateLimits/updated", rateLimits={})) * MANY
    for request in serve("fs/readFile"):
        write_bytes(flood)
        write(*answers(request))


def rubbish_without_end() -> None:
    for request in serve("fs/readFile"):
        write_bytes(b"this is no message\n" * LINES)
        write(*answers(request))


def complaints() -> None:
    """Write to stderr, in lines without an end, before each answer to a read."""
    chunk = b"x" * 65536
    for request in serve("fs/readFile"):
        for _ in range(COMPLAINTS // len(chunk)):
            complain(chunk)
        complain("\nthe end of the flood\n")
        write(*answers(request))


def unread_turn() -> None:
    """Stream one word over and over in a turn, and its end, with the next thread."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started())
    request = wait_for("thread/start")
    write_bytes(encode(turn.delta("word ")) * LINES)
    write(*answers(request), turn.message("word " * LINES), turn.completed())
    behave()


def early_turn() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        write(turn.started())
        write_bytes(encode(turn.delta("word ")) * LINES)
        write(turn.message("word " * LINES), turn.completed(), turn.answer(request))


def unread_events() -> None:
    """Send events of a turn that cannot be merged, and its end, with the next thread."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started())
    request = wait_for("thread/start")
    write_bytes(encode(turn.event("turn/diff/updated", diff="+word\n")) * LINES)
    write(*answers(request), turn.message("hello"), turn.completed())
    behave()


def endless() -> None:
    """Answer one read, then write for ever, and read no more."""
    write(*answers(wait_for("fs/readFile")))
    flood = encode(notification("account/rateLimits/updated", rateLimits={})) * 500
    while True:
        write_bytes(flood)


def long_answers() -> None:
    """Answer each read at length before reading what is asked next."""
    for request in serve("fs/readFile"):
        write(result(request, {"dataBase64": request["params"]["path"] * 10}))


def requests_without_end() -> None:
    """Ask for ever from the first read on, and read no more."""
    wait_for("fs/readFile")
    number = 0
    while True:
        write(*(question(number + i) for i in range(100)))
        number += 100


def requests() -> None:
    """Ask for approvals, all at once, and answer a read when every one has its reply."""
    read = wait_for("fs/readFile")
    params = {"threadId": "T", "turnId": "U", "itemId": "I", "startedAtMs": 1}
    method = "item/fileChange/requestApproval"
    asked = [{"id": number, "method": method, "params": params} for number in range(REQUESTS)]
    # In parts that the pipe takes whole, with the replies to them between.
    replies: list[Message] = []
    for start in range(0, REQUESTS, 100):
        part = asked[start : start + 100]
        write(*part)
        for _, reply in zip(part, serve(REPLY), strict=False):
            replies.append(reply)
    assert sorted(reply["id"] for reply in replies) == list(range(REQUESTS))
    write(*answers(read))
    behave()
