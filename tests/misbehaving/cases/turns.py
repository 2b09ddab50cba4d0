"""What becomes of turns whose events come early, late, twice, never, or beside others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from codex_app_server_rpc import (
    InvalidRequestError,
    InvalidResponseError,
    UnknownNotification,
)
from codex_app_server_types import AgentMessageThreadItem, UnknownThreadItem
from openai_codex import IncompleteTurnError, TurnFailedError, TurnResult

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import (
    answering,
    failing,
    following,
    methods,
    resulting,
    streaming,
    words,
)
from tests.misbehaving.table import Case, Check, Family


def ends_with_an_unknown_payload(events: list[Any]) -> None:
    assert methods(events) == ["turn/started", "item/completed", "turn/completed"]
    assert isinstance(events[-1].payload, UnknownNotification)
    assert isinstance(events[-1].payload.error, ValueError)


def incomplete(reason: str) -> Check:
    """Make the check that the turns' results are incomplete, and what there is of them."""

    def look(error: IncompleteTurnError) -> None:
        assert reason in str(error)
        (item,) = error.items
        assert isinstance(item, AgentMessageThreadItem)
        assert item.text == "hello"

    return failing(IncompleteTurnError, look)


def leaves_the_unfinished_out(result: TurnResult) -> None:
    assert (result.status, result.items, result.final_response) == ("interrupted", [], None)


def keeps_the_unfit_item(result: TurnResult) -> None:
    unfit = result.items[0]
    assert isinstance(unfit, UnknownThreadItem)
    assert unfit.to_wire() == {"type": "commandExecution", "id": "C", "command": 17}
    assert result.final_response == "hello"


def delivers_the_unfit(events: list[Any]) -> None:
    assert len(events) == 8
    assert all(isinstance(event.payload, UnknownNotification) for event in events[1:5])
    assert not any(isinstance(event.payload, UnknownNotification) for event in events[5:])


async def counts_what_comes_after(meeting: Encounter) -> None:
    client = await meeting.client()
    events, error = await meeting.follow(await meeting.start_turn(client))
    assert (words(events), error) == (["hello"], None)
    assert client.stats().dropped == 0
    assert await meeting.read(client) == "/a"
    assert client.stats().dropped == 3


async def keeps_the_two_apart(meeting: Encounter) -> None:
    client = await meeting.client()
    threads = ("T1", "T2")
    streams = await asyncio.gather(*(meeting.start_turn(client, name) for name in threads))
    await meeting.read(client)
    for name, stream in zip(threads, streams, strict=True):
        events, error = await meeting.follow(stream)
        assert error is None
        assert words(events) == [f"{name} says ", name]
        assert {event.address for event in events} == {(name, "U")}


async def keeps_the_two_answers_apart(meeting: Encounter) -> None:
    codex = await meeting.codex()
    threads = [await meeting.run(codex.thread_start) for _ in range(2)]
    starts = (meeting.run(thread.turn, "hello?") for thread in threads)
    handles = await asyncio.gather(*starts)
    await meeting.run(codex.thread_start)
    results = [await meeting.run(handle.run) for handle in handles]
    assert [result.final_response for result in results] == ["T1 says T1", "T2 says T2"]


async def keeps_the_child_apart(meeting: Encounter) -> None:
    await following("hello")(meeting)
    client = meeting.last_client
    child = await meeting.run(client.subscribe, thread_id="child")
    await meeting.follow(await meeting.start_turn(client))
    events: list[Any] = [await meeting.run(child.next, 5) for _ in range(6)]
    assert words(events) == ["of the child"]
    assert methods(events).count("turn/completed") == 2
    await meeting.run(child.close)


async def gives_both_everything(meeting: Encounter) -> None:
    client = await meeting.client()
    streams = await asyncio.gather(*(meeting.start_turn(client) for _ in range(2)))
    for stream in streams:
        events, error = await meeting.follow(stream)
        assert (len(events), error) == (4, None)


async def gives_both_the_answer(meeting: Encounter) -> None:
    thread = await meeting.thread()
    both = (meeting.say_hello(thread, if_busy="steer") for _ in range(2))
    results = await asyncio.gather(*both)
    assert [(result.id, result.final_response) for result in results] == [("U1", "hello")] * 2


def ends_with_the_thread(events: list[Any]) -> None:
    assert methods(events) == ["turn/started", "item/completed"]


def delivers_the_errors(events: list[Any]) -> None:
    retries = [event.payload.will_retry for event in events if event.method == "error"]
    assert retries == [True, True]
    assert methods(events)[-1] == "turn/completed"


def has_what_came_before(error: TurnFailedError) -> None:
    assert "no more room" in str(error)
    assert error.result.final_response == "half of it"


def failing_start(error: type[Exception]) -> Check:
    """Make the check that the first start fails and leaves nothing, with the raw client."""

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        with pytest.raises(error):
            await meeting.start_turn(client)
        assert client.stats().consumers == 0
        events, end = await meeting.follow(await meeting.start_turn(client))
        assert (words(events), end) == (["hello"], None)

    return check


def failing_run(error: type[Exception]) -> Check:
    """Make the check that the first turn fails to start and leaves nothing, with the facade."""

    async def check(meeting: Encounter) -> None:
        codex = await meeting.codex()
        thread = await meeting.run(codex.thread_start)
        with pytest.raises(error):
            await meeting.say_hello(thread)
        assert codex.stats().consumers == 0
        assert (await meeting.say_hello(thread)).final_response == "hello"

    return check


WHOLE = "The turn arrives whole, and nothing of the others."

FAMILY = Family(
    "turns",
    "Turns",
    [
        Case(
            "over_before_its_answer",
            "sends all of a turn before it answers the `turn/start` that asked for it",
            "The turn arrives whole.",
            following("hel", "lo"),
            answering("hello"),
        ),
        Case(
            "unfit_completion",
            "ends a turn with a `turn/completed` that does not fit its type",
            "The turn ends. Its stream delivers the event with an `UnknownNotification`; `run()` "
            "raises `IncompleteTurnError`, which has the items.",
            streaming(ends_with_an_unknown_payload),
            incomplete("its turn/completed does not fit its type"),
        ),
        Case(
            "nameless_completion",
            "sends `turn/completed` without the thread or the turn",
            "It ends no turn.",
            following("hello"),
            answering("hello"),
        ),
        Case(
            "missing_item",
            "names an item at a turn's end that was never completed",
            "`run()` raises `IncompleteTurnError`, which has the other items.",
            facade=incomplete("no item/completed came for LOST"),
        ),
        Case(
            "unfinished_item",
            "starts an item, and ends the turn as interrupted without it",
            "The result has the items that were completed.",
            facade=resulting(leaves_the_unfinished_out),
        ),
        Case(
            "unfit_item",
            "completes an item that does not fit its type",
            "It is among the items as an `UnknownThreadItem` that holds everything.",
            facade=resulting(keeps_the_unfit_item),
        ),
        Case(
            "unfit_events",
            "sends events whose members are missing or of other types",
            "They are delivered with an `UnknownNotification`; the result does without them.",
            streaming(delivers_the_unfit),
            answering("hello"),
        ),
        Case(
            "duplicate_completion",
            "ends a turn three times",
            "It ends once, as it was said first.",
            following("hello"),
            answering("hello"),
        ),
        Case(
            "completions_of_others",
            "ends other turns of the thread, and turns of the same name on other threads",
            WHOLE,
            following("hello"),
            answering("hello"),
        ),
        Case(
            "events_after_the_end",
            "sends events of a turn right after its end",
            "They do not enter it.",
            following("hello"),
            answering("hello"),
        ),
        Case(
            "events_long_after_the_end",
            "goes on with a turn long after its end, and ends it again",
            "That is counted in `stats().dropped`.",
            counts_what_comes_after,
        ),
        Case(
            "interleaved_turns",
            "runs turns on two threads at once, under the same name",
            "Each stream and each result has its own.",
            keeps_the_two_apart,
            keeps_the_two_answers_apart,
        ),
        Case(
            "child_threads",
            "runs turns of child threads inside a turn, and closes them",
            f"{WHOLE} Who subscribes to the child's thread gets that.",
            keeps_the_child_apart,
            answering("hello"),
        ),
        Case(
            "one_turn_for_two_starts",
            "feeds a second input to the turn that runs, and answers with its name",
            "Both callers get everything of the one turn.",
            gives_both_everything,
            gives_both_the_answer,
        ),
        Case(
            "thread_closed_in_a_turn",
            "closes a thread whose turn has not ended",
            "The turn's stream ends; `run()` raises `IncompleteTurnError`, which has the items.",
            streaming(ends_with_the_thread),
            incomplete("its events ended before turn/completed came"),
        ),
        Case(
            "errors_with_a_retry",
            "reports errors that it will try again after, then completes the turn",
            "The errors are events like others; the turn is a success.",
            streaming(delivers_the_errors),
            answering("hello"),
        ),
        Case(
            "error_without_a_retry",
            "reports an error and ends the turn as failed",
            "`TurnFailedError` has what the server said, and everything that the turn did before.",
            facade=failing(TurnFailedError, has_what_came_before),
        ),
        Case(
            "turn_without_an_id",
            "answers `turn/start` without saying which turn it is",
            "`InvalidResponseError`; nothing is left of the turn, and the next one runs.",
            failing_start(InvalidResponseError),
            failing_run(InvalidResponseError),
        ),
        Case(
            "start_misfit",
            "answers `turn/start` with the turn's id, and nothing else that fits",
            "`InvalidResponseError`; the turn, which nobody could follow, is interrupted.",
            failing_start(InvalidResponseError),
            failing_run(InvalidResponseError),
        ),
        Case(
            "start_refused",
            "refuses `turn/start`",
            "The error of its code; nothing is left of the turn, and the next one runs.",
            failing_start(InvalidRequestError),
            failing_run(InvalidRequestError),
        ),
    ],
)
