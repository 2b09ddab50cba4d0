"""Requests that wait: parked, answered from elsewhere, given up; and what goes on meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_rpc import ServerRequestHandlers
from codex_app_server_types import AttestationGenerateResponse
from openai_codex import (
    Accept,
    Cancel,
    Codex,
    CommandApproval,
    Decline,
    InvalidArgumentError,
    Park,
    RequestResolvedError,
    TransportClosedError,
    request_from_json,
)

from tests.sdk.requests.asking_server import ask, delta, replies, resolve, script
from tests.sdk.requests.scenes import (
    ACCEPTED,
    COMMAND,
    DECLINED,
    IDS,
    ONE,
    Waiting,
    accept,
    change,
    give_time,
    replies_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import ApprovalRequest


def park(request: ApprovalRequest) -> Park:
    return Park()


def pending(codex: Codex, count: int) -> list[Any]:
    """Wait until so many requests are pending, and give them."""
    while len(codex.pending_requests) < count:
        give_time(codex)
    return [*codex.pending_requests]


def test_a_parked_request_is_answered_by_whoever_has_it(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    thread, other = codex.thread_start(), codex.thread_start()
    handle = thread.turn(ONE)
    [request] = pending(codex, 1)

    assert handle.pending_requests == [request]
    assert thread.pending_requests == [request]
    assert other.pending_requests == []
    codex.respond(request, Accept())

    assert handle.pending_requests == []
    assert replies_of(handle.run()) == {"0": [ACCEPTED]}


def test_a_request_that_was_written_down_is_answered(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    handle = codex.thread_start().turn(ONE)
    [request] = pending(codex, 1)

    again: Any = request_from_json(request.to_json())
    codex.respond(again, Cancel())

    assert replies_of(handle.run()) == {"0": [{"decision": "cancel"}]}


def test_an_answer_is_for_the_request_that_somebody_saw(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    steps = [ask(0, COMMAND, **IDS, command="ls"), resolve(0), ask(1, COMMAND, **IDS, command="rm")]
    asked: list[Any] = []

    def keep(request: ApprovalRequest) -> Park:
        asked.append(request)
        return Park()

    handle = codex.thread_start(approvals=keep).turn(script(*steps, replies(1)))
    while [one.request_id for one in codex.pending_requests] != [1]:
        give_time(codex)
    [waiting] = pending(codex, 1)
    seen = waiting.model_copy(update={"command": "ls"})
    earlier = waiting.model_copy(update={"request_id": 0})

    for other in (seen, earlier, seen.model_copy(update={"request_id": 0})):
        with pytest.raises(RequestResolvedError):
            codex.respond(request_from_json(other.to_json(), CommandApproval), Accept())
    codex.respond(waiting, Decline())

    assert replies_of(handle.run()) == {"1": [DECLINED]}


@pytest.mark.parametrize("request_", [None, "{}", 7])
def test_only_requests_can_be_answered(opened: Callable[..., Codex], request_: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="request is a request, as request_from_json"):
        opened().respond(request_, Accept())


def test_what_waits_for_no_answer_is_refused(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    handle = codex.thread_start().turn(ONE)
    [request] = pending(codex, 1)
    codex.respond(request, Accept())

    with pytest.raises(RequestResolvedError):
        codex.respond(request, Decline())

    assert replies_of(handle.run()) == {"0": [ACCEPTED]}


def test_an_answer_that_is_not_available_leaves_the_request_open(
    opened: Callable[..., Codex],
) -> None:
    codex = opened(approvals=park)
    handle = codex.thread_start().turn(
        script(ask(0, COMMAND, **IDS, availableDecisions=[]), replies(1))
    )
    [request] = pending(codex, 1)
    tampered: Any = request_from_json(request.to_json().replace("[]", '["accept"]'))

    with pytest.raises(RequestResolvedError):
        codex.respond(tampered, Accept())
    with pytest.raises(InvalidArgumentError, match="cannot be answered by Accept"):
        codex.respond(request, Accept())
    codex.respond(request, Decline())

    assert replies_of(handle.run()) == {"0": [DECLINED]}


def test_answering_while_the_policy_is_at_work_cancels_it(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    handle = codex.thread_start().turn(ONE)
    while not waiting.begun.is_set():
        give_time(codex)

    codex.respond(pending(codex, 1)[0], Accept())

    assert replies_of(handle.run()) == {"0": [ACCEPTED]}
    while not waiting.over.is_set():
        give_time(codex)


def test_a_hundred_requests_are_answered_in_any_order(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    steps = [change(n, itemId=f"I{n}") for n in range(200)]
    handle = codex.thread_start().turn(script(*steps, replies(200)))
    requests = pending(codex, 200)

    for request in [*requests[1::2], *reversed(requests[::2])]:
        codex.respond(request, Decline() if request.request_id % 3 else Accept())

    assert replies_of(handle.run()) == {
        str(n): [DECLINED if n % 3 else ACCEPTED] for n in range(200)
    }


def test_a_parked_request_goes_with_its_turn(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    handle = codex.thread_start().turn(ONE)
    [request] = pending(codex, 1)

    handle.interrupt()
    handle.run()

    assert codex.pending_requests == []
    with pytest.raises(RequestResolvedError):
        codex.respond(request, Accept())


def test_a_request_that_does_not_fit_hides_no_other(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    wrong = change(0, reason=["wrong"])
    handle = codex.thread_start().turn(script(wrong, change(1), replies(2)))
    while not waiting.begun.is_set():
        assert {one.request_id for one in codex.pending_requests} <= {1}
        give_time(codex)

    codex.respond(pending(codex, 1)[0], Accept())

    assert replies_of(handle.run()) == {"0": [DECLINED], "1": [ACCEPTED]}


def test_after_an_interrupt_nothing_can_be_answered(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    handle = codex.thread_start().turn(ONE)
    [request] = pending(codex, 1)

    handle.interrupt()

    assert handle.pending_requests == []
    with pytest.raises(RequestResolvedError):
        codex.respond(request, Accept())


def test_nothing_is_pending_after_the_end(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=park)
    codex.thread_start().turn(ONE, on_cancel="detach")
    [request] = pending(codex, 1)
    codex.close()

    assert codex.pending_requests == []
    with pytest.raises(TransportClosedError):
        codex.respond(request, Accept())


def test_a_person_who_thinks_holds_nobody_up(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    slow = codex.thread_start().turn(ONE)
    while not waiting.begun.is_set():
        give_time(codex)

    quick = codex.thread_start(approvals=accept)
    events = [*quick.turn(script(*[delta("x")] * 1000, change("other"), replies(1))).stream()]

    assert sum(event.method == "item/agentMessage/delta" for event in events) == 1000
    assert not waiting.over.is_set()
    codex.respond(pending(codex, 1)[0], Accept())
    assert replies_of(slow.run()) == {"0": [ACCEPTED]}


def test_what_asks_nobody_is_answered_while_many_people_think(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(
        approvals=waiting,
        handlers=ServerRequestHandlers(
            attestation_generate=lambda _: AttestationGenerateResponse(token="T")
        ),
    )
    steps = [change(n, itemId=f"I{n}") for n in range(140)]
    steps += [ask("proof", "attestation/generate"), ask("clock", "currentTime/read"), replies(2)]
    handle = codex.thread_start().turn(script(*steps), timeout=60)

    answers = replies_of(handle.run())

    assert answers["proof"] == [{"token": "T"}]
    assert [list(answer) for answer in answers["clock"]] == [["currentTimeAt"]]
    assert list(answers) in (["clock", "proof"], ["proof", "clock"])
