"""What becomes of those who wait for a server that dies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from codex_app_server_rpc import TransportClosedError
from openai_codex import TurnTimeoutError

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import methods, words
from tests.misbehaving.table import Case, Check, Family


def check_how(error: Any, exit_code: int, words: str) -> None:
    """Check that an error says how the server died."""
    assert isinstance(error, TransportClosedError)
    assert (error.exit_code, error.stderr_tail) == (exit_code, words)
    assert "python" in error.argv[0]


def not_opening(exit_code: int, words: str) -> Check:
    """Make the check that the raw client does not open."""

    async def check(meeting: Encounter) -> None:
        with pytest.raises(TransportClosedError) as caught:
            await meeting.client()
        check_how(caught.value, exit_code, words)

    return check


def not_opening_the_facade(exit_code: int, words: str) -> Check:
    """Make the check that the facade does not open."""

    async def check(meeting: Encounter) -> None:
        with pytest.raises(TransportClosedError) as caught:
            await meeting.codex()
        check_how(caught.value, exit_code, words)

    return check


async def is_told_by_the_next_call(meeting: Encounter) -> None:
    try:
        client = await meeting.client()
        await meeting.read(client)
    except TransportClosedError as error:
        check_how(error, 7, "died after initialize")
    else:
        pytest.fail("the server lives")


async def tells_everybody(meeting: Encounter) -> None:
    client = await meeting.client()
    turn = await meeting.run(client.turn_stream, "T1")
    streams = [await meeting.run(client.subscribe), turn]
    waiting = [meeting.run(stream.next) for stream in streams]
    calls = [meeting.read(client, timeout=None) for _ in range(20)]
    errors = await asyncio.gather(*waiting, *calls, return_exceptions=True)
    assert len(set(map(id, errors))) == 22
    for error in errors:
        check_how(error, 101, "died at fs/readFile")
    await meeting.run(turn.close)
    with pytest.raises(TransportClosedError, match="died at fs/readFile"):
        await meeting.read(client)


async def has_no_thread(meeting: Encounter) -> None:
    codex = await meeting.codex()
    with pytest.raises(TransportClosedError) as caught:
        await meeting.run(codex.thread_start)
    check_how(caught.value, 2, "died at thread/start")


async def has_no_turn(meeting: Encounter) -> None:
    client = await meeting.client()
    with pytest.raises(TransportClosedError) as caught:
        await meeting.start_turn(client)
    check_how(caught.value, -15, "died at turn/start")


async def has_no_turn_on_the_facade(meeting: Encounter) -> None:
    thread = await meeting.thread()
    with pytest.raises(TransportClosedError) as caught:
        await meeting.say_hello(thread)
    check_how(caught.value, -15, "died at turn/start")


def reading_up_to_the_death(exit_code: int) -> Check:
    """Make the check that what came of the turn is delivered before the error."""

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        events, error = await meeting.follow(await meeting.start_turn(client))
        assert methods(events) == ["turn/started", "item/agentMessage/delta", "item/completed"]
        check_how(error, exit_code, "died in a turn")
        assert client.stats().skipped == 1

    return check


def failing_run(exit_code: int) -> Check:
    """Make the check that the turn's result is that the server is gone."""

    async def check(meeting: Encounter) -> None:
        thread = await meeting.thread()
        with pytest.raises(TransportClosedError) as caught:
            await meeting.say_hello(thread)
        check_how(caught.value, exit_code, "died in a turn")

    return check


async def reading_it_all(meeting: Encounter) -> None:
    client = await meeting.client()
    events, error = await meeting.follow(await meeting.start_turn(client))
    assert (words(events), error) == (["hello"], None)
    assert methods(events)[-1] == "turn/completed"
    with pytest.raises(TransportClosedError) as caught:
        await meeting.start_turn(client)
    check_how(caught.value, 7, "died after a turn")


async def has_the_answer(meeting: Encounter) -> None:
    thread = await meeting.thread()
    assert (await meeting.say_hello(thread)).final_response == "hello"
    with pytest.raises(TransportClosedError) as caught:
        await meeting.say_hello(thread)
    check_how(caught.value, 7, "died after a turn")


async def is_told_by_the_interrupt(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    with pytest.raises(TransportClosedError) as caught:
        await meeting.run(stream.interrupt)
    check_how(caught.value, 3, "died at turn/interrupt")
    _, error = await meeting.follow(stream)
    check_how(error, 3, "died at turn/interrupt")


async def keeps_what_came_of_the_turn(meeting: Encounter) -> None:
    thread = await meeting.thread()
    with pytest.raises(TurnTimeoutError) as caught:
        await meeting.run(thread.run, "hello?", timeout=0.3)
    assert caught.value.result.status == "inProgress"
    with pytest.raises(TransportClosedError) as gone:
        await meeting.say_hello(thread)
    check_how(gone.value, 3, "died at turn/interrupt")


async def closes_as_usual(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    await meeting.close(client)
    with pytest.raises(TransportClosedError, match="this client is closed"):
        await meeting.read(client)


async def closes_the_facade_as_usual(meeting: Encounter) -> None:
    thread = await meeting.thread()
    assert (await meeting.say_hello(thread)).final_response == "hello"


def failing_read(exit_code: int, words: str) -> Check:
    """Make the check that a call fails with how the server died."""

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        with pytest.raises(TransportClosedError) as caught:
            await meeting.read(client)
        check_how(caught.value, exit_code, words)

    return check


UNEXPECTED = "error: unexpected argument"

FAMILY = Family(
    "deaths",
    "Deaths",
    [
        Case(
            "dead_at_once",
            "cannot start, and exits with code 3",
            "`TransportClosedError` where the client is opened, with exit code, command line and "
            "the last words on stderr.",
            not_opening(3, UNEXPECTED),
            not_opening_the_facade(3, UNEXPECTED),
            command=("dead_at_once", "3"),
        ),
        Case(
            "dead_at_initialize",
            "exits with code 0 in place of answering `initialize`",
            "`TransportClosedError` where the client is opened, likewise.",
            not_opening(0, "died at initialize"),
            not_opening_the_facade(0, "died at initialize"),
            command=("dead_at", "initialize", "0"),
        ),
        Case(
            "dead_after_initialize",
            "exits with code 7 right after the handshake",
            "Whichever call comes next raises `TransportClosedError`.",
            is_told_by_the_next_call,
            command=("dead_after", "initialize", "7"),
        ),
        Case(
            "dead_at_a_request",
            "exits with code 101 while twenty calls and two streams wait",
            "Each of them raises an error of its own that says so, and so does every later call.",
            tells_everybody,
            command=("dead_at", "fs/readFile", "101"),
        ),
        Case(
            "dead_at_thread_start",
            "exits with code 2 at `thread/start`",
            "`TransportClosedError`.",
            facade=has_no_thread,
            command=("dead_at", "thread/start", "2"),
        ),
        Case(
            "dead_at_turn_start",
            "is ended by SIGTERM at `turn/start`",
            "`TransportClosedError`, with the negative signal as exit code.",
            has_no_turn,
            has_no_turn_on_the_facade,
            command=("dead_at", "turn/start", "SIGTERM"),
        ),
        Case(
            "dead_in_a_turn",
            "exits with code 0 in the middle of a turn, and of a message",
            "The stream delivers what came whole, then raises `TransportClosedError`; so does "
            "`run()`.",
            reading_up_to_the_death(0),
            failing_run(0),
            command=("dead_in_a_turn", "0"),
        ),
        Case(
            "killed_in_a_turn",
            "is killed in the middle of a turn",
            "The same; the exit code is -9.",
            reading_up_to_the_death(-9),
            failing_run(-9),
            command=("dead_in_a_turn", "SIGKILL"),
        ),
        Case(
            "dead_after_a_turn",
            "runs a turn to its end, and exits at once with code 7",
            "The turn arrives whole; `TransportClosedError` is for whoever comes next.",
            reading_it_all,
            has_the_answer,
            command=("dead_after_a_turn", "7"),
        ),
        Case(
            "dead_at_an_interrupt",
            "exits with code 3 at `turn/interrupt`",
            "`TransportClosedError` for who asked for it, and in the stream. If it was a "
            "`timeout=`, its `TurnTimeoutError` has what came of the turn.",
            is_told_by_the_interrupt,
            keeps_what_came_of_the_turn,
            command=("dead_at_interrupt", "3"),
        ),
        Case(
            "dead_at_the_end",
            "exits with code 9 when it should end",
            "`close()` is as quiet as ever.",
            closes_as_usual,
            closes_the_facade_as_usual,
            command=("dead_at_the_end", "9"),
        ),
        Case(
            "dead_with_strange_words",
            "dies with colours, umlauts and broken UTF-8 on stderr",
            "The last words are decoded leniently, without the colours.",
            failing_read(1, "ERROR größer \ufffd\ufffd"),
        ),
        Case(
            "dead_after_its_stdout",
            "closes stdout, says its last words on stderr, and exits with code 3",
            "`TransportClosedError` has the exit code and the last words.",
            failing_read(3, "there is no more to say"),
        ),
        Case(
            "survived_by_a_child",
            "exits with code 5 and leaves a child that holds its streams open",
            "`TransportClosedError` at once: nobody waits for the streams.",
            failing_read(5, "left a child behind"),
        ),
    ],
)
