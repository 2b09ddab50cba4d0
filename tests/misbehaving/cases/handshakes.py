"""What becomes of greetings that go wrong."""

from __future__ import annotations

import pytest
from openai_codex import (
    InvalidRequestError,
    InvalidResponseError,
    RequestTimeoutError,
    RuntimeTooOldError,
)

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.table import Case, Check, Family

PATIENT = 2.0
"""How long is waited for something that does not come, while other things must, in seconds."""


def failing(error: type[Exception]) -> Check:
    """Make the check that the start of a raw client fails like that."""

    async def check(meeting: Encounter) -> None:
        with pytest.raises(error):
            await meeting.client()
        assert not meeting.process_ids()

    return check


def failing_on_the_facade(error: type[Exception]) -> Check:
    """Make the check that the start of the facade fails like that."""

    async def check(meeting: Encounter) -> None:
        with pytest.raises(error):
            await meeting.codex()
        assert not meeting.process_ids()

    return check


async def reads_as_usual(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    assert client.stats().unmatched == 1


async def answers_at_once(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "the reply to 0"
    assert (await meeting.read(client)).startswith("more: {'id': 2, 'method'")


async def waits_no_longer_than_for_a_request(meeting: Encounter) -> None:
    meeting.be_impatient()
    with pytest.raises(RequestTimeoutError) as caught:
        await meeting.client(request_timeout=PATIENT)
    assert (caught.value.method, caught.value.phase) == ("initialize", "sending")
    assert not meeting.process_ids()


async def works_all_the_same(meeting: Encounter) -> None:
    codex = await meeting.codex()
    assert codex.metadata.server_info.version is None
    thread = await meeting.run(codex.thread_start)
    assert (await meeting.say_hello(thread)).final_response == "hello"


ENDED = "The error is raised where the client is opened, and the server's process is ended."

FAMILY = Family(
    "handshakes",
    "The handshake",
    [
        Case(
            "initialize_refused",
            "answers `initialize` with an error",
            ENDED,
            failing(InvalidRequestError),
            failing_on_the_facade(InvalidRequestError),
        ),
        Case(
            "initialize_misfit",
            "answers `initialize` with something that does not fit",
            ENDED,
            failing(InvalidResponseError),
            failing_on_the_facade(InvalidResponseError),
        ),
        Case(
            "initialize_twice_answered",
            "answers `initialize` twice",
            "The second answer is counted and dropped.",
            reads_as_usual,
        ),
        Case(
            "talk_before_the_greeting",
            "sends notifications and a request before it answers `initialize`",
            "The request gets its one reply; the client opens as usual.",
            answers_at_once,
        ),
        Case(
            "ask_before_the_greeting",
            "asks 5,000 things before it answers `initialize`, and reads no more",
            "`RequestTimeoutError` where the client is opened: the handshake has the deadline of a "
            "request. The server's process is ended.",
            waits_no_longer_than_for_a_request,
        ),
        Case(
            "too_old",
            "is older than this library can use",
            "`RuntimeTooOldError` where the client is opened; the server's process is ended.",
            failing(RuntimeTooOldError),
            failing_on_the_facade(RuntimeTooOldError),
        ),
        Case(
            "too_old_to_greet",
            "is so old that its answer to `initialize` does not fit",
            "`RuntimeTooOldError` as well.",
            failing(RuntimeTooOldError),
            failing_on_the_facade(RuntimeTooOldError),
        ),
        Case(
            "no_version",
            "does not say its version",
            "It is given a chance, and the log says so.",
            facade=works_all_the_same,
        ),
    ],
)
