"""What becomes of servers that close their streams, do not use them, or will not end."""

from __future__ import annotations

import pytest
from codex_app_server_rpc import RequestTimeoutError, TransportClosedError

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.table import Case, Family

SHORT = 0.3
MORE_THAN_A_PIPE = "/x" * (1024 * 1024)


async def gives_up_sending(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    phases: list[str] = []
    for path in (MORE_THAN_A_PIPE, "/b"):
        with pytest.raises(RequestTimeoutError) as caught:
            await meeting.read(client, path, timeout=SHORT)
        phases.append(caught.value.phase)
    assert phases[1] == "sending"
    await ends_in_time(meeting, client)


async def cannot_send(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    with pytest.raises(TransportClosedError, match="does not read any more"):
        await meeting.read(client, "/b")


async def loses_it(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    with pytest.raises(TransportClosedError):
        await meeting.read(client, timeout=None)


async def reads_as_usual(meeting: Encounter) -> None:
    client = await meeting.client()
    for path in ("/a", "/b"):
        assert await meeting.read(client, path) == path


async def ends_what_is_stopped(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    with pytest.raises(RequestTimeoutError):
        await meeting.read(client, timeout=SHORT)
    await ends_in_time(meeting, client)


async def ends_what_is_deaf(meeting: Encounter) -> None:
    meeting.be_impatient()
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    await ends_in_time(meeting, client)


async def ends_what_is_deaf_on_the_facade(meeting: Encounter) -> None:
    meeting.be_impatient()
    codex = await meeting.codex()
    thread = await meeting.run(codex.thread_start)
    assert (await meeting.say_hello(thread)).final_response == "hello"
    await ends_in_time(meeting, codex)


async def kills_it(meeting: Encounter) -> None:
    client = await meeting.client()
    assert await meeting.read(client) == "/a"
    await meeting.close(client, mode="kill")
    assert not meeting.process_ids()


async def ends_in_time(meeting: Encounter, client: object) -> None:
    """Close a client and see that the server is gone by then."""
    await meeting.close(client)
    assert not meeting.process_ids()


ENDED = "`close()` asks (the end of stdin, then SIGTERM), then kills, some seconds each."

FAMILY = Family(
    "pipes",
    "Streams and ends",
    [
        Case(
            "unread_stdin",
            "does not read its stdin any more",
            "`RequestTimeoutError` after the call's `timeout`, also for messages bigger than the "
            "pipe; `close()` ends the server.",
            gives_up_sending,
        ),
        Case(
            "closed_stdin",
            "closes its stdin, and lives on",
            "`TransportClosedError` for the next call.",
            cannot_send,
        ),
        Case(
            "closed_stdout",
            "closes its stdout, and lives on",
            "Everybody who waits gets `TransportClosedError`; the server is ended.",
            loses_it,
        ),
        Case(
            "all_closed",
            "closes all its streams, and lives on",
            "Everybody who waits gets `TransportClosedError`; the server is ended.",
            loses_it,
        ),
        Case(
            "closed_stderr",
            "closes its stderr",
            "Nothing is different.",
            reads_as_usual,
        ),
        Case(
            "stopped",
            "is stopped (SIGSTOP)",
            f"Requests raise `RequestTimeoutError`. {ENDED}",
            ends_what_is_stopped,
        ),
        Case(
            "deaf_to_the_end",
            "ignores the end of its stdin",
            ENDED,
            ends_what_is_deaf,
            ends_what_is_deaf_on_the_facade,
        ),
        Case(
            "deaf_to_everything",
            "ignores the end of its stdin and SIGTERM",
            ENDED,
            ends_what_is_deaf,
            ends_what_is_deaf_on_the_facade,
        ),
        Case(
            "deaf_and_killed",
            'ignores them too, but is closed by `close(mode="kill")`',
            "It ends at once.",
            kills_it,
            command=("deaf_to_everything",),
            within=5,
        ),
    ],
)
