"""What becomes of servers that say too much."""

from __future__ import annotations

import asyncio

import pytest
from openai_codex import IncompleteTurnError, SlowConsumerError, TransportClosedError

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import methods, words
from tests.misbehaving.server.floods import LINES, MANY, REQUESTS
from tests.misbehaving.table import Case, Family


async def drops_what_nobody_wants(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    stats = client.stats()
    assert (stats.dropped, stats.missed, stats.queued) == (MANY, 0, 0)


async def logs_little_of_it(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    assert client.stats().skipped == LINES
    await meeting.close(client)
    assert 16 <= len(meeting.log.records) <= 40


async def reads_beside_stderr(meeting: Encounter) -> None:
    client = await meeting.client()
    for path in ("/a", "/b"):
        assert await meeting.read(client, path) == path


async def merges_the_text(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    await meeting.run(client.thread_start)
    assert client.stats().queued < LINES / 2
    events, error = await meeting.follow(stream)
    assert error is None
    assert "".join(words(events)) == "word " * LINES
    assert client.stats().merged + len(events) == LINES + 3
    assert client.stats().missed == 0


async def has_the_whole_answer(meeting: Encounter) -> None:
    codex = await meeting.codex()
    thread = await meeting.run(codex.thread_start)
    handle = await meeting.run(thread.turn, "hello?")
    await meeting.run(codex.thread_start)
    result = await meeting.run(handle.run)
    assert result.final_response == "word " * LINES


async def follows_the_early_turn(meeting: Encounter) -> None:
    client = await meeting.client()
    events, error = await meeting.follow(await meeting.start_turn(client))
    assert error is None
    assert "".join(words(events)) == "word " * LINES
    assert methods(events)[-2:] == ["item/completed", "turn/completed"]


async def answers_the_early_turn(meeting: Encounter) -> None:
    thread = await meeting.thread()
    assert (await meeting.say_hello(thread)).final_response == "word " * LINES


async def tells_of_the_gap(meeting: Encounter) -> None:
    client = await meeting.client()
    stream = await meeting.start_turn(client)
    await meeting.run(client.thread_start)
    before, error = await meeting.follow(stream)
    assert isinstance(error, SlowConsumerError)
    assert len(before) + error.dropped == LINES + 2
    assert client.stats().missed == error.dropped
    after, end = await meeting.follow(stream)
    assert (methods(after), end) == (["turn/completed"], None)


async def refuses_a_result_with_a_gap(meeting: Encounter) -> None:
    codex = await meeting.codex()
    thread = await meeting.run(codex.thread_start)
    handle = await meeting.run(thread.turn, "hello?")
    await meeting.run(codex.thread_start)
    for _ in range(2):  # it is no better the second time
        with pytest.raises(IncompleteTurnError, match="dropped unread"):
            await meeting.run(handle.run)
    assert (await meeting.say_hello(thread)).final_response == "hello"


async def goes_on_after_a_gap(meeting: Encounter) -> None:
    codex = await meeting.codex()
    thread = await meeting.run(codex.thread_start)
    handle = await meeting.run(thread.turn, "hello?")
    await meeting.run(codex.thread_start)
    _, error = await meeting.follow(handle.stream())
    assert isinstance(error, SlowConsumerError)
    after, end = await meeting.follow(handle.stream())
    assert (methods(after), end) == (["turn/completed"], None)
    assert after[-1].payload.turn.status == "completed"  # the error did not interrupt it
    await refuses_a_result_with_a_gap(meeting)


async def closes_in_its_midst(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    await meeting.close(client)
    assert not meeting.process_ids()
    assert client.stats().dropped > 0


async def is_told_that_the_server_does_not_read(meeting: Encounter) -> None:
    client = await meeting.client()
    with pytest.raises(TransportClosedError, match="does not read: 16384 of its requests wait"):
        await meeting.read(client)
    assert client.stats().server_requests == 0


async def sends_and_reads_at_once(meeting: Encounter) -> None:
    client = await meeting.client()
    paths = [f"/{number}" * 10_000 for number in range(50)]
    texts = await asyncio.gather(*(meeting.read(client, path) for path in paths))
    assert texts == [path * 10 for path in paths]


async def replies_to_each(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client, timeout=30) == "/a"
    assert client.stats().received >= REQUESTS
    await meeting.close(client)
    assert len(meeting.log.records) == 1  # that nobody listens, once


FAMILY = Family(
    "floods",
    "Floods",
    [
        Case(
            "unwanted_notifications",
            "sends 300,000 notifications that nobody wants while a request waits",
            "They are counted in `stats().dropped` and not kept; the request is answered.",
            drops_what_nobody_wants,
            within=60,
        ),
        Case(
            "rubbish_without_end",
            "writes 50,000 lines of rubbish while a request waits",
            "They are counted. The first ones are logged, then ever fewer. The request is "
            "answered.",
            logs_little_of_it,
            within=30,
        ),
        Case(
            "complaints",
            "writes 16 MiB to stderr, in lines without an end, while a request waits",
            "The request is answered.",
            reads_beside_stderr,
            within=30,
        ),
        Case(
            "unread_turn",
            "streams 50,000 text deltas to somebody who does not read",
            "Those of an item are merged; nothing of the text is lost.",
            merges_the_text,
            has_the_whole_answer,
            within=30,
        ),
        Case(
            "early_turn",
            "streams 50,000 text deltas and ends the turn before it answers `turn/start`",
            "The same.",
            follows_the_early_turn,
            answers_the_early_turn,
            within=30,
        ),
        Case(
            "unread_events",
            "sends 50,000 events that cannot be merged to somebody who does not read",
            "`SlowConsumerError` in the place of those that were dropped says how many; a stream "
            "goes on after it, to the turn's end. `run()` raises `IncompleteTurnError`.",
            tells_of_the_gap,
            goes_on_after_a_gap,
            within=30,
        ),
        Case(
            "endless",
            "writes notifications for ever, and reads no more",
            "`close()` ends it, in some seconds.",
            closes_in_its_midst,
        ),
        Case(
            "long_answers",
            "answers at length before it reads what else it is asked",
            "Nobody waits for the other: the client reads while it sends.",
            sends_and_reads_at_once,
        ),
        Case(
            "requests_without_end",
            "makes requests for ever, and reads no reply",
            "`TransportClosedError` says so once 16,384 of them wait; the server is ended.",
            is_told_that_the_server_does_not_read,
        ),
        Case(
            "requests",
            "makes 3,000 requests to a client without handlers",
            "Each gets its safe answer, exactly once.",
            replies_to_each,
            within=30,
        ),
    ],
)
