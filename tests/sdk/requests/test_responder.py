"""Who answers the runtime's requests, and what becomes of handlers that fail.

The server asks what a turn tells it to, and the turn's answer is the replies that it got.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import TYPE_CHECKING, Any, get_args

import pytest
from codex_app_server_rpc import ServerRequestHandlers
from codex_app_server_types import (
    AttestationGenerateResponse,
    CurrentTimeReadResponse,
    FileChangeRequestApprovalResponse,
    TurnStatus,
)
from openai_codex import (
    Accept,
    AcceptForSession,
    Cancel,
    Codex,
    CommandApproval,
    Console,
    Decline,
    InvalidArgumentError,
    Park,
    RequestResolvedError,
    RuntimeRequest,
    Submit,
    TransportClosedError,
    deny_all,
    request_from_json,
)
from openai_codex.requests.responder import ASKED

from tests.sdk.requests.asking_server import ask, delta, die, item, replies, resolve, script

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import ApprovalRequest, Elicitation, QuestionRequest, TurnResult

CHANGE = "item/fileChange/requestApproval"
COMMAND = "item/commandExecution/requestApproval"
QUESTIONS = "item/tool/requestUserInput"
ELICITATION = "mcpServer/elicitation/request"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
IDS = {"itemId": "I1", "startedAtMs": 1}
DECLINED = {"decision": "decline"}
ACCEPTED = {"decision": "accept"}
SECRET = "a-secret-that-nobody-may-see"


def change(request_id: int | str = 0, **more: Any) -> list[Any]:
    """Ask for a change of files."""
    return ask(request_id, CHANGE, **{**IDS, **more})


def replies_of(result: TurnResult[Any]) -> Any:
    """Give the replies that the server got in a turn."""
    assert result.final_response is not None
    return json.loads(result.final_response)


def accept(request: ApprovalRequest) -> Accept:
    return Accept()


async def accept_in_time(request: ApprovalRequest) -> Accept:
    await asyncio.sleep(0)
    return Accept()


def nobody(request: ApprovalRequest) -> None:
    return None


class Lenient:
    """An object that is called, as some policies are."""

    async def __call__(self, request: ApprovalRequest) -> Accept:
        await asyncio.sleep(0)
        return Accept()


ONE = script(change(), replies(1))


@pytest.mark.parametrize("policy", [accept, accept_in_time, Lenient()])
def test_the_clients_policy_decides(opened: Callable[..., Codex], policy: Any) -> None:
    codex = opened(approvals=policy)
    assert replies_of(codex.thread_start().run(ONE)) == {"0": [ACCEPTED]}


def test_a_threads_own_policy_decides_on_that_thread(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=accept)
    own, others = codex.thread_start(approvals=deny_all), codex.thread_start()

    assert replies_of(own.run(ONE)) == {"0": [DECLINED]}
    assert replies_of(others.run(ONE)) == {"0": [ACCEPTED]}


def test_the_policy_gets_the_typed_request(opened: Callable[..., Codex]) -> None:
    got: list[ApprovalRequest] = []

    def policy(request: ApprovalRequest) -> Decline:
        got.append(request)
        return Decline()

    changes = [{"path": "/ws/a.txt", "kind": {"type": "add"}, "diff": "hello\n"}]
    started = item("started", type="fileChange", id="I1", changes=changes, status="inProgress")
    thread = opened(approvals=policy).thread_start()
    result = thread.run(script(started, change("seven", reason="why not"), replies(1)))

    [request] = got
    assert request.describe() == "the change of /ws/a.txt (add) (because: why not)"
    assert (request.thread_id, request.turn_id) == (thread.id, result.id)
    assert request.request_id == "seven"
    assert replies_of(result) == {"seven": [DECLINED]}


def test_changes_of_an_item_that_is_over_are_not_those_of_another(
    opened: Callable[..., Codex],
) -> None:
    described: list[str] = []

    def policy(request: ApprovalRequest) -> Decline:
        described.append(request.describe())
        return Decline()

    members = {"type": "fileChange", "id": "I1", "status": "completed"}
    changes = [{"path": "/ws/a.txt", "kind": {"type": "add"}, "diff": ""}]
    steps = [
        item("started", **members, changes=changes),
        item("completed", **members, changes=changes),
        change(),
        replies(1),
    ]
    opened(approvals=policy).thread_start().run(script(*steps))

    assert described == ["the change of files"]


def test_a_thread_decides_for_those_that_its_agent_has_started(
    opened: Callable[..., Codex],
) -> None:
    codex = opened()
    spawned = {"type": "collabAgentToolCall", "id": "I1", "tool": "spawnAgent"}
    asking = [change(0, threadId="C1"), change(1, threadId="C2"), change(2, threadId="C3")]
    steps = [
        item("completed", **spawned, receiverThreadIds=["C1", 7]),
        item("completed", **{**spawned, "tool": "wait"}, receiverThreadIds=["C2"]),
        item("completed", **spawned, receiverThreadIds="C3"),
    ]

    result = codex.thread_start(approvals=accept).run(script(*steps, *asking, replies(3)))

    assert replies_of(result) == {"0": [ACCEPTED], "1": [DECLINED], "2": [DECLINED]}


def test_a_thread_that_is_resumed_has_the_policy_that_it_is_given(
    opened: Callable[..., Codex],
) -> None:
    codex = opened(approvals=accept)
    thread = codex.thread_start(approvals=deny_all)

    assert replies_of(codex.thread_resume(thread.id).run(ONE)) == {"0": [DECLINED]}
    again = codex.thread_resume(thread.id, approvals=accept_in_time)
    assert replies_of(again.run(ONE)) == {"0": [ACCEPTED]}
    unknown = codex.thread_resume("T9", approvals=deny_all)
    assert replies_of(unknown.run(ONE)) == {"0": [DECLINED]}


def test_a_copy_has_the_policy_of_the_original_or_its_own(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=accept)
    thread = codex.thread_start(approvals=deny_all)

    assert replies_of(codex.thread_fork(thread.id).run(ONE)) == {"0": [DECLINED]}
    own = codex.thread_fork(thread.id, approvals=accept_in_time)
    assert replies_of(own.run(ONE)) == {"0": [ACCEPTED]}
    assert replies_of(thread.run(ONE)) == {"0": [DECLINED]}


def test_a_thread_that_was_archived_keeps_its_policy(opened: Callable[..., Codex]) -> None:
    codex = opened(approvals=accept)
    thread = codex.thread_start(approvals=deny_all)
    codex.thread_archive(thread.id)

    assert replies_of(codex.thread_unarchive(thread.id).run(ONE)) == {"0": [DECLINED]}


def test_questions_and_forms_go_with_a_thread_as_well(opened: Callable[..., Codex]) -> None:
    codex = opened()
    form = {"mode": "form", "message": "?", "serverName": "S", "requestedSchema": SCHEMA}
    asked = [{"id": "q", "header": "H", "question": "Q?"}]
    question = ask(0, QUESTIONS, **IDS, isBlocking=False, questions=asked)
    steps = script(question, ask(1, ELICITATION, **form), replies(2))

    def yes(request: QuestionRequest) -> dict[str, str]:
        return {"q": "yes"}

    def fill_in(request: Elicitation) -> Submit:
        return Submit({"a": "b"})

    own: dict[str, Any] = {"questions": yes, "elicitations": fill_in}
    answers = {
        "0": [{"answers": {"q": {"answers": ["yes"]}}}],
        "1": [{"action": "accept", "content": {"a": "b"}}],
    }
    nobodys: dict[str, Any] = {"0": [{"answers": {}}], "1": [{"action": "decline"}]}
    thread = codex.thread_start()

    assert replies_of(thread.run(steps)) == nobodys
    assert replies_of(codex.thread_start(**own).run(steps)) == answers
    assert replies_of(codex.thread_resume(thread.id, **own).run(steps)) == answers
    assert replies_of(codex.thread_fork(thread.id, **own).run(steps)) == answers
    assert replies_of(opened(**own).thread_start().run(steps)) == answers


# --- nobody, or nobody with an opinion ----------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "why"), [(None, "no approvals= to answer"), (nobody, "approvals= gives no answer")]
)
def test_what_nobody_decides_is_declined_and_named_in_the_log_once(
    opened: Callable[..., Codex],
    policy: Any,
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "openai_codex")
    thread = opened(approvals=policy).thread_start()
    steps = [ask(n, COMMAND, **IDS, command=f"rm {n}") for n in (0, 1)]

    result = thread.run(script(*steps, replies(2)))

    assert replies_of(result) == {"0": [DECLINED], "1": [DECLINED]}
    said = {record.getMessage(): record.levelno for record in caplog.records}
    assert sorted(said.values()) == [logging.INFO, logging.WARNING]
    for message in said:
        assert f"turn {result.id} of thread {thread.id}" in message
        assert why in message
    assert {text in " ".join(said) for text in ("the command rm 0", "the command rm 1")} == {True}


def test_a_policy_that_declines_is_no_reason_to_warn(
    opened: Callable[..., Codex], caplog: pytest.LogCaptureFixture
) -> None:
    result = opened(approvals=deny_all).thread_start().run(ONE)

    assert replies_of(result) == {"0": [DECLINED]}
    assert caplog.records == []


def test_handlers_in_the_protocols_words_come_first(opened: Callable[..., Codex]) -> None:
    handlers = ServerRequestHandlers(
        item_file_change_request_approval=lambda _: FileChangeRequestApprovalResponse.from_wire(
            {"decision": "cancel"}
        ),
        attestation_generate=lambda _: AttestationGenerateResponse(token="T"),
    )
    codex = opened(approvals=accept, handlers=handlers)
    steps = [change(0), ask(1, "attestation/generate"), ask(2, COMMAND, **IDS)]

    answers = replies_of(codex.thread_start().run(script(*steps, replies(3))))

    assert answers == {"0": [{"decision": "cancel"}], "1": [{"token": "T"}], "2": [ACCEPTED]}


def test_the_last_resort_answers_what_nobody_else_does(opened: Callable[..., Codex]) -> None:
    seen: list[str] = []

    def otherwise(request: Any) -> Any:
        seen.append(request.method)
        return AttestationGenerateResponse(token="T") if "attestation" in request.method else None

    codex = opened(handlers=ServerRequestHandlers(otherwise=otherwise))
    steps = [change(0), ask(1, "attestation/generate"), ask(2, "made/up")]

    answers = replies_of(codex.thread_start().run(script(*steps, replies(3))))

    assert answers["0"] == [DECLINED]
    assert answers["1"] == [{"token": "T"}]
    assert answers["2"][0]["code"] == -32601
    assert sorted(seen) == ["attestation/generate", CHANGE, "made/up"]


def test_a_last_resort_for_some_kinds_takes_none_from_the_policy(
    opened: Callable[..., Codex],
) -> None:
    def otherwise(request: Any) -> Any:
        return AttestationGenerateResponse(token=request.method)

    handlers = ServerRequestHandlers(otherwise=otherwise, otherwise_for={"attestation/generate"})
    codex = opened(approvals=accept, handlers=handlers)
    steps = [change(0), ask(1, "attestation/generate"), ask(2, "made/up")]

    answers = replies_of(codex.thread_start().run(script(*steps, replies(3))))

    assert answers["0"] == [ACCEPTED]
    assert answers["1"] == [{"token": "attestation/generate"}]
    assert answers["2"][0]["code"] == -32601


def test_the_last_resort_decides_only_what_it_is_for(
    opened: Callable[..., Codex], caplog: pytest.LogCaptureFixture
) -> None:
    def otherwise(request: Any) -> Any:
        raise AssertionError(request.method)

    handlers = ServerRequestHandlers(otherwise=otherwise, otherwise_for={"made/up"})

    assert replies_of(opened(handlers=handlers).thread_start().run(ONE)) == {"0": [DECLINED]}
    assert "there is no approvals= to answer it" in caplog.text


def test_people_are_asked_all_kinds_that_there_are_types_of() -> None:
    kinds = get_args(RuntimeRequest)
    assert {kind.method for kind in kinds} == ASKED


@pytest.mark.parametrize("policy", ["accept", Accept(), 7, Accept, Console])
def test_what_is_no_function_is_refused_at_once(opened: Callable[..., Codex], policy: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="approvals is a function"):
        opened(approvals=policy)
    with pytest.raises(InvalidArgumentError, match="approvals is a function"):
        opened().thread_start(approvals=policy)


# --- handlers that fail -------------------------------------------------------------------------


async def waits_for_ever(request: ApprovalRequest) -> Accept:
    await asyncio.Event().wait()
    return Accept()


def raises(request: ApprovalRequest) -> Accept:
    raise RuntimeError("what went wrong")


async def raises_later(request: ApprovalRequest) -> Accept:
    await asyncio.sleep(0)
    raise RuntimeError("what went wrong")


def returns(answer: object) -> Any:
    """Make a policy of the wrong type."""

    def policy(request: ApprovalRequest) -> object:
        return answer

    return policy


def takes_nothing() -> Accept:
    return Accept()


WRONG: list[tuple[Any, str]] = [
    (raises, "what went wrong"),
    (raises_later, "what went wrong"),
    (returns("accept"), "cannot be answered by 'accept'"),
    (returns(True), "cannot be answered by True"),
    (takes_nothing, "takes 0 positional arguments"),
    (returns(AcceptForSession), "cannot be answered by <class"),
]


@pytest.mark.parametrize(("policy", "reason"), WRONG)
def test_a_policy_that_fails_declines_and_is_in_the_log_with_the_ids(
    opened: Callable[..., Codex], policy: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    thread = opened(approvals=policy).thread_start()

    result = thread.run(script(change("R7"), replies(1)))

    assert replies_of(result) == {"R7": [DECLINED]}
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    for part in ("'R7'", CHANGE, thread.id, result.id, "'I1'"):
        assert part in record.getMessage()
    assert record.exc_info is not None
    assert reason in str(record.exc_info[1])
    assert replies_of(thread.run(script())) == {}


def test_params_that_do_not_fit_are_declined_and_not_shown(
    opened: Callable[..., Codex], caplog: pytest.LogCaptureFixture
) -> None:
    thread = opened(approvals=accept).thread_start()

    result = thread.run(script(change(0, reason=[SECRET]), replies(1)))

    assert replies_of(result) == {"0": [DECLINED]}
    assert "reason" in caplog.text
    assert SECRET not in caplog.text


def test_a_policy_that_takes_too_long_declines(
    opened: Callable[..., Codex], caplog: pytest.LogCaptureFixture
) -> None:
    codex = opened(approvals=waits_for_ever, config={"handler_timeout": 0.05})

    result = codex.thread_start().run(ONE)

    assert replies_of(result) == {"0": [DECLINED]}
    assert "took more than 0.05 s" in caplog.text


class Waiting:
    """A policy that waits, and notes how that ended."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.over = threading.Event()

    async def __call__(self, request: ApprovalRequest) -> Accept:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.over.set()
        return Accept()


def test_a_request_that_is_resolved_elsewhere_cancels_its_policy_and_gets_no_reply(
    opened: Callable[..., Codex],
) -> None:
    waiting = Waiting()
    thread = opened(approvals=waiting).thread_start()

    result = thread.run(
        script(change("first"), resolve("first"), ask("second", "made/up"), replies(1))
    )

    assert waiting.over.wait(10) or not waiting.begun.is_set()
    assert list(replies_of(result)) == ["second"]
    assert replies_of(thread.run(script())) == {}


def test_interrupting_the_turn_cancels_its_policy(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    thread = codex.thread_start()
    handle = thread.turn(script(change(), delta("x"), replies(1)))
    while not waiting.begun.is_set():
        codex.stats()
        handle_passes(codex)

    handle.interrupt()

    assert handle.run().status == TurnStatus.interrupted
    while not waiting.over.is_set():
        handle_passes(codex)
    assert replies_of(thread.run(script())) == {}


def handle_passes(codex: Codex) -> None:
    """Let something go over the wire, while which other things can happen."""
    with pytest.raises(Exception, match="unknown variant"):
        codex.account()


def test_closing_the_client_cancels_its_policies(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    codex.thread_start().turn(ONE, on_cancel="detach")
    while not waiting.begun.is_set():
        handle_passes(codex)

    codex.close()

    assert waiting.over.wait(10)


def test_a_server_that_dies_cancels_its_policies(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    thread = opened(approvals=waiting).thread_start()

    with pytest.raises(TransportClosedError):
        thread.run(script(change(), die()))

    assert waiting.over.wait(10) or not waiting.begun.is_set()


# --- parked requests ----------------------------------------------------------------------------


def park(request: ApprovalRequest) -> Park:
    return Park()


def pending(codex: Codex, count: int) -> list[Any]:
    """Wait until so many requests are pending, and give them."""
    while len(codex.pending_requests) < count:
        handle_passes(codex)
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
        handle_passes(codex)
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
        handle_passes(codex)

    codex.respond(pending(codex, 1)[0], Accept())

    assert replies_of(handle.run()) == {"0": [ACCEPTED]}
    while not waiting.over.is_set():
        handle_passes(codex)


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
        handle_passes(codex)

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


# --- at the same time ---------------------------------------------------------------------------


def test_a_person_who_thinks_holds_nobody_up(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    slow = codex.thread_start().turn(ONE)
    while not waiting.begun.is_set():
        handle_passes(codex)

    quick = codex.thread_start(approvals=accept)
    events = [*quick.turn(script(*[delta("x")] * 1000, change("other"), replies(1))).stream()]

    assert sum(event.method == "item/agentMessage/delta" for event in events) == 1000
    assert not waiting.over.is_set()
    codex.respond(pending(codex, 1)[0], Accept())
    assert replies_of(slow.run()) == {"0": [ACCEPTED]}


def test_the_clock_is_read_while_many_people_think(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(
        approvals=waiting,
        handlers=ServerRequestHandlers(
            current_time_read=lambda _: CurrentTimeReadResponse(current_time_at=7)
        ),
    )
    steps = [change(n, itemId=f"I{n}") for n in range(140)]
    steps += [ask("clock", "currentTime/read"), ask("proof", "attestation/generate"), replies(2)]
    handle = codex.thread_start().turn(script(*steps), timeout=60)

    answers = replies_of(handle.run())

    assert answers["clock"] == [{"currentTimeAt": 7}]
    assert list(answers) in (["clock", "proof"], ["proof", "clock"])
