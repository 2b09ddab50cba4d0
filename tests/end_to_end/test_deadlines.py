"""What a turn's time limits do on the real runtime."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from openai_codex import (
    Codex,
    InvalidArgumentError,
    TurnIdleTimeoutError,
    TurnTimeoutError,
)
from openai_codex.testing import Gate, ModelServer, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import CodexConfig, Thread


def hang(model: ModelServer) -> None:
    """Let the model begin an answer and never end it."""
    model.add(Reply.text("never ", Gate(), "finished"))


def says_next(thread: Thread, model: ModelServer) -> bool:
    model.add(Reply.text("Next."))
    return thread.run("And now?").final_response == "Next."


def test_a_turn_that_takes_too_long_is_interrupted_and_the_thread_goes_on(
    codex: Codex, model: ModelServer
) -> None:
    hang(model)
    thread = codex.thread_start()

    with pytest.raises(TurnTimeoutError, match="not over within 1 s") as caught:
        thread.run("Take your time.", timeout=1)

    assert caught.value.timeout == 1
    assert caught.value.result.status == "interrupted"
    assert (codex.stats().consumers, codex.stats().active_turns) == (0, 0)
    assert says_next(thread, model)


def test_a_turn_in_which_nothing_happens_is_interrupted(codex: Codex, model: ModelServer) -> None:
    hang(model)
    thread = codex.thread_start()

    with pytest.raises(TurnIdleTimeoutError, match=r"nothing happened .* for 2 s") as caught:
        thread.run("Take your time.", idle_timeout=2)

    assert caught.value.result.status == "interrupted"
    assert says_next(thread, model)


def test_progress_that_the_result_does_not_need_keeps_a_turn_from_being_idle(
    codex: Codex, model: ModelServer
) -> None:
    model.add(Reply.text(*(f"{number} " for number in range(30)), delay=0.1))

    result = codex.thread_start().run("Count.", idle_timeout=2)

    assert str(result.final_response).split() == [str(number) for number in range(30)]


def test_the_error_carries_what_the_turn_did(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.command("echo done", call_id="call_a"))
    hang(model)
    thread = codex.thread_start()

    with pytest.raises(TurnTimeoutError) as caught:
        thread.run("Do something.", timeout=5)

    result = caught.value.result
    assert [item.type for item in result.items] == ["userMessage", "commandExecution"]
    assert result.usage is not None


def test_the_error_tells_what_was_tried_again(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, model: ModelServer
) -> None:
    model.add(Reply.disconnect())
    hang(model)
    retrying = replace(config, config_overrides=model.config_overrides(stream_max_retries=2))
    thread = opened(retrying).thread_start()

    with pytest.raises(
        TurnTimeoutError, match=r"not over within 4 s; it was retrying: .+"
    ) as caught:
        thread.run("Try.", timeout=4)

    assert caught.value.result.retries


def test_a_stream_ends_with_the_turns_timeout(codex: Codex, model: ModelServer) -> None:
    hang(model)
    handle = codex.thread_start().turn("Take your time.", timeout=1)
    seen: list[str] = []

    def follow() -> None:
        seen.extend(event.method for event in handle.stream())

    with pytest.raises(TurnTimeoutError):
        follow()

    assert "turn/started" in seen
    assert codex.stats().active_turns == 0


def test_limits_that_are_no_times_are_refused_before_anything_is_sent(
    codex: Codex, model: ModelServer
) -> None:
    thread = codex.thread_start()

    with pytest.raises(InvalidArgumentError, match="timeout"):
        thread.run("Go.", timeout=-1)
    with pytest.raises(InvalidArgumentError, match="on_cancel"):
        thread.turn("Go.", on_cancel="stop")  # type: ignore[call-overload]  # that is the point

    assert not model.requests
