"""A thread runs one turn at a time: what becomes of what is said on it meanwhile."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest
from openai_codex import (
    InvalidArgumentError,
    InvalidRequestError,
    RequestTimeoutError,
    ThreadBusyError,
)
from openai_codex.testing import Gate, Reply

if TYPE_CHECKING:
    from openai_codex import AsyncCodex, Codex
    from openai_codex.testing import ModelServer


def test_a_second_turn_is_refused_and_the_first_goes_on(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate), Reply.text("Second."))
    thread = codex.thread_start()
    with thread.turn("One.") as handle:
        gate.wait_reached()
        with pytest.raises(ThreadBusyError, match="if_busy='wait', or interrupt it") as caught:
            thread.run("Two.")
        assert (caught.value.thread_id, caught.value.turn_id) == (thread.id, handle.id)
        gate.release()
        assert handle.run().final_response == "First."
    assert thread.run("Two.").final_response == "Second."


def test_threads_are_not_busy_with_each_others_turns(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate), Reply.text("Second."))
    handle = codex.thread_start().turn("One.")
    gate.wait_reached()
    assert codex.thread_start().run("Two.").final_response == "Second."
    gate.release()
    assert handle.run().final_response == "First."


async def test_turns_that_wait_run_one_by_one_in_order(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    model.add(*(Reply.text(f"{number}") for number in range(4)))
    thread = await opened_async.thread_start()
    runs = [thread.run(f"Say {number}.", if_busy="wait") for number in range(4)]
    results = await asyncio.gather(*runs)
    assert [result.final_response for result in results] == ["0", "1", "2", "3"]
    assert len({result.id for result in results}) == 4


def test_the_wait_is_part_of_the_turns_time(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate))
    thread = codex.thread_start()
    handle = thread.turn("One.")
    gate.wait_reached()
    with pytest.raises(RequestTimeoutError, match="another turn of the thread") as caught:
        thread.run("Two.", if_busy="wait", timeout=0.1)
    assert caught.value.phase == "thread"
    gate.release()
    assert handle.run().final_response == "First."


def test_a_running_turn_is_steered_with_what_is_said(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate), Reply.text("Both."))
    thread = codex.thread_start()
    handle = thread.turn("One.")
    gate.wait_reached()
    steering = thread.turn("Two.", if_busy="steer")
    assert steering.id == handle.id
    gate.release()
    assert steering.run().final_response == "Both."
    assert handle.run().final_response == "Both."
    assert model.requests[1].prompt == "Two."


def test_steering_an_idle_thread_starts_a_turn(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("Hi."))
    assert codex.thread_start().run("Hello.", if_busy="steer").final_response == "Hi."


def test_after_a_loop_that_was_left_the_next_turn_is_a_new_one(
    opened_sync: Codex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate), Reply.text("Second."))
    thread = opened_sync.thread_start()
    handle = thread.turn("One.")
    for event in handle.stream():
        if event.method == "turn/started":
            gate.wait_reached()  # else it would be the second turn that is held up
            break
    gc.collect()

    result = thread.run("Two.")

    assert (result.final_response, result.status) == ("Second.", "completed")
    assert result.id != handle.id
    assert handle.run().status == "interrupted"


async def test_after_a_cancelled_turn_the_next_one_is_a_new_one(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate), Reply.text("Second."))
    thread = await opened_async.thread_start()
    running = asyncio.create_task(thread.run("One."))
    await asyncio.to_thread(gate.wait_reached)
    for _ in range(2):  # as some libraries do, until it is over
        running.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await thread.run("Two.")).final_response == "Second."


@pytest.mark.parametrize("value", ["join", "", None])
def test_another_rule_for_busy_threads_is_refused(codex: Codex, value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="if_busy is 'refuse' or 'wait' or 'steer'"):
        codex.thread_start().run("Hello.", if_busy=value)


def test_a_running_turn_is_not_steered_by_a_compaction_or_a_review(
    codex: Codex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate))
    thread = codex.thread_start()
    handle = thread.turn("One.")
    gate.wait_reached()
    steer: Any = "steer"
    with pytest.raises(InvalidArgumentError, match="if_busy is 'refuse' or 'wait', not 'steer'"):
        thread.compact(if_busy=steer)
    with pytest.raises(InvalidArgumentError, match="if_busy is 'refuse' or 'wait', not 'steer'"):
        thread.review("All of it.", if_busy=steer)
    gate.release()
    assert handle.run().final_response == "First."


def test_a_review_cannot_be_steered(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("Fine.", gate), Reply.text("Indeed."))
    thread = codex.thread_start()
    review = thread.review("Look at it.")
    gate.wait_reached()
    with pytest.raises(InvalidRequestError, match="takes no more input: wait for its end"):
        thread.run("Faster.", if_busy="steer")
    with pytest.raises(InvalidRequestError, match="cannot steer a review"):
        review.steer("Faster.")
    gate.release()
    assert review.run().final_response == "Fine."
    assert thread.run("Is it?").final_response == "Indeed."


def test_a_running_turn_keeps_its_schema(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("First.", gate))
    thread = codex.thread_start()
    handle = thread.turn("One.")
    gate.wait_reached()
    with pytest.raises(InvalidRequestError, match="keeps its output_schema"):
        thread.run("Two.", if_busy="steer", output_schema={"type": "object"})
    gate.release()
    assert handle.run().final_response == "First."


async def test_a_compaction_is_waited_for_from_its_start_on(
    opened_async: AsyncCodex, model: ModelServer
) -> None:
    model.add("One.", "In short: one.", "Two.")
    thread = await opened_async.thread_start()
    await thread.run("One?")
    _, result = await asyncio.gather(thread.compact(), thread.run("Two?"))
    assert result.final_response == "Two."


def test_a_compaction_is_waited_for_by_whatever_object(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add("One.", Reply.text("In short: one.", gate), "Two.")
    thread = codex.thread_start()
    thread.run("One?")
    same = codex.thread_resume(thread.id)
    with thread.compact() as compaction:
        gate.wait_reached()
        with pytest.raises(RequestTimeoutError, match="another turn of the thread"):
            same.run("Two?", timeout=0.1)
        gate.release()
        assert same.run("Two?").final_response == "Two."
        assert compaction.run().status == "completed"
