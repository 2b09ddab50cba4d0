"""Whatever the server sends, the session stays usable and counts what it left out."""

from __future__ import annotations

import pytest
from codex_app_server_rpc import Notification
from codex_app_server_rpc.core.inbound import Failure, Result, Skipped
from hypothesis import given, strategies as st

from tests.rpc.wire import failure, line, notification, ready_session, result

GOOD = notification("thread/closed", threadId="T")
GOOD_EVENT = Notification("thread/closed", {"threadId": "T"})

NO_MESSAGE = {
    "a blank line": b"",
    "spaces": b"   \t ",
    "only a carriage return": b"\r",
    "no JSON": b"Segmentation fault",
    "half a message": b'{"method":"turn/comp',
    "two messages on one line": b'{"method":"a"}{"method":"b"}',
    "no UTF-8": b'{"method":"\xff\xfe"}',
    "UTF-16": '{"method":"a"}'.encode("utf-16-le"),
    "an array": b'[{"method":"a"}]',
    "a number": b"7",
    "a string": b'"method"',
    "null": b"null",
    "an empty object": b"{}",
    "neither method nor id": b'{"params":{}}',
    "a method that is a number": b'{"method":7}',
    "a method that is null": b'{"method":null}',
    "a request whose method is a number": b'{"id":1,"method":7}',
    "a request whose id is null": b'{"id":null,"method":"a"}',
    "a request whose id is true": b'{"id":true,"method":"a"}',
    "a request whose id is a float": b'{"id":1.5,"method":"a"}',
    "a request whose id is an array": b'{"id":[],"method":"a"}',
    "a request whose id is an object": b'{"id":{},"method":"a"}',
    "brackets without end": b"[" * 100_000,
}

UNMATCHED = {
    "an id that was never used": b'{"id":99,"result":{}}',
    "a negative id": b'{"id":-1,"result":{}}',
    "an id of the wrong type": b'{"id":"1","result":{}}',
    "an id that is true": b'{"id":true,"result":{}}',
    "an id that is null": b'{"id":null,"error":{"code":-32700,"message":"parse error"}}',
    "an id that is a float": b'{"id":1.0,"result":{}}',
    "an id that is an object": b'{"id":{},"result":{}}',
    "neither result nor error": b'{"id":1}',
    "a huge id": b'{"id":123456789012345678901234567890,"result":{}}',
}

ODD_ERRORS: dict[str, tuple[object, int, str]] = {
    "a string": ("boom", -32603, "boom"),
    "an array": ([1], -32603, "[1]"),
    "an empty object": ({}, -32603, "the server gave no message"),
    "a code that is a string": ({"code": "x", "message": "m"}, -32603, "m"),
    "a code that is true": ({"code": True, "message": "m"}, -32603, "m"),
    "a message that is a number": (
        {"code": -32001, "message": 3},
        -32001,
        "the server gave no message",
    ),
}


@pytest.mark.parametrize("rubbish", NO_MESSAGE.values(), ids=NO_MESSAGE)
def test_a_line_that_is_no_message_is_skipped_and_the_next_is_read(rubbish: bytes) -> None:
    session = ready_session()
    before = session.counters.skipped
    skipped, event = session.receive(rubbish + b"\n" + GOOD)
    assert isinstance(skipped, Skipped)
    assert event == GOOD_EVENT
    assert session.counters.skipped == before + 1


@pytest.mark.parametrize("answer", UNMATCHED.values(), ids=UNMATCHED)
def test_an_answer_to_nothing_that_was_asked_is_counted_and_disturbs_nobody(answer: bytes) -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    skipped, event = session.receive(answer + b"\n" + result(request_id, {}))
    assert isinstance(skipped, Skipped)
    assert event == Result(request_id, "thread/list", {})
    assert session.counters.unmatched == 1


def test_a_second_answer_to_one_request_is_dropped() -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    first, second = session.receive(result(request_id, 1) + result(request_id, 2))
    assert first == Result(request_id, "thread/list", 1)
    assert isinstance(second, Skipped)


def test_an_answer_to_a_request_that_was_given_up_is_dropped() -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    session.forget(request_id)
    (event,) = session.receive(result(request_id, {}))
    assert isinstance(event, Skipped)
    assert session.counters.unmatched == 1


@pytest.mark.parametrize(("error", "code", "message"), ODD_ERRORS.values(), ids=ODD_ERRORS)
def test_an_error_of_an_odd_shape_still_fails_its_request(
    error: object, code: int, message: str
) -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    (event,) = session.receive(line({"id": request_id, "error": error}))
    assert event == Failure(request_id, "thread/list", code, message, None)


def test_an_error_keeps_its_data() -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    error = {"code": -32600, "message": "m", "data": {"reason": ["x"]}}
    (event,) = session.receive(line({"id": request_id, "error": error}))
    assert event == Failure(request_id, "thread/list", -32600, "m", {"reason": ["x"]})


def test_an_error_that_is_null_beside_a_result_is_no_error() -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    (event,) = session.receive(line({"id": request_id, "result": {"a": 1}, "error": None}))
    assert event == Result(request_id, "thread/list", {"a": 1})


def test_a_result_that_is_null_is_a_result() -> None:
    session = ready_session()
    request_id, _ = session.request("thread/list")
    assert session.receive(result(request_id, None)) == [Result(request_id, "thread/list", None)]


def test_a_failure_is_told_apart_from_the_next_request() -> None:
    session = ready_session()
    first, _ = session.request("a")
    second, _ = session.request("b")
    events = session.receive(result(second, 2) + failure(first, -32603))
    assert events == [Result(second, "b", 2), Failure(first, "a", -32603, "scripted", None)]


def test_a_time_of_the_wrong_type_does_not_pass_for_a_time() -> None:
    (event,) = ready_session().receive(b'{"method":"a","emittedAtMs":"noon"}\n')
    assert event == Notification("a", None, None)


def test_members_that_nobody_knows_are_ignored() -> None:
    (event,) = ready_session().receive(b'{"jsonrpc":"2.0","method":"a","future":{}}\n')
    assert event == Notification("a")


def test_the_excerpt_of_a_long_line_is_short() -> None:
    (event,) = ready_session().receive(b"x" * 1_000_000 + b"\n")
    assert isinstance(event, Skipped)
    assert len(event.excerpt) <= 200


@given(st.binary())
def test_no_bytes_raise_or_stop_what_follows(junk: bytes) -> None:
    session = ready_session()
    assert session.receive(junk + b"\n" + GOOD)[-1] == GOOD_EVENT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = st.sampled_from(["id", "method", "params", "result", "error", "emittedAtMs"])


@given(st.dictionaries(MEMBERS, JSON))
def test_no_object_raises_or_stops_what_follows(message: dict[str, object]) -> None:
    session = ready_session()
    session.request("thread/list")
    assert session.receive(line(message) + GOOD)[-1] == GOOD_EVENT
