"""What becomes of lines that are no messages."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from codex_app_server_rpc import TransportClosedError, UnknownNotification
from codex_app_server_rpc.core.session import Session

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import answering, following, words
from tests.misbehaving.server.lines import HUGE, LONG
from tests.misbehaving.table import Case, Check, Family

LOGGER = "openai_codex.rpc.connection"


def skipping(lines: int) -> Check:
    """Make the check that lines before each answer are skipped, and logged, and nothing else."""

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        for count, path in enumerate(("/a", "/b"), 1):
            assert await meeting.read(client, path) == path
            assert client.stats().skipped == count * lines
        await meeting.close(client)
        logged = [record for record in meeting.log.records if record.name == LOGGER]
        assert [record.levelno for record in logged] == [logging.WARNING] * 2 * lines

    return check


async def skips_the_marked_line(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    assert client.stats().skipped == 1


async def skips_a_line_over_the_limit(meeting: Encounter) -> None:
    # With a smaller limit: the server would write 256 MiB for nothing.
    meeting.patch(
        "codex_app_server_rpc.core.connection.Session", lambda: Session(max_line=LONG - 1024)
    )
    await skipping(1)(meeting)


async def takes_a_huge_message(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "x" * HUGE


async def takes_the_last_of_two_members(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client, "/b") == "/b"
    assert client.stats().unmatched == 0


async def reads_as_usual(meeting: Encounter) -> None:
    client = await meeting.client()
    assert [await meeting.read(client, path) for path in ("/a", "/b")] == ["/a", "/b"]
    assert client.stats().skipped == 0


async def takes_all_from_one_write(meeting: Encounter) -> None:
    client = await meeting.client()
    stray = await meeting.run(client.subscribe, {"warning"})
    turn, text = await asyncio.gather(meeting.start_turn(client), meeting.read(client))
    assert text == "all at once"
    assert (await meeting.run(stray.next, 5)).params == {"message": "between"}
    await meeting.run(stray.close)
    events, error = await meeting.follow(turn)
    assert error is None
    assert words(events) == ["hel", "lo"]
    assert {event.thread_id for event in events} == {"T1"}


async def keeps_the_answer_and_drops_the_usage(meeting: Encounter) -> None:
    thread = await meeting.thread()
    handle = await meeting.run(thread.turn, "hello?")
    events, error = await meeting.follow(handle.stream())
    assert error is None
    assert isinstance(events[1].payload, UnknownNotification)
    result = await meeting.run(handle.run)
    assert (result.final_response, result.usage) == ("hello", None)
    assert (result.started_at, result.duration_ms) == (10**400, -1)


async def takes_the_last_line(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    with pytest.raises(TransportClosedError) as caught:
        await meeting.read(client)
    assert caught.value.exit_code == 0


async def drops_the_cut_line(meeting: Encounter) -> None:
    client: Any = await meeting.client()
    with pytest.raises(TransportClosedError) as caught:
        await meeting.read(client)
    assert caught.value.exit_code == 0
    assert client.stats().skipped == 1


SKIPPED = "Skipped, counted in `stats().skipped` and logged; every call is answered."

FAMILY = Family(
    "lines",
    "Lines that are no messages, and messages in odd dress",
    [
        Case("blank_lines", "writes blank lines", SKIPPED, skipping(3)),
        Case(
            "rubbish",
            "greets in plain words, cuts messages, writes two on one line, or NUL bytes",
            SKIPPED,
            skipping(6),
        ),
        Case("bad_utf8", "writes bytes that are not UTF-8", SKIPPED, skipping(3)),
        Case("arrays", "writes arrays, such as batches of messages", SKIPPED, skipping(3)),
        Case("scalars", "writes numbers, strings, `null` and `true`", SKIPPED, skipping(5)),
        Case(
            "shapeless_objects",
            "writes objects that are neither requests, nor notifications, nor answers",
            SKIPPED,
            skipping(5),
        ),
        Case(
            "deep_nesting",
            "nests JSON in 100,000 levels (more than 200 are too many)",
            SKIPPED,
            skipping(1),
        ),
        Case(
            "lone_surrogates",
            "writes half of a surrogate pair as an escape (`\\ud800`), which is no text",
            SKIPPED,
            skipping(1),
        ),
        Case(
            "endless_digits",
            "writes a number of 5,000 digits (more than 4,300 are too many)",
            SKIPPED,
            skipping(1),
        ),
        Case(
            "byte_order_mark",
            "begins its stream with a byte order mark",
            "The line that has it is skipped and logged; what follows is understood.",
            skips_the_marked_line,
        ),
        Case(
            "too_long_line",
            "writes a line longer than 256 MiB (here: than 2 MiB, with a limit below it)",
            SKIPPED,
            skips_a_line_over_the_limit,
        ),
        Case(
            "huge_message",
            "answers with a message of 64 MiB",
            "It is a message like any other.",
            takes_a_huge_message,
            within=30,
        ),
        Case(
            "duplicate_keys",
            "writes the same member twice in one object",
            "The last one counts.",
            takes_the_last_of_two_members,
        ),
        Case(
            "numbers_out_of_range",
            "reports a time of 400 digits, and infinitely many tokens",
            "Integers of any size are integers. A report of usage that does not fit its type is "
            "left out of the result; the answer is not lost for it.",
            facade=keeps_the_answer_and_drops_the_usage,
        ),
        Case(
            "crlf_line_ends",
            "ends its lines with CR LF",
            "Nothing is different.",
            reads_as_usual,
            answering("hello"),
        ),
        Case(
            "single_bytes",
            "writes a turn byte by byte, its longer characters too",
            "Nothing is different.",
            following("größ", "er 😀"),
            answering("größer 😀"),
        ),
        Case(
            "everything_at_once",
            "writes answers, a turn, and notifications of others in one piece",
            "Each goes to its consumer, in order.",
            takes_all_from_one_write,
        ),
        Case(
            "rubbish_in_a_turn",
            "writes rubbish of every kind between the events of a turn",
            "The turn arrives whole.",
            following("hel", "lo"),
            answering("hello"),
        ),
        Case(
            "last_line_without_an_end",
            "ends without a newline after its last message",
            "The message counts; the next call raises `TransportClosedError`.",
            takes_the_last_line,
        ),
        Case(
            "last_line_cut",
            "ends in the middle of a message",
            "The rest of the message is skipped; `TransportClosedError` tells of the end.",
            drops_the_cut_line,
        ),
    ],
)
