"""The table of the server's open requests: by identity, in order, and counted by turn."""

from __future__ import annotations

import random

from codex_app_server_rpc import ServerRequest
from codex_app_server_rpc.core.open_requests import OpenRequests


def request(request_id: int, **params: str) -> ServerRequest:
    return ServerRequest(request_id, "item/tool/call", dict(params))


def test_requests_are_open_by_identity_and_in_order() -> None:
    table = OpenRequests()
    first, second = request(0, threadId="T"), request(1)
    table.add(first)
    table.add(second)

    assert list(table) == [first, second]
    assert first in table
    assert request(0, threadId="T") not in table
    anything: object = 0
    assert anything not in table
    assert table.get(1) is second

    table.remove(first)
    assert list(table) == [second]
    assert table.get(0) is None


def test_a_turn_waits_as_long_as_a_request_names_it_or_its_thread() -> None:
    table = OpenRequests()
    of_turn, again, of_thread = (
        request(0, threadId="T", turnId="U"),
        request(1, threadId="T", turnId="U"),
        request(2, threadId="T"),
    )
    for one in (of_turn, again, of_thread, request(3)):
        table.add(one)

    assert table.wait_in("T", "U")
    assert table.wait_in("T", "another")
    assert not table.wait_in("another", "U")
    table.remove(of_thread)
    assert not table.wait_in("T", "another")
    table.remove(of_turn)
    assert table.wait_in("T", "U")
    table.remove(again)
    assert not table.wait_in("T", "U")


def test_it_counts_as_one_would_by_looking_at_all() -> None:
    table = OpenRequests()
    numbers = random.Random(5)
    for number in range(2000):
        if len(table) and numbers.random() < 0.5:
            table.remove(numbers.choice(list(table)))
        else:
            turn = numbers.choice([{}, {"turnId": "U"}, {"turnId": "V"}])
            table.add(request(number, threadId=numbers.choice("ST"), **turn))
        for thread, turn_id in (("S", "U"), ("T", "V"), ("S", "W")):
            named = ((thread, turn_id), (thread, None))
            assert table.wait_in(thread, turn_id) == any(one.address in named for one in table)
    table.clear()
    assert len(table) == 0
    assert not table.wait_in("S", "U")
