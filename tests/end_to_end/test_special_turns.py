"""Compactions, reviews, and what a turn failed with, on the real runtime, for both halves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from codex_app_server_types import (
    BaseBranchReviewTarget,
    ContextCompactionThreadItem,
    CustomReviewTarget,
    ErrorNotification,
    ExitedReviewModeThreadItem,
    TurnStatus,
    UncommittedChangesReviewTarget,
)
from openai_codex import InvalidArgumentError, ThreadBusyError, TurnFailedError
from openai_codex.testing import Gate, Reply

from tests.end_to_end.settling import in_the_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Codex, CodexConfig
    from openai_codex.testing import ModelServer


def test_a_compaction_is_a_turn_that_can_be_waited_for(codex: Codex, model: ModelServer) -> None:
    model.add("One.", "In short: one.", "Two.")
    thread = codex.thread_start()
    thread.run("One?")
    handle = thread.compact()
    assert handle.thread_id == thread.id
    result = handle.run()
    assert (result.id, result.status) == (handle.id, TurnStatus.completed)
    assert [type(item) for item in result.items] == [ContextCompactionThreadItem]
    assert thread.run("Two?").final_response == "Two."


def test_a_compaction_can_be_followed_and_interrupted(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add("One.", Reply.text("In short", gate), "Two.")
    thread = codex.thread_start()
    thread.run("One?")
    handle = thread.compact()
    gate.wait_reached()
    with pytest.raises(ThreadBusyError):
        thread.compact()
    handle.interrupt()
    assert [event.method for event in handle.stream()][-1] == "turn/completed"
    assert handle.run().status == TurnStatus.interrupted
    assert thread.run("Two?").final_response == "Two."


def test_a_compaction_that_nobody_waits_for_runs_on(codex: Codex, model: ModelServer) -> None:
    model.add("One.", "In short: one.", "Two.")
    thread = codex.thread_start()
    thread.run("One?")
    thread.compact()
    assert thread.run("Two?", if_busy="wait").final_response == "Two."


@pytest.mark.parametrize(
    "target", ["Look at it.", CustomReviewTarget(instructions="Look at it.")], ids=["text", "typed"]
)
def test_a_review_is_a_turn_whose_answer_is_the_review(
    codex: Codex, model: ModelServer, target: Any
) -> None:
    model.add("It is fine.", "Indeed.")
    thread = codex.thread_start()
    handle = thread.review(target)
    result = handle.run()
    assert (result.status, result.final_response) == (TurnStatus.completed, "It is fine.")
    assert ExitedReviewModeThreadItem in [type(item) for item in result.items]
    assert thread.run("Is it?").final_response == "Indeed."
    assert in_the_end(codex, "active_turns") == 0


def test_a_review_of_uncommitted_changes_is_asked_for_alike(
    codex: Codex, model: ModelServer
) -> None:
    model.add("Nothing to see.")
    handle = codex.thread_start().review(UncommittedChangesReviewTarget())
    assert handle.run().final_response == "Nothing to see."


def test_a_review_that_cannot_begin_has_failed(codex: Codex, model: ModelServer) -> None:
    """The runtime names its turn, tells of an error, and never ends it."""
    model.add("But we can talk.")
    handle = codex.thread_start().review(BaseBranchReviewTarget(branch="main"))
    with pytest.raises(TurnFailedError, match="not a git repository") as caught:
        handle.run()
    assert caught.value.result.status == TurnStatus.failed
    assert codex.thread_start().run("Can we?").final_response == "But we can talk."
    assert in_the_end(codex, "active_turns") == 0


def test_what_is_no_target_of_a_review_is_refused(codex: Codex) -> None:
    wrong: Any = 5
    with pytest.raises(InvalidArgumentError):
        codex.thread_start().review(wrong)


def test_a_failure_tells_its_kind_and_the_http_status(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.failure(429, "one at a time"))
    with pytest.raises(TurnFailedError) as caught:
        codex.thread_start().run("Hello?")
    error = caught.value
    assert error.info is not None
    assert error.error is error.result.error
    assert error.http_status == 429


def test_what_was_tried_again_is_progress_and_no_failure(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, model: ModelServer
) -> None:
    model.add(Reply.disconnect(), "Here I am.")
    retrying = replace(config, config_overrides=model.config_overrides(stream_max_retries=2))
    handle = opened(retrying).thread_start().turn("Hello?")
    retried = [
        event.payload.error.message
        for event in handle.stream()
        if isinstance(event.payload, ErrorNotification) and event.payload.will_retry
    ]
    result = handle.run()
    assert (result.status, result.error, result.final_response) == ("completed", None, "Here I am.")
    assert retried
    assert [error.message for error in result.retries] == retried
