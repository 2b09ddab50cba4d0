"""Policies that fail, give nonsense or never end: one valid reply, or none that is too late."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import (
    TurnStatus,
)
from openai_codex import (
    Accept,
    AcceptForSession,
    Codex,
    TransportClosedError,
)

from tests.sdk.requests.asking_server import ask, delta, die, replies, resolve, script
from tests.sdk.requests.scenes import (
    CHANGE,
    DECLINED,
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

SECRET = "a-secret-that-nobody-may-see"


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
        give_time(codex)

    handle.interrupt()

    assert handle.run().status == TurnStatus.interrupted
    while not waiting.over.is_set():
        give_time(codex)
    assert replies_of(thread.run(script())) == {}


def test_closing_the_client_cancels_its_policies(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    codex = opened(approvals=waiting)
    codex.thread_start().turn(ONE, on_cancel="detach")
    while not waiting.begun.is_set():
        give_time(codex)

    codex.close()

    assert waiting.over.wait(10)


def test_a_server_that_dies_cancels_its_policies(opened: Callable[..., Codex]) -> None:
    waiting = Waiting()
    thread = opened(approvals=waiting).thread_start()

    with pytest.raises(TransportClosedError):
        thread.run(script(change(), die()))

    assert waiting.over.wait(10) or not waiting.begun.is_set()
