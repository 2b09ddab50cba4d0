"""Answers that are too many, too few, late, or of the wrong form."""

from __future__ import annotations

from itertools import cycle

from tests.misbehaving.server.manners import (
    Message,
    answers,
    behave,
    failure,
    result,
    serve,
    wait_for,
    write,
)

WRONG: Message = {"dataBase64": "not what was asked for"}


def duplicate_answers() -> None:
    for request in serve("thread/start", "turn/start", "fs/readFile"):
        first, *others = answers(request)
        write(first, first, *others, first)


def unasked_answers() -> None:
    for request in serve("fs/readFile"):
        unasked = [{"id": number, "result": WRONG} for number in (999, -1, 10**30)]
        error = {"id": 998, "error": {"code": -32603, "message": "unasked"}}
        write(*unasked, error, *answers(request))


def strange_ids() -> None:
    """Answer under every id that looks like the right one, and then the right one."""
    for request in serve("fs/readFile"):
        number = request["id"]
        looks: list[object] = [str(number), float(number), None, True, [number], {"id": number}]
        write(*({"id": look, "result": WRONG} for look in looks), *answers(request))


def out_of_order() -> None:
    """Collect three requests, then answer the last one first."""
    batch: list[Message] = []
    for request in serve("fs/readFile"):
        batch += answers(request)
        if len(batch) == 3:
            write(*reversed(batch))
            batch.clear()


def late_answers() -> None:
    """Answer the first request only together with the second."""
    first = wait_for("fs/readFile")
    second = wait_for("fs/readFile")
    write(*answers(first), *answers(second))
    behave()


def empty_answers() -> None:
    """Answer first with neither a result nor an error."""
    for request in serve("fs/readFile"):
        write({"id": request["id"]}, *answers(request))


def odd_errors() -> None:
    """Answer with another malformed error each time."""
    good = {"code": -32600, "message": "said clearly"}
    errors: list[Message] = [
        {"error": "in a string"},
        {"error": {}},
        {"error": {"code": "E17", "message": ["no", "text"], "data": {"a": 1}}},
        {"error": 17},
        {"error": good, "result": WRONG},
    ]
    for request, error in zip(serve("fs/readFile"), cycle(errors), strict=False):
        write({"id": request["id"], **error})


def unknown_error_code() -> None:
    for request in serve("fs/readFile"):
        write(failure(request, 31337, "nobody knows this code", data={"detail": [1, 2]}))


def misfit_results() -> None:
    """Answer the first three reads with results of other types."""
    misfits: list[object] = [None, {"dataBase64": ["no", "text"]}, "a string"]
    for misfit in misfits:
        write(result(wait_for("fs/readFile"), misfit))
    behave()


def busy_at_first() -> None:
    """Refuse each request twice as overloaded before doing it."""
    refused: dict[str, int] = {}
    for request in serve("thread/start", "turn/start", "fs/readFile"):
        method = request["method"]
        refused[method] = refused.get(method, 0) + 1
        if refused[method] % 3:
            write(failure(request, -32001, "Server overloaded; retry later."))
        else:
            write(*answers(request))


def busy_for_good() -> None:
    for request in serve("fs/readFile"):
        write(failure(request, -32001, "Server overloaded; retry later."))
