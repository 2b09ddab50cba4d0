"""The text of the answer as it grows, on the real runtime, for both halves."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from codex_app_server_types import AgentMessageDeltaNotification, TurnStatus
from openai_codex import TurnFailedError, TurnTimeoutError
from openai_codex.testing import Gate, Reply

if TYPE_CHECKING:
    from openai_codex import AsyncCodex, Codex
    from openai_codex.testing import ModelServer


def test_the_pieces_are_the_answer(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("for", "ty-", "two"))
    handle = codex.thread_start().turn("How much?")
    pieces = list(handle.text_stream())
    assert len(pieces) > 1
    assert "".join(pieces) == "forty-two" == handle.run().final_response


def test_a_piece_comes_while_the_model_still_speaks(codex: Codex, model: ModelServer) -> None:
    gate = Gate()
    model.add(Reply.text("now ", gate, "later"))
    text = codex.thread_start().turn("Speak.").text_stream()
    first = next(text)
    assert first == "now "
    assert not gate.released
    gate.release()
    assert "".join(text) == "later"


def test_commentary_is_no_part_of_it(codex: Codex, model: ModelServer) -> None:
    model.add(
        Reply.text("Let me see. ", phase="commentary")
        + Reply.text("Here it is.", phase="final_answer")
    )
    handle = codex.thread_start().turn("Look.")
    assert "".join(handle.text_stream()) == "Here it is." == handle.run().final_response


def test_a_failure_is_raised_after_the_text(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.failure(400, "no such thing"))
    handle = codex.thread_start().turn("Try.")
    with pytest.raises(TurnFailedError) as caught:
        list(handle.text_stream())
    assert caught.value.result.status == TurnStatus.failed
    assert handle.run(check=False).status == TurnStatus.failed


def test_its_turn_keeps_its_limits(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("begun ", Gate()))
    handle = codex.thread_start().turn("Go on.", timeout=1)
    text = handle.text_stream()
    assert next(text) == "begun "
    with pytest.raises(TurnTimeoutError) as caught:
        next(text)
    assert caught.value.result.status == TurnStatus.interrupted


def test_whoever_leaves_the_text_stops_the_turn(codex: Codex, model: ModelServer) -> None:
    model.add(Reply.text("begun ", Gate()))
    handle = codex.thread_start().turn("Go on.")
    with handle.text_stream() as text:
        assert next(text) == "begun "
    assert handle.run().status == TurnStatus.interrupted


def test_leaving_the_loop_over_the_text_stops_the_turn(
    opened_sync: Codex, model: ModelServer
) -> None:
    model.add(Reply.text("begun ", Gate()), "Next.")
    thread = opened_sync.thread_start()
    handle = thread.turn("Go on.")
    for piece in handle.text_stream():
        assert piece == "begun "
        break
    gc.collect()
    assert thread.run("And now?").final_response == "Next."
    assert handle.run().status == TurnStatus.interrupted


def test_whoever_left_a_turn_that_runs_on_gets_the_rest_and_nothing_twice(
    codex: Codex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(Reply.text("one ", gate, "two ", "three"))
    handle = codex.thread_start().turn("Count.", on_cancel="detach")
    with handle.text_stream() as text:
        assert next(text) == "one "
    gate.release()
    assert "".join(handle.text_stream()) == "two three"
    assert handle.run().final_response == "one two three"


def test_what_was_read_as_events_is_made_up_for_in_the_text(
    codex: Codex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(Reply.text("one ", gate, "two ", "three"))
    handle = codex.thread_start().turn("Count.", on_cancel="detach")
    for event in handle.stream():
        if event.method == "item/agentMessage/delta":
            break
    gate.release()
    assert "".join(handle.text_stream()) == "one two three"


def test_commentary_that_had_begun_before_is_left_out_as_well(
    codex: Codex, model: ModelServer
) -> None:
    gate = Gate()
    model.add(
        Reply.text("Let me ", gate, "see. ", phase="commentary")
        + Reply.text("Here it is.", phase="final_answer")
    )
    handle = codex.thread_start().turn("Look.", on_cancel="detach")
    for event in handle.stream():
        if event.method == "item/agentMessage/delta":
            break
    gate.release()
    assert "".join(handle.text_stream()) == "Here it is."


async def test_typed_events_can_be_matched(opened_async: AsyncCodex, model: ModelServer) -> None:
    model.add(Reply.text("for", "ty-", "two"))
    thread = await opened_async.thread_start()
    handle = await thread.turn("How much?")
    said = ""
    async for event in handle.stream():
        match event.payload:
            case AgentMessageDeltaNotification(delta=delta, turn_id=turn_id):
                assert turn_id == handle.id
                said += delta
            case _:
                pass
    assert said == "forty-two"
