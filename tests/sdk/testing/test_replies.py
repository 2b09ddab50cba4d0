"""What each reply looks like on the wire of the Responses API."""

from __future__ import annotations

import json
import time

import pytest
from openai_codex.testing import Delay, Gate, Message, ModelServer, Reply, Usage

from tests.sdk.testing.responses_client import Answer, ask


def answer_of(reply: Reply) -> Answer:
    with ModelServer([reply]) as server:
        return ask(server.url)


def released_gate() -> Gate:
    gate = Gate()
    gate.release()
    return gate


def test_a_text_comes_as_server_sent_events_from_created_to_completed() -> None:
    answer = answer_of(Reply.text("hello"))

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.types == [
        "response.created",
        "response.output_item.added",
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed",
    ]


def test_a_single_text_streams_word_by_word() -> None:
    assert answer_of(Reply.text(" All is\nwell. ")).deltas == [" All", " is", "\nwell.", " "]


def test_several_pieces_stream_as_they_are() -> None:
    assert answer_of(Reply.text("Al", "l is", " well.")).deltas == ["Al", "l is", " well."]


def test_the_finished_message_has_the_whole_text() -> None:
    (item,) = answer_of(Reply.text("Al", released_gate(), "l is", " well.")).items

    assert item["content"] == [{"type": "output_text", "text": "All is well."}]


def test_text_of_any_script_survives_the_stream() -> None:
    text = 'naïve\u2028 \x85 "quoted" \\ \r\n\n data: {} 日本語 🎉'

    assert "".join(answer_of(Reply.text(text)).deltas) == text


def test_a_phase_stands_in_the_message_from_its_beginning() -> None:
    answer = answer_of(Reply.text("Well …", phase="commentary"))

    (added,) = answer.of_type("response.output_item.added")
    assert added["item"]["phase"] == "commentary"
    assert answer.items[0]["phase"] == "commentary"


def test_a_message_without_a_phase_says_nothing_of_it() -> None:
    assert "phase" not in answer_of(Reply.text("hello")).items[0]


def test_a_delay_comes_before_every_delta() -> None:
    started = time.monotonic()

    answer_of(Reply.text("a", "b", "c", delay=0.05))

    assert time.monotonic() - started >= 0.15


def test_a_command_is_a_call_of_the_runtimes_tool() -> None:
    (item,) = answer_of(Reply.command("echo hi", workdir="/somewhere", call_id="mine")).items

    assert (item["type"], item["name"], item["call_id"]) == (
        "function_call",
        "exec_command",
        "mine",
    )
    assert json.loads(item["arguments"]) == {"cmd": "echo hi", "workdir": "/somewhere"}


def test_a_justified_command_asks_to_leave_the_sandbox() -> None:
    (item,) = answer_of(Reply.command("make", justification="It needs the network.")).items

    assert json.loads(item["arguments"]) == {
        "cmd": "make",
        "sandbox_permissions": "require_escalated",
        "justification": "It needs the network.",
    }


def test_a_tool_call_carries_its_arguments_as_json_text() -> None:
    (item,) = answer_of(Reply.tool_call("weather", {"city": "Oslo"})).items

    assert item["name"] == "weather"
    assert json.loads(item["arguments"]) == {"city": "Oslo"}
    assert "namespace" not in item


def test_a_tool_call_names_the_group_of_its_tool() -> None:
    (item,) = answer_of(Reply.tool_call("weather", {}, namespace="mcp__sky")).items

    assert (item["namespace"], item["name"]) == ("mcp__sky", "weather")


def test_arguments_that_are_text_are_sent_as_they_stand() -> None:
    assert answer_of(Reply.tool_call("weather", "{broken")).items[0]["arguments"] == "{broken"


def test_a_patch_is_a_call_of_the_custom_tool() -> None:
    (item,) = answer_of(Reply.patch("*** Begin Patch\n*** End Patch\n")).items

    assert (item["type"], item["name"]) == ("custom_tool_call", "apply_patch")
    assert item["input"] == "*** Begin Patch\n*** End Patch\n"


def test_reasoning_streams_its_summary_and_its_text() -> None:
    answer = answer_of(Reply.reasoning("in short", "at length"))

    (summary,) = answer.of_type("response.reasoning_summary_text.delta")
    (text,) = answer.of_type("response.reasoning_text.delta")
    assert (summary["delta"], text["delta"]) == ("in short", "at length")
    assert answer.items[0]["summary"] == [{"type": "summary_text", "text": "in short"}]
    assert answer.items[0]["content"] == [{"type": "reasoning_text", "text": "at length"}]


def test_reasoning_may_keep_its_text_to_itself() -> None:
    answer = answer_of(Reply.reasoning("in short"))

    assert answer.of_type("response.reasoning_text.delta") == []
    assert "content" not in answer.items[0]


def test_joined_replies_are_one_stream_in_their_order() -> None:
    answer = answer_of(
        Reply.reasoning("Hm.") + Reply.text("Let me see.") + Reply.command("ls") + Reply.patch("p")
    )

    assert [item["type"] for item in answer.items] == [
        "reasoning",
        "message",
        "function_call",
        "custom_tool_call",
    ]
    assert answer.types.count("response.completed") == 1


def test_ids_of_items_and_calls_do_not_repeat_over_the_life_of_a_server() -> None:
    reply = Reply.text("a") + Reply.text("b") + Reply.command("c") + Reply.command("d")
    with ModelServer([reply, reply]) as server:
        items = ask(server.url).items + ask(server.url).items

    ids = [item["id"] for item in items if item["type"] == "message"]
    calls = [item["call_id"] for item in items if item["type"] == "function_call"]
    assert ids == ["msg_1", "msg_2", "msg_3", "msg_4"]
    assert calls == ["call_1", "call_2", "call_3", "call_4"]


def test_the_deltas_of_a_message_bear_its_id() -> None:
    answer = answer_of(Reply.text("a") + Reply.text("b"))

    deltas = answer.of_type("response.output_text.delta")
    assert [delta["item_id"] for delta in deltas] == [item["id"] for item in answer.items]


def test_usage_is_reported_when_the_reply_completes() -> None:
    reply = Reply.text("hello").with_usage(
        input_tokens=100, output_tokens=20, cached_input_tokens=30, reasoning_output_tokens=7
    )

    assert answer_of(reply).events[-1]["response"]["usage"] == {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 30},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 7},
        "total_tokens": 120,
    }


def test_a_reply_that_states_no_usage_claims_some() -> None:
    usage = answer_of(Reply.text("hello")).events[-1]["response"]["usage"]

    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (10, 5, 15)


def test_of_joined_replies_the_last_stated_usage_counts() -> None:
    first = Reply.text("a").with_usage(input_tokens=1)
    second = Reply.text("b").with_usage(input_tokens=2)

    assert (first + second + Reply.text("c")).usage == Usage(input_tokens=2)


def test_an_empty_reply_completes_without_a_word() -> None:
    assert answer_of(Reply()).types == ["response.created", "response.completed"]


def test_a_failure_is_an_http_error() -> None:
    answer = answer_of(Reply.failure(429, {"error": "slow down"}, headers={"Retry-After": "1"}))

    assert answer.status == 429
    assert json.loads(answer.body) == {"error": "slow down"}
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/json"


def test_a_failures_text_is_sent_as_it_stands() -> None:
    assert answer_of(Reply.failure(502, "<html>Bad Gateway")).body == "<html>Bad Gateway"


def test_a_failure_can_be_late() -> None:
    started = time.monotonic()

    assert answer_of(Reply.delay(0.05) + Reply.failure(500)).status == 500
    assert time.monotonic() - started >= 0.05


def test_a_disconnect_ends_the_stream_before_it_completes() -> None:
    answer = answer_of(Reply.text("Let me") + Reply.disconnect())

    assert answer.deltas == ["Let", " me"]
    assert "response.completed" not in answer.types


def test_a_failed_response_says_why_and_does_not_complete() -> None:
    answer = answer_of(Reply.text("Let me") + Reply.failed("context_length_exceeded", "Too long."))

    assert answer.events[-1]["type"] == "response.failed"
    assert answer.events[-1]["response"]["error"] == {
        "code": "context_length_exceeded",
        "message": "Too long.",
    }


@pytest.mark.parametrize("last", [Reply.disconnect(), Reply.failed("x"), Reply.failure(500)])
def test_nothing_can_follow_the_end_of_a_reply(last: Reply) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        _ = last + Reply.text("more")


def test_nothing_but_a_pause_can_precede_an_http_failure() -> None:
    with pytest.raises(ValueError, match="cannot precede"):
        _ = Reply.text("hello") + Reply.failure(500)


def test_a_message_can_be_made_of_its_parts() -> None:
    reply = Reply((Message(("one piece of text",)), Delay(0.0)))

    assert answer_of(reply).deltas == ["one piece of text"]
