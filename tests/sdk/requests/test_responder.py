"""Who answers the runtime's requests, and what becomes of those that nobody does.

The server asks what a turn tells it to, and the turn's answer is the replies that it got.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, get_args

import pytest
from codex_app_server_rpc import ServerRequestHandlers
from codex_app_server_types import (
    AttestationGenerateResponse,
    FileChangeRequestApprovalResponse,
)
from openai_codex import (
    Accept,
    Codex,
    Console,
    Decline,
    InvalidArgumentError,
    RuntimeRequest,
    Submit,
    deny_all,
)
from openai_codex.requests.responder import ASKED

from tests.sdk.requests.asking_server import ask, item, replies, script
from tests.sdk.requests.scenes import (
    ACCEPTED,
    CHANGE,
    COMMAND,
    DECLINED,
    IDS,
    ONE,
    accept,
    accept_in_time,
    change,
    replies_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import ApprovalRequest, Elicitation, QuestionRequest


QUESTIONS = "item/tool/requestUserInput"
ELICITATION = "mcpServer/elicitation/request"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def nobody(request: ApprovalRequest) -> None:
    return None


class Lenient:
    """An object that is called, as some policies are."""

    async def __call__(self, request: ApprovalRequest) -> Accept:
        await asyncio.sleep(0)
        return Accept()


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
