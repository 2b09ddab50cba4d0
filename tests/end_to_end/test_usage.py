"""What a turn used, on the real runtime, for both halves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openai_codex.testing import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from openai_codex import Codex, CodexConfig, TurnResult
    from openai_codex.testing import ModelServer


def say(text: str, tokens_in: int, tokens_out: int) -> Reply:
    return Reply.text(text).with_usage(input_tokens=tokens_in, output_tokens=tokens_out)


def used(result: TurnResult) -> tuple[int, int, int]:
    """Give what the turn used, in and out, and the thread's total."""
    assert result.usage is not None
    assert result.turn_usage is not None
    usage = result.turn_usage
    return usage.input_tokens, usage.output_tokens, result.usage.total.total_tokens


def test_each_turn_has_its_own_usage(codex: Codex, model: ModelServer) -> None:
    model.add(say("One.", 10, 1), say("Two.", 20, 2))
    thread = codex.thread_start()
    assert used(thread.run("One?")) == (10, 1, 11)
    assert used(thread.run("Two?")) == (20, 2, 33)


def test_all_requests_of_a_turn_count(codex: Codex, model: ModelServer) -> None:
    model.add(
        Reply.command("echo hello").with_usage(input_tokens=10, output_tokens=1),
        say("Done.", 20, 2),
    )
    assert used(codex.thread_start().run("Do it.")) == (30, 3, 33)


def test_a_resumed_thread_goes_on_where_it_was(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, model: ModelServer
) -> None:
    model.add(say("One.", 10, 1), say("Two.", 20, 2), say("Three.", 40, 4))
    first = opened(config)
    thread = first.thread_start()
    thread.run("One?")
    first.close()
    resumed = opened(config).thread_resume(thread.id)
    assert used(resumed.run("Two?")) == (20, 2, 33)
    assert used(resumed.run("Three?")) == (40, 4, 77)


def test_a_fork_begins_with_the_totals_of_the_original(codex: Codex, model: ModelServer) -> None:
    model.add(say("One.", 10, 1), say("Two.", 20, 2))
    thread = codex.thread_start()
    thread.run("One?")
    assert used(codex.thread_fork(thread.id).run("Two?")) == (20, 2, 33)


def test_a_compaction_uses_what_it_takes_to_sum_up(codex: Codex, model: ModelServer) -> None:
    model.add(say("One.", 10, 1), say("In short: one.", 50, 5), say("Two.", 20, 2))
    thread = codex.thread_start()
    thread.run("One?")
    assert used(thread.compact().run()) == (50, 5, 66)
    assert used(thread.run("Two?")) == (20, 2, 88)


def test_the_compaction_of_a_resumed_thread_has_its_own_usage(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, model: ModelServer
) -> None:
    model.add(say("One.", 10, 1), say("In short: one.", 50, 5))
    first = opened(config)
    thread = first.thread_start()
    thread.run("One?")
    first.close()
    assert used(opened(config).thread_resume(thread.id).compact().run()) == (50, 5, 66)


def test_turns_at_once_on_several_threads_do_not_mix(codex: Codex, model: ModelServer) -> None:
    model.add(*(say("Hi.", 10, 1) for _ in range(4)))
    handles = [codex.thread_start().turn("Hello.") for _ in range(4)]
    assert [used(handle.run()) for handle in handles] == [(10, 1, 11)] * 4
