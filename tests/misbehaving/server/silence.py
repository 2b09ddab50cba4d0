"""Servers that say nothing more at some step, but read on."""

from __future__ import annotations

from tests.misbehaving.server.manners import (
    Turn,
    answers,
    behave,
    complain,
    failure,
    must_be_interrupted,
    read,
    result,
    serve,
    wait_for,
    write,
)


def silent_at(method: str) -> None:
    """Leave the first request of a method unanswered."""
    wait_for(method)
    behave()


def silent_for_ever(method: str) -> None:
    """Say nothing at all from a request on."""
    wait_for(method)
    for _ in read():
        pass


def start_unanswered_but_running() -> None:
    """Leave the first ``turn/start`` unanswered, but run its turn, up to an interrupt."""
    turn = Turn.of(wait_for("turn/start"))
    write(turn.started())
    must_be_interrupted()


def start_answered_too_late() -> None:
    """Answer the first ``turn/start`` only when something else is asked for."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    other = wait_for("fs/readFile")
    write(turn.answer(request), turn.started(), *answers(other))
    write(*answers(wait_for("turn/interrupt")))
    complain("the late turn is interrupted\n")
    behave()


def silent_in_a_turn() -> None:
    """Begin each turn and never end it, except when it is interrupted."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        write(turn.answer(request), turn.started(), turn.delta("hel"), turn.message("hel"))


def deaf_to_interrupts() -> None:
    """Begin the first turn, never end it, and leave interrupts unanswered."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started(), turn.message("hel"))
    for _ in serve("turn/interrupt"):
        pass


def interrupts_promised_only() -> None:
    """Answer interrupts, and let the turn run on all the same."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started(), turn.message("hel"))
    for interrupt in serve("turn/interrupt"):
        write(result(interrupt, {}))


def interrupts_unanswered() -> None:
    """Obey interrupts without ever answering them."""
    for message in serve("turn/start", "turn/interrupt"):
        if message["method"] == "turn/start":
            turn = Turn.of(message)
            write(turn.answer(message), turn.started())
        else:
            params = message["params"]
            write(Turn(params["threadId"], params["turnId"]).completed("interrupted"))


def interrupts_answered_oddly() -> None:
    """Obey interrupts, and answer them with ``null``."""
    for message in serve("turn/start", "turn/interrupt"):
        if message["method"] == "turn/start":
            turn = Turn.of(message)
            write(turn.answer(message), turn.started())
        else:
            turn = Turn(message["params"]["threadId"], message["params"]["turnId"])
            write(result(message, None), turn.completed("interrupted"))


def interrupts_refused() -> None:
    """Refuse the first interrupt, and end the turn when a file is asked for."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), turn.started())
    write(failure(wait_for("turn/interrupt"), -32600, "not now"))
    other = wait_for("fs/readFile")
    write(*turn.events()[1:], *answers(other))
    behave()


def interrupts_too_late() -> None:
    """End each turn by itself when it is to be interrupted, and refuse that."""
    for message in serve("turn/start", "turn/interrupt"):
        if message["method"] == "turn/start":
            turn = Turn.of(message)
            write(turn.answer(message), turn.started())
        else:
            turn = Turn(message["params"]["threadId"], message["params"]["turnId"])
            refusal = failure(message, -32600, "no active turn to interrupt")
            write(*turn.events()[1:], refusal)
