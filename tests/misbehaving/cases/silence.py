"""What becomes of those who wait for a server that says nothing more."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from codex_app_server_rpc import CodexTimeoutError, InvalidRequestError, RequestTimeoutError
from openai_codex import TurnIdleTimeoutError, TurnTimeoutError

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import methods, words
from tests.misbehaving.table import Case, Check, Family

SHORT = 0.3
"""How long something is waited for that does not come, in seconds."""
PATIENT = 2.0
"""The same where something must come within this time before, on a busy machine too."""


async def gives_the_handshake_up(meeting: Encounter) -> None:
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.client(request_timeout=SHORT)
    assert (caught.value.method, caught.value.timeout) == ("initialize", SHORT)
    assert not meeting.process_ids()


async def gives_the_handshake_up_on_the_facade(meeting: Encounter) -> None:
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.codex(request_timeout=SHORT)
    assert caught.value.method == "initialize"
    assert not meeting.process_ids()


async def gives_the_read_up(meeting: Encounter) -> None:
    client = await meeting.client()
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.read(client, timeout=SHORT)
    assert (caught.value.method, caught.value.phase) == ("fs/readFile", "answer")
    assert await meeting.read(client) == "/a"


async def gives_the_thread_up(meeting: Encounter) -> None:
    codex = await meeting.codex()
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.run(codex.thread_start, timeout=SHORT)
    assert caught.value.method == "thread/start"
    thread = await meeting.run(codex.thread_start)
    assert (await meeting.say_hello(thread)).final_response == "hello"


async def gives_the_turn_up(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.start_turn(client, timeout=SHORT)
    assert caught.value.method == "turn/start"
    assert client.stats().consumers == client.stats().in_flight == 0
    events, error = await meeting.follow(await meeting.start_turn(client))
    assert (words(events), error) == (["hello"], None)


async def gives_the_turn_up_on_the_facade(meeting: Encounter) -> None:
    meeting.be_impatient()
    codex = await meeting.codex()
    thread = await meeting.run(codex.thread_start)
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.run(thread.run, "hello?", timeout=SHORT)
    assert (caught.value.method, caught.value.timeout) == ("turn/start", SHORT)
    assert codex.stats().consumers == codex.stats().in_flight == 0
    assert (await meeting.say_hello(thread)).final_response == "hello"


async def knows_of_the_turn_all_the_same(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    with pytest.raises(RequestTimeoutError):
        await meeting.start_turn(client, timeout=SHORT)
    assert await meeting.read(client) == "/a"
    stats = client.stats()
    assert (stats.unmatched, stats.active_turns, stats.consumers) == (1, 1, 0)
    meeting.log.set_level(logging.DEBUG, "openai_codex.runtime")
    await meeting.close(client)
    assert "the late turn is interrupted" in meeting.log.text


async def loses_patience_with_the_stream(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    seen = [await meeting.run(stream.next, 5) for _ in range(3)]
    assert methods(seen)[0] == "turn/started"
    with pytest.raises(CodexTimeoutError):
        await meeting.run(stream.next, SHORT)
    assert await meeting.run(stream.stop) is True
    last, error = await meeting.follow(stream)
    assert (methods(last), error) == (["turn/completed"], None)


def timed_out(kind: type[TurnTimeoutError], status: str, text: str | None, **limits: Any) -> Check:
    """Make the check that a turn takes too long, with what came of it, and the next one runs."""

    async def check(meeting: Encounter) -> None:
        meeting.be_impatient()
        codex = await meeting.codex()
        thread = await meeting.run(codex.thread_start)
        with pytest.raises(TurnTimeoutError) as caught:
            await meeting.run(thread.run, "hello?", **limits)
        assert type(caught.value) is kind
        result = caught.value.result
        assert (result.status, result.final_response) == (status, text)
        assert codex.stats().consumers == codex.stats().in_flight == 0
        other = await meeting.run(codex.thread_start)
        assert other.id == "T2"
        await meeting.close(codex, timeout=SHORT)

    return check


async def gives_the_interrupt_up(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.run(stream.interrupt, timeout=SHORT)
    assert caught.value.method == "turn/interrupt"
    assert await meeting.run(stream.stop, SHORT) is False
    await meeting.close(client, timeout=SHORT)


async def waits_for_the_promise_in_vain(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    await meeting.run(stream.interrupt)
    assert await meeting.run(stream.stop, SHORT) is False
    await meeting.close(client, timeout=SHORT)


async def takes_the_end_for_an_answer(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    await meeting.run(stream.interrupt)
    events, error = await meeting.follow(stream)
    assert (methods(events), error) == (["turn/started", "turn/completed"], None)
    assert events[-1].payload.turn.status == "interrupted"


async def hears_the_refusal(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    with pytest.raises(InvalidRequestError):
        await meeting.run(stream.interrupt)
    assert await meeting.read(client) == "/a"
    events, error = await meeting.follow(stream)
    assert (words(events), error) == (["hello"], None)


async def takes_any_end(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    await meeting.run(stream.interrupt)
    events, error = await meeting.follow(stream)
    assert (words(events), error) == (["hello"], None)


FAMILY = Family(
    "silence",
    "Silence",
    [
        Case(
            "silent_at_initialize",
            "never answers `initialize`",
            "`RequestTimeoutError` after `request_timeout`; the server's process is ended.",
            gives_the_handshake_up,
            gives_the_handshake_up_on_the_facade,
            command=("silent_for_ever", "initialize"),
        ),
        Case(
            "silent_at_a_request",
            "does not answer a request",
            "`RequestTimeoutError` after the call's `timeout`; the client stays usable.",
            gives_the_read_up,
            command=("silent_at", "fs/readFile"),
        ),
        Case(
            "silent_at_thread_start",
            "does not answer `thread/start`",
            "`RequestTimeoutError` after the call's `timeout`; the client stays usable.",
            facade=gives_the_thread_up,
            command=("silent_at", "thread/start"),
        ),
        Case(
            "silent_at_turn_start",
            "does not answer `turn/start`",
            "`RequestTimeoutError`, also when the turn's own `timeout=` is over; some seconds "
            "later, because the answer may still name a turn to interrupt. Nothing is left of it.",
            gives_the_turn_up,
            gives_the_turn_up_on_the_facade,
            command=("silent_at", "turn/start"),
        ),
        Case(
            "start_unanswered_but_running",
            "does not answer `turn/start`, but runs the turn",
            "`RequestTimeoutError`; the turn is interrupted.",
            gives_the_turn_up,
        ),
        Case(
            "start_answered_too_late",
            "answers `turn/start`, and runs the turn, when everybody has given it up",
            "The answer is dropped and counted. The turn is known in `stats().active_turns`, and "
            "is interrupted when the client is closed.",
            knows_of_the_turn_all_the_same,
        ),
        Case(
            "silent_in_a_turn",
            "says nothing more in a turn",
            "With `timeout=`, the turn is interrupted and `TurnTimeoutError` has what came of it; "
            "a stream's `next(timeout)` raises `CodexTimeoutError`.",
            loses_patience_with_the_stream,
            timed_out(TurnTimeoutError, "interrupted", "hel", timeout=PATIENT),
        ),
        Case(
            "idle_in_a_turn",
            "says nothing more in a turn, for the time of `idle_timeout=`",
            "The turn is interrupted; `TurnIdleTimeoutError` has what came of it.",
            facade=timed_out(TurnIdleTimeoutError, "interrupted", "hel", idle_timeout=PATIENT),
            command=("silent_in_a_turn",),
        ),
        Case(
            "deaf_to_interrupts",
            "neither answers nor obeys `turn/interrupt`",
            "The interrupt's `RequestTimeoutError`. `TurnTimeoutError` comes some seconds later, "
            "with a result that is `inProgress`; the client stays usable.",
            gives_the_interrupt_up,
            timed_out(TurnTimeoutError, "inProgress", "hel", timeout=PATIENT),
        ),
        Case(
            "interrupts_promised_only",
            "answers `turn/interrupt`, and lets the turn run on",
            "A stream's `stop()` gives up after its time and says so.",
            waits_for_the_promise_in_vain,
        ),
        Case(
            "interrupts_unanswered",
            "obeys `turn/interrupt` without answering it",
            "The turn's end will do.",
            takes_the_end_for_an_answer,
            timed_out(TurnTimeoutError, "interrupted", None, timeout=PATIENT),
        ),
        Case(
            "interrupts_answered_oddly",
            "answers `turn/interrupt` with something that does not fit, and obeys",
            "What the answer says is of no interest.",
            takes_the_end_for_an_answer,
            timed_out(TurnTimeoutError, "interrupted", None, timeout=PATIENT),
        ),
        Case(
            "interrupts_refused",
            "refuses `turn/interrupt`, and lets the turn run on",
            "`InvalidRequestError` for who asked for it; the turn goes on. After a `timeout=`, the "
            "result is `inProgress`.",
            hears_the_refusal,
            timed_out(TurnTimeoutError, "inProgress", None, timeout=PATIENT),
        ),
        Case(
            "interrupts_too_late",
            "ends the turn by itself just before it is asked to, and refuses that",
            "The turn's end will do, and it arrives whole. After a `timeout=`, the result says "
            "that it was completed all the same.",
            takes_any_end,
            timed_out(TurnTimeoutError, "completed", "hello", timeout=PATIENT),
        ),
    ],
)
