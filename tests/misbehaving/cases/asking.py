"""What becomes of the server's requests, whoever answers them or does not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import TransportClosedError

from tests.misbehaving.encounter import Encounter
from tests.misbehaving.table import Case, Check, Family

DECLINED = {"decision": "decline"}


def accept(params: object) -> types.FileChangeRequestApprovalResponse:
    return types.FileChangeRequestApprovalResponse.from_wire({"decision": "accept"})


async def replies(meeting: Encounter, client: Any) -> list[dict[str, Any]]:
    """Read what the server got as replies."""
    told: list[dict[str, Any]] = json.loads(await meeting.read(client))
    return told


async def answers_safely(meeting: Encounter) -> None:
    client = await meeting.client()
    got = {reply["id"]: reply for reply in await replies(meeting, client)}
    assert got[0]["result"] == got[1]["result"] == DECLINED
    assert got[2]["result"] == {"answers": {}}
    assert got[3]["result"]["currentTimeAt"] > 1_700_000_000
    assert got[4]["error"]["code"] == -32603
    assert len(await replies(meeting, client)) == 5


async def knows_no_such_method(meeting: Encounter) -> None:
    client = await meeting.client()
    (reply,) = await replies(meeting, client)
    assert (reply["id"], reply["error"]["code"]) == (0, -32601)
    assert "moon/requestLanding" in reply["error"]["message"]
    assert client.stats().unknown == 1
    assert await replies(meeting, client) == [reply]


async def declines_the_unfit(meeting: Encounter) -> None:
    handlers = meeting.driver.handlers(item_file_change_request_approval=accept)
    client = await meeting.client(handlers=handlers)
    assert await replies(meeting, client) == [{"id": 0, "result": DECLINED}]


def replying(ids: list[object], *, skipped: int = 0) -> Check:
    """Make the check that exactly these requests get their reply, once each."""

    async def check(meeting: Encounter) -> None:
        client = await meeting.client()
        for _ in range(2):
            got = await replies(meeting, client)
            assert [reply["result"] for reply in got] == [DECLINED] * len(ids)
            assert sorted(map(repr, (reply["id"] for reply in got))) == sorted(map(repr, ids))
        assert client.stats().skipped == skipped

    return check


async def cancels_the_handler(meeting: Encounter) -> None:
    entered, cancelled = meeting.gate(), meeting.gate()

    async def never(params: object) -> types.FileChangeRequestApprovalResponse:
        entered.open()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cancelled.open()
        return accept(params)

    handlers = meeting.driver.handlers(item_file_change_request_approval=never)
    client = await meeting.client(handlers=handlers)
    await meeting.read(client)
    await entered.passed()
    assert client.stats().server_requests == 1
    await meeting.read(client)
    assert client.stats().server_requests == 0
    await cancelled.passed()
    assert await replies(meeting, client) == []


async def leaves_the_handler_alone(meeting: Encounter) -> None:
    entered, leave = meeting.gate(), meeting.gate()
    handler = meeting.driver.handler(accept, entered, leave)
    handlers = meeting.driver.handlers(item_file_change_request_approval=handler)
    client = await meeting.client(handlers=handlers)
    await meeting.read(client)
    await entered.passed()
    with pytest.raises(TransportClosedError) as caught:
        await meeting.read(client)
    assert caught.value.exit_code == 9
    leave.open()
    await meeting.driver.join_workers()
    assert client.stats().server_requests == 0


ONCE = "Each gets exactly one reply, under its own id."

FAMILY = Family(
    "asking",
    "Requests of the server",
    [
        Case(
            "nobody_listens",
            "makes requests of several kinds to a client without handlers",
            "Each gets the safe answer of its kind: approvals are declined, questions are not "
            "answered, the clock is read, and secrets are refused (-32603).",
            answers_safely,
        ),
        Case(
            "unknown_kind",
            "makes a request of a kind that this version does not know",
            "It gets the error -32601, and is counted in `stats().unknown`.",
            knows_no_such_method,
        ),
        Case(
            "unfit_params",
            "makes a request whose params do not fit their type",
            "Its handler is not called; it gets the safe answer.",
            declines_the_unfit,
        ),
        Case(
            "ids_of_all_kinds",
            'has the ids `0`, `"0"`, `-1` and a long string open at once',
            ONCE,
            replying([0, "0", -1, "ü" * 300]),
        ),
        Case(
            "ids_that_are_none",
            "makes requests under `null`, fractions, booleans, lists and objects",
            "They cannot be answered: they are skipped, counted and logged.",
            replying([1], skipped=5),
        ),
        Case(
            "same_id_twice",
            "uses an id again, once before and once after its request was answered",
            "The first repetition, such as the runtime makes when a thread is resumed, gets no "
            "reply of its own; the second is a new request.",
            replying([7, 7]),
        ),
        Case(
            "resolved_at_once",
            "withdraws a request before anybody could answer, and others that it never made",
            "No reply is sent to what was withdrawn.",
            replying([4]),
        ),
        Case(
            "resolved_meanwhile",
            "withdraws a request while its handler is at work",
            "The handler, if it is a coroutine, is cancelled; no reply is sent.",
            cancels_the_handler,
        ),
        Case(
            "dead_while_asking",
            "dies while a handler is at work",
            "`TransportClosedError` for everybody who waits; the handler's answer is dropped.",
            leaves_the_handler_alone,
        ),
    ],
)
