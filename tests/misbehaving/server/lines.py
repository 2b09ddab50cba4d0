"""Lines that are no messages, and messages in odd dress."""

from __future__ import annotations

import os

from tests.misbehaving.server.manners import (
    Turn,
    answers,
    behave,
    encode,
    notification,
    result,
    serve,
    wait_for,
    write,
    write_bytes,
)

NESTING = 100_000
LONG = 2 * 1024 * 1024
HUGE = 64 * 1024 * 1024


def _before_every_answer(data: bytes) -> None:
    """Write the same bytes, in one piece with the answer, before each answer to a read."""
    for request in serve("fs/readFile"):
        write_bytes(data + encode(*answers(request)))


def blank_lines() -> None:
    _before_every_answer(b"\n \t \n\r\n")


def rubbish() -> None:
    lines = [b"Welcome!", b'{"id": 1, "resu', b"\0\0\0\0", b'{"id":1}{"id":2}', b"{'id': 1}", b"}{"]
    _before_every_answer(b"".join(b"%s\n" % line for line in lines))


def bad_utf8() -> None:
    path = encode(notification("warning", message="?")).replace(b"?", b"\xc3(")
    _before_every_answer(b"\xff\xfe\x00\n\x80\x81\n" + path)


def arrays() -> None:
    _before_every_answer(encode([], [1], [notification("warning", message="in a batch")]))


def scalars() -> None:
    _before_every_answer(b'0\n-1.5e3\nnull\ntrue\n"a string"\n')


def shapeless_objects() -> None:
    shapes: list[object] = [{}, {"params": {}}, {"method": 5}, {"method": None}]
    shapes.append({"id": {}, "method": "currentTime/read"})
    _before_every_answer(encode(*shapes))


def deep_nesting() -> None:
    _before_every_answer(b'{"method":"deep","params":%s%s}\n' % (b"[" * NESTING, b"]" * NESTING))


def lone_surrogates() -> None:
    _before_every_answer(b'{"method":"warning","params":{"message":"\\ud800"}}\n')


def endless_digits() -> None:
    _before_every_answer(b'{"method":"warning","params":{"message":"x","n":%s}}\n' % (b"9" * 5000))


def byte_order_mark() -> None:
    write_bytes(b"\xef\xbb\xbf" + encode(notification("warning", message="marked")))
    behave()


def numbers_out_of_range() -> None:
    """Report a usage of infinitely many tokens, and times that no clock will show."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        tokens = {"totalTokens": 0, "inputTokens": 0, "cachedInputTokens": 0, "outputTokens": 0}
        tokens["reasoningOutputTokens"] = 0
        usage = turn.event(
            "thread/tokenUsage/updated", tokenUsage={"total": tokens, "last": tokens}
        )
        events = encode(
            turn.answer(request),
            turn.started(),
            usage,
            turn.message("hello"),
            turn.completed(startedAt=10**400, durationMs=-1),
        )
        write_bytes(events.replace(b'"totalTokens": 0', b'"totalTokens": 1e999'))


def duplicate_keys() -> None:
    for request in serve("fs/readFile"):
        (answer,) = answers(request)
        others = b'{"id": 77, "result": {"dataBase64": "the first"}, '
        write_bytes(others + encode(answer)[1:])


def crlf_line_ends() -> None:
    for request in serve("initialize", "thread/start", "turn/start", "fs/readFile"):
        write_bytes(encode(*answers(request)).replace(b"\n", b"\r\n"))


def single_bytes() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        for byte in encode(turn.answer(request), *turn.events("größ", "er 😀")):
            os.write(1, bytes([byte]))


def everything_at_once() -> None:
    """Answer nothing before a turn is asked for and a file; then all in one write."""
    asked = [wait_for("turn/start", "fs/readFile") for _ in range(2)]
    start, request = sorted(asked, key=lambda message: message["method"], reverse=True)
    turn, other = Turn.of(start), Turn("elsewhere")
    write(
        notification("warning", message="between"),
        turn.answer(start),
        *other.events(),
        *turn.events("hel", "lo"),
        result(request, {"dataBase64": "all at once"}),
    )
    behave()


def rubbish_in_a_turn() -> None:
    rubbish_lines = b'\n\xff\n[]\n42\n{}\nWelcome!\n{"id":99,"result":{}}\n'
    for request in serve("turn/start"):
        turn = Turn.of(request)
        for message in (turn.answer(request), *turn.events("hel", "lo")):
            write_bytes(rubbish_lines + encode(message))


def huge_message() -> None:
    for request in serve("fs/readFile"):
        write(result(request, {"dataBase64": "x" * HUGE}))


def too_long_line() -> None:
    _before_every_answer(encode(notification("warning", message="x" * LONG)))


def last_line_without_an_end() -> None:
    request = wait_for("fs/readFile")
    write_bytes(encode(*answers(request)).rstrip())


def last_line_cut() -> None:
    request = wait_for("fs/readFile")
    write_bytes(encode(*answers(request))[:-5])
