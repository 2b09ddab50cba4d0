"""Turns whose events come early, late, twice, never, or beside those of other turns."""

from __future__ import annotations

from tests.misbehaving.server.manners import (
    Message,
    Turn,
    answers,
    behave,
    failure,
    must_be_interrupted,
    notification,
    play,
    result,
    serve,
    wait_for,
    write,
)


def over_before_its_answer() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        write(*turn.events("hel", "lo"), turn.answer(request))


def unfit_completion() -> None:
    """End turns with a message that only says which turn it is about."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        state: Message = {"id": turn.id, "status": []}
        end = notification("turn/completed", threadId=turn.thread, turn=state)
        play(turn, request, turn.started(), turn.message("hello"), end)


def nameless_completion() -> None:
    """Send ends that name no turn before the real one."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        ends: list[Message] = [
            {"method": "turn/completed"},
            {"method": "turn/completed", "params": []},
            notification("turn/completed"),
            notification("turn/completed", threadId=turn.thread, turn={"status": "completed"}),
            notification("turn/completed", threadId=turn.thread, turn={"id": 5}),
            notification("turn/completed", turn=turn.state("completed")),
        ]
        play(turn, request, turn.started(), *ends, *turn.events()[1:])


def missing_item() -> None:
    """Name an item in the turn's end that was never completed."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        lost = {"type": "agentMessage", "id": "LOST", "text": "lost", "phase": "final_answer"}
        end = turn.completed(items=[lost])
        play(turn, request, turn.started(), turn.message("hello"), end)


def unfinished_item() -> None:
    """Start an item and end the turn without it, as the real server does when interrupted."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        item = {"type": "agentMessage", "id": "LOST", "text": "", "phase": None}
        started = turn.event("item/started", item=item, startedAtMs=1795150766027)
        end = turn.completed("interrupted")
        play(turn, request, turn.started(), started, turn.delta("hel", "LOST"), end)


def unfit_item() -> None:
    """Complete an item that does not fit its type."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        item = turn.item({"type": "commandExecution", "id": "C", "command": 17})
        play(turn, request, turn.started(), item, turn.message("hello"), turn.completed())


def unfit_events() -> None:
    """Send events whose members are missing, or of other types."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        unfit = (
            turn.event("item/agentMessage/delta"),
            turn.event("item/agentMessage/delta", itemId=5, delta=["no", "text"]),
            turn.event("thread/tokenUsage/updated", tokenUsage="much"),
            turn.event("turn/plan/updated", plan=7),
        )
        play(turn, request, turn.started(), *unfit, *turn.events()[1:])


def duplicate_completion() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        play(turn, request, *turn.events(), turn.completed(), turn.completed("failed"))


def completions_of_others() -> None:
    """End other turns of the thread, and turns of the same name on other threads, first."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        names = [(turn.thread, "other"), ("elsewhere", turn.id), ("elsewhere", "other")]
        ends = [Turn(*name).completed("failed") for name in names]
        play(turn, request, turn.started(), *ends, *turn.events()[1:])


def events_after_the_end() -> None:
    """Go on with a turn right after its end."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        late = (turn.delta("too late"), turn.message("too late", "L"), turn.started())
        play(turn, request, *turn.events(), *late)


def events_long_after_the_end() -> None:
    """Go on with a turn, and end it again, when something else is asked for."""
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(turn.answer(request), *turn.events())
    request = wait_for("fs/readFile")
    late = (turn.delta("too late"), turn.message("too late", "L"), turn.completed("failed"))
    write(*late, *answers(request))
    behave()


def interleaved_turns() -> None:
    """Run two turns at once, event by event, under one name on their two threads.

    They go on when both are started and something else is asked for.
    """
    requests = [wait_for("turn/start") for _ in range(2)]
    turns = [Turn(request["params"]["threadId"], "U") for request in requests]
    for turn, request in zip(reversed(turns), reversed(requests), strict=True):
        write(turn.answer(request))
    other = wait_for("fs/readFile", "thread/start")
    says = [turn.events(f"{turn.thread} says ", f"{turn.thread}") for turn in turns]
    for events in zip(*says, strict=True):
        write(*events)
    write(*answers(other))
    behave()


def child_threads() -> None:
    """Run turns of a child thread, which end well and badly, inside a turn of its parent."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        item = {"type": "subAgentActivity", "id": "S", "kind": "started", "agentThreadId": "child"}
        child = (
            *Turn("child", "C").events("of the child"),
            Turn("child", turn.id).completed("failed"),
            notification("thread/closed", threadId="child"),
        )
        activity = turn.item({**item, "agentPath": "/child"})
        play(turn, request, turn.started(), activity, *child, *turn.events()[1:])


def one_turn_for_two_starts() -> None:
    """Feed the second input to the turn that runs, and answer with its name."""
    first, second = wait_for("turn/start"), wait_for("turn/start")
    turn = Turn.of(first)
    write(turn.answer(first), turn.answer(second), *turn.events())
    behave()


def thread_closed_in_a_turn() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        closed = notification("thread/closed", threadId=turn.thread)
        play(turn, request, turn.started(), turn.message("hello"), closed)


def errors_with_a_retry() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        error = turn.event("error", error={"message": "Reconnecting..."}, willRetry=True)
        play(turn, request, turn.started(), error, error, *turn.events()[1:])


def error_without_a_retry() -> None:
    """Announce a failure, then end the turn as failed."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        error = {"message": "no more room", "codexErrorInfo": "contextWindowExceeded"}
        announced = turn.event("error", error=error, willRetry=False)
        end = turn.completed("failed", error=error)
        play(turn, request, turn.started(), turn.message("half of it"), announced, end)


def turn_without_an_id() -> None:
    """Answer the first ``turn/start`` without saying which turn it is."""
    write(result(wait_for("turn/start"), {"turn": {"items": [], "status": "inProgress"}}))
    behave()


def start_misfit() -> None:
    """Answer the first ``turn/start`` with the turn's id and nothing else that fits.

    Should another turn be started before that one is interrupted, that is the end.
    """
    request = wait_for("turn/start")
    turn = Turn.of(request)
    write(result(request, {"turn": {"id": turn.id, "status": 7}}), turn.started())
    must_be_interrupted()


def start_refused() -> None:
    """Refuse the first ``turn/start``."""
    write(failure(wait_for("turn/start"), -32600, "thread not found: T1"))
    behave()
