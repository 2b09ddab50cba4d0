"""What becomes of answers that are too many, too few, late, or of the wrong form."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from codex_app_server_rpc import (
    InvalidResponseError,
    JsonRpcError,
    OverloadRetry,
    RequestTimeoutError,
    ServerBusyError,
)

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.promises import answering
from tests.misbehaving.table import Case, Check, Family

SHORT = 0.3
HASTY = OverloadRetry(attempts=4, first_delay=0.01, max_delay=0.02)


def reading(*, unmatched: int) -> Check:
    """Make the check that calls get their own answers, and so many others are left over."""

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        for count, path in enumerate(("/a", "/b"), 1):
            assert await meeting.read(client, path) == path
            assert client.stats().unmatched == count * unmatched

    return check


async def gives_each_caller_its_own(meeting: Encounter) -> None:
    client = await meeting.client()
    paths = [f"/{number}" for number in range(9)]
    assert await asyncio.gather(*(meeting.read(client, path) for path in paths)) == paths


async def drops_the_late_one(meeting: Encounter) -> None:
    client = await meeting.client()
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.read(client, "/late", timeout=SHORT)
    assert (caught.value.method, caught.value.phase) == ("fs/readFile", "answer")
    assert await meeting.read(client, "/b") == "/b"
    assert client.stats().unmatched == 1


async def makes_errors_of_them(meeting: Encounter) -> None:
    client = await meeting.client()
    expected: list[tuple[int, str, Any]] = [
        (-32603, "in a string", None),
        (-32603, "the server gave no message", None),
        (-32603, "the server gave no message", {"a": 1}),
        (-32603, "17", None),
        (-32600, "said clearly", None),
    ]
    for code, message, data in expected:
        error = await failing_read(meeting, client)
        assert (error.code, error.message, error.data) == (code, message, data)


async def keeps_the_code(meeting: Encounter) -> None:
    client = await meeting.client()
    error = await failing_read(meeting, client)
    assert type(error) is JsonRpcError
    assert (error.code, error.data) == (31337, {"detail": [1, 2]})


async def failing_read(meeting: Encounter, client: Any) -> JsonRpcError:
    with pytest.raises(JsonRpcError) as caught:
        await meeting.read(client)
    return caught.value


async def keeps_the_misfits(meeting: Encounter) -> None:
    client = await meeting.client()
    for misfit in (None, {"dataBase64": ["no", "text"]}, "a string"):
        with pytest.raises(InvalidResponseError) as caught:
            await meeting.read(client)
        assert caught.value.result == misfit
    assert await meeting.read(client) == "/a"


async def sends_again(meeting: Encounter) -> None:
    client = await meeting.client(overload_retry=HASTY)
    assert await meeting.read(client) == "/a"
    events, error = await meeting.follow(await meeting.start_turn(client))
    assert (len(events), error) == (4, None)
    assert client.stats().retries == 4


async def sends_turns_again(meeting: Encounter) -> None:
    codex = await meeting.codex(overload_retry=HASTY)
    thread = await meeting.run(codex.thread_start)
    assert (await meeting.say_hello(thread)).final_response == "hello"
    assert codex.stats().retries == 4


async def gives_up(meeting: Encounter) -> None:
    client = await meeting.client(overload_retry=HASTY)
    with pytest.raises(ServerBusyError):
        await meeting.read(client)
    assert client.stats().retries == HASTY.attempts - 1


async def sends_once(meeting: Encounter) -> None:
    client = await meeting.client()
    with pytest.raises(ServerBusyError):
        await meeting.read(client)
    assert client.stats().retries == 0


UNMATCHED = "The others are counted in `stats().unmatched`; every call gets its own answer."

FAMILY = Family(
    "answers",
    "Answers",
    [
        Case(
            "duplicate_answers",
            "answers each request three times",
            UNMATCHED,
            reading(unmatched=2),
            answering("hello"),
        ),
        Case(
            "unasked_answers",
            "answers what was never asked",
            UNMATCHED,
            reading(unmatched=4),
        ),
        Case(
            "strange_ids",
            "answers under ids that only look right: in a string, with a fraction, `null`, a list",
            UNMATCHED,
            reading(unmatched=6),
        ),
        Case(
            "empty_answers",
            "first answers with neither a result nor an error",
            UNMATCHED,
            reading(unmatched=1),
        ),
        Case(
            "out_of_order",
            "answers requests in another order",
            "Every call gets its own answer.",
            gives_each_caller_its_own,
        ),
        Case(
            "late_answers",
            "answers after the caller's time is up",
            "The caller has got its `RequestTimeoutError`; the late answer is dropped and counted.",
            drops_the_late_one,
        ),
        Case(
            "odd_errors",
            "answers with errors that have no code or no message, or are mere strings",
            "They are raised as `JsonRpcError`, with code -32603 where there is none.",
            makes_errors_of_them,
        ),
        Case(
            "unknown_error_code",
            "answers with an error of a code that nobody knows",
            "A `JsonRpcError` has the code and the data.",
            keeps_the_code,
        ),
        Case(
            "misfit_results",
            "answers with a result that does not fit its type",
            "`InvalidResponseError` has it as it came; the client stays usable.",
            keeps_the_misfits,
        ),
        Case(
            "busy_at_first",
            "is overloaded now and then (-32001)",
            "With `overload_retry`, requests are sent again until they are done.",
            sends_again,
            sends_turns_again,
        ),
        Case(
            "busy_for_good",
            "stays overloaded",
            "After so many attempts, `ServerBusyError`.",
            gives_up,
        ),
        Case(
            "busy_without_retries",
            "is overloaded, and nobody asked for requests to be sent again",
            "`ServerBusyError` at once: nothing is sent again silently.",
            sends_once,
            command=("busy_for_good",),
        ),
    ],
)
