"""What a server of a later version may send: all that is new is data, never a fault."""

from __future__ import annotations

from tests.misbehaving.server.manners import (
    HANDSHAKE,
    Turn,
    behave,
    notification,
    play,
    result,
    serve,
    thread_started,
    wait_for,
    write,
)


def unknown_notifications() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        play(
            turn,
            request,
            turn.started(),
            turn.event("item/hologram/delta", itemId="H", shape=[1, 2]),
            notification("weather/changed", sky="blue"),
            {"method": "bare"},
            *turn.events()[1:],
        )


def unknown_items() -> None:
    for request in serve("turn/start"):
        turn = Turn.of(request)
        hologram = {"type": "hologram", "id": "H", "shape": [1, 2]}
        started = turn.event("item/started", item=hologram, startedAtMs=1795150766027)
        end = turn.completed(items=[hologram])
        completed = turn.item(hologram)
        play(turn, request, turn.started(), started, completed, turn.message("hello"), end)


def unknown_values() -> None:
    """Use values that no enumeration has: a status of the thread, a phase, the turn's end."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        message = {"type": "agentMessage", "id": "I", "text": "hello", "phase": "whispered"}
        write(
            turn.answer(request),
            notification(
                "thread/status/changed", threadId=turn.thread, status={"type": "dreaming"}
            ),
            turn.started(),
            turn.item(message),
            turn.completed("evaporated"),
        )


def unknown_failure() -> None:
    """Let a turn fail for a reason that has no type yet."""
    for request in serve("turn/start"):
        turn = Turn.of(request)
        error = {"message": "the moon was full", "codexErrorInfo": {"lunar": {"phase": 1}}}
        play(turn, request, turn.started(), turn.completed("failed", error=error))


def unknown_members() -> None:
    """Add members to everything."""
    request = wait_for("initialize")
    write({**result(request, {**HANDSHAKE, "mood": "good"}), "jsonrpc": "2.0", "trace": None})
    request = wait_for("thread/start")
    write({**result(request, {**thread_started("T1"), "mood": "good"}), "jsonrpc": "2.0"})
    request = wait_for("turn/start")
    turn = Turn.of(request)
    message = {"type": "agentMessage", "id": "I", "text": "hello", "phase": None, "mood": "good"}
    for event in (
        turn.answer(request),
        turn.started(),
        turn.item(message),
        turn.completed(mood="good"),
    ):
        write({**event, "jsonrpc": "2.0", "more": {"a": 1}})
    behave()
