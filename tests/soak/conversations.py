"""All that is said between client and server while nobody is cancelled, checked word by word."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from openai_codex import InvalidRequestError, RequestTimeoutError

from tests.soak.cancellations import Act
from tests.soak.site import Site, word_of

__all__ = ["CONVERSATIONS"]

BURST = 24
"""How many requests are made at once: more than may be in flight."""

FLOOD = 5001
"""How many notifications make a flood, an odd number for those that cannot be merged."""

TICK = 0.01
"""How long an answer that comes too late is waited for, in seconds."""


# --- requests --------------------------------------------------------------------------------


async def makes_many_requests(site: Site) -> None:
    paths = [f"/echo {number}" for number in range(BURST)]
    assert await asyncio.gather(*map(site.read, paths)) == paths


async def does_not_wait_for_an_answer(site: Site) -> None:
    try:
        assert await site.read("/late 1", timeout=TICK) == "/late 1"  # others speak as well
    except RequestTimeoutError:
        assert await site.read("/echo 2") == "/echo 2"


async def is_refused(site: Site) -> None:
    with pytest.raises(InvalidRequestError):
        await site.run(site.client.model_list)


async def meets_an_overloaded_server(site: Site) -> None:
    assert await site.read("/busy 1") == "/busy 1"


async def meets_a_flood(site: Site) -> None:
    assert await site.read(f"/flood {FLOOD}") == f"/flood {FLOOD}"


async def meets_rubbish(site: Site) -> None:
    assert await site.read("/rubbish 5") == "/rubbish 5"


async def subscribes(site: Site) -> None:
    subscription = site.client.subscribe(["account/rateLimits/updated"])
    await site.read("/flood 7")
    for _ in range(7):
        event = await site.run(subscription.next, 10)
        assert event.params == {"rateLimits": {}}
    await site.run(subscription.close)


# --- turns -----------------------------------------------------------------------------------


async def runs_turns(site: Site) -> None:
    thread = await site.thread()
    for word in ("say 3", "early 3"):
        result = await site.run(thread.run, word)
        assert (result.status, result.final_response) == ("completed", "word0 word1 word2 ")


async def runs_turns_side_by_side(site: Site) -> None:
    threads = [await site.thread() for _ in range(4)]
    results = await asyncio.gather(*(site.run(thread.run, "family 5") for thread in threads))
    assert {result.final_response for result in results} == {"word0 word1 word2 word3 word4 "}


async def follows_a_turn(site: Site) -> None:
    handle = await site.run((await site.thread()).turn, "say 50")
    events = await site.follow(handle.stream())
    deltas = [event.params["delta"] for event in events if event.method.endswith("delta")]
    assert len(deltas) == 50
    assert (await site.run(handle.run)).final_response == "".join(deltas)


async def dawdles_over_a_turn(site: Site) -> None:
    stream = await site.start_turn("say 20")
    seen: list[Any] = []
    while (event := await site.run(stream.next, 10)) is not None:
        seen.append(event)
        await site.read("/echo")
    assert len(seen) == 23
    assert stream.is_over


async def reads_a_long_turn(site: Site) -> None:
    stream = await site.start_turn(f"rant {FLOOD - 1}")
    events = await site.follow(stream)
    text = "".join(event.params["delta"] for event in events if event.method.endswith("delta"))
    assert text == "w " * (FLOOD - 1)


async def does_not_read_a_turn(site: Site) -> None:
    stream = await site.start_turn(f"rant {FLOOD - 1}")
    await site.read("/echo")  # by then the turn is over
    assert stream.is_over
    await site.run(stream.close)


async def falls_behind(site: Site) -> None:
    size = 2 * FLOOD - 1
    stream = await site.start_turn(f"rant {size}")
    await site.read("/echo")
    events, dropped = await site.follow_with_gaps(stream)
    assert dropped > 0
    assert len(events) + dropped == size + len(("turn/started", "item/completed", "turn/completed"))
    assert stream.is_over


# --- what the server asks --------------------------------------------------------------------


async def is_asked(site: Site) -> None:
    for word, decision in (("ask 1", "accept"), ("ask 2", "decline")):  # one has no handler
        stream = await site.start_turn(word)
        assert word_of(await site.follow(stream)) == decision


async def is_asked_what_takes_too_long(site: Site) -> None:
    stream = await site.start_turn("ask 3")
    assert word_of(await site.follow(stream)) == "decline"


async def is_asked_without_handlers(site: Site) -> None:
    thread = await site.thread()
    result = await site.run(thread.run, "ask 1", idle_timeout=30)
    assert result.final_response == "decline"


async def is_asked_for_nothing(site: Site) -> None:
    stream = await site.start_turn("withdraw")
    assert (await site.run(stream.next, 10)).method == "turn/started"
    await site.read("/echo")
    assert word_of(await site.follow(stream)) == "withdrawn"


CONVERSATIONS: list[Act] = [
    makes_many_requests,
    does_not_wait_for_an_answer,
    is_refused,
    meets_an_overloaded_server,
    meets_a_flood,
    meets_rubbish,
    subscribes,
    runs_turns,
    runs_turns_side_by_side,
    follows_a_turn,
    dawdles_over_a_turn,
    reads_a_long_turn,
    does_not_read_a_turn,
    falls_behind,
    is_asked,
    is_asked_what_takes_too_long,
    is_asked_without_handlers,
    is_asked_for_nothing,
]
