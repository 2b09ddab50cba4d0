"""Checks that several families share: what goes on as if nothing had been wrong.

Each case about turns is looked at twice. The events of the first turn come in one piece with the
answer to ``turn/start``, before the client can know whose they are; those of the second when
something else is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openai_codex import CodexError, TurnResult

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.table import Check

__all__ = ["answering", "failing", "following", "methods", "resulting", "streaming", "words"]


def words(events: Sequence[Any]) -> list[str]:
    """Give the texts of the deltas among events."""
    deltas = [event for event in events if event.method == "item/agentMessage/delta"]
    return [event.params["delta"] for event in deltas if "delta" in event.params]


def methods(events: Sequence[Any]) -> list[str]:
    """Give the methods of events."""
    return [event.method for event in events]


def streaming(look: Callable[[list[Any]], None]) -> Check:
    """Make the check that turns end in order, with the raw client.

    Args:
        look: Looks at the events of each turn.
    """

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        for number in (1, 2):
            stream = await meeting.start_turn(client)
            if number == 2:
                await meeting.read(client)
            events, error = await meeting.follow(stream)
            assert error is None
            assert stream.is_over
            look(events)

    return check


def following(*said: str) -> Check:
    """Make the check that turns which say these words arrive whole, with the raw client."""

    def look(events: list[Any]) -> None:
        assert words(events) == list(said)
        assert {event.thread_id for event in events} == {"T1"}
        assert len({event.turn_id for event in events}) == 1
        assert methods(events)[0] == "turn/started"
        assert methods(events).index("turn/completed") == len(events) - 1

    return streaming(look)


def resulting(look: Callable[[TurnResult], None]) -> Check:
    """Make the check that turns have a result, with the facade.

    Args:
        look: Looks at each result.
    """

    async def check(meeting: Encounter) -> None:
        codex = await meeting.codex()
        thread = await meeting.run(codex.thread_start)
        for number in (1, 2):
            result = await _run(meeting, codex, thread, number)
            assert result.id == f"U{number}"
            look(result)

    return check


def answering(text: str) -> Check:
    """Make the check that turns have this final answer, with the facade."""

    def look(result: TurnResult) -> None:
        assert (result.status, result.final_response) == ("completed", text)

    return resulting(look)


def failing(kind: type[CodexError], look: Callable[[Any], None]) -> Check:
    """Make the check that turns end with an error, with the facade.

    Args:
        kind: Its class.
        look: Looks at each of them.
    """

    async def check(meeting: Encounter) -> None:
        codex = await meeting.codex()
        thread = await meeting.run(codex.thread_start)
        for number in (1, 2):
            with pytest.raises(kind) as caught:
                await _run(meeting, codex, thread, number)
            look(caught.value)

    return check


async def _run(meeting: Encounter, codex: Any, thread: Any, number: int) -> TurnResult:
    if number == 1:
        return await meeting.say_hello(thread)
    handle = await meeting.run(thread.turn, "hello?")
    await meeting.run(codex.thread_start)
    result: TurnResult = await meeting.run(handle.run)
    return result
