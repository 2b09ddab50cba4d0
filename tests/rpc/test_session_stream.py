"""Bytes in, events out: however the stream is cut, the events are the same."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from codex_app_server_rpc import Notification, Session
from codex_app_server_rpc.core.inbound import Failure, Inbound, Result, ServerRequest, Skipped
from hypothesis import given, strategies as st

from tests.rpc.wire import failure, line, notification, ready_session, request, result

STREAM = b"".join(
    [
        line({"method": "turn/started", "params": {"threadId": "T"}, "emittedAtMs": 5}),
        result(1, {"data": "größe 😀"}),
        b"\n",
        request(0, "item/tool/call", tool="x"),
        b"not json\n",
        notification("item/agentMessage/delta", delta="\u2028\r\n"),
        failure(2, -32601, "unknown"),
        b'{"method":"a"}\r\n',
        request("a-string", "currentTime/read"),
        result(77, {}),
        b"\xff\xfe\n",
    ]
)


def session_with_two_requests() -> Session:
    session = ready_session()
    session.request("thread/list")
    session.request("thread/nonsense")
    return session


def events_of(pieces: list[bytes]) -> list[Inbound]:
    session = session_with_two_requests()
    return [event for piece in pieces for event in session.receive(piece)]


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(places), len(stream)]
    return [stream[start:end] for start, end in pairwise(bounds)]


def test_each_line_becomes_its_event_in_order() -> None:
    events = events_of([STREAM])
    reasons = [event.reason for event in events if isinstance(event, Skipped)]
    assert [event for event in events if not isinstance(event, Skipped)] == [
        Notification("turn/started", {"threadId": "T"}, 5),
        Result(1, "thread/list", {"data": "größe 😀"}),
        ServerRequest(0, "item/tool/call", {"tool": "x"}),
        Notification("item/agentMessage/delta", {"delta": "\u2028\r\n"}),
        Failure(2, "thread/nonsense", -32601, "unknown", None),
        Notification("a"),
        ServerRequest("a-string", "currentTime/read", {}),
    ]
    assert len(reasons) == 4
    assert reasons[0] == "a blank line"


def test_a_stream_that_comes_byte_by_byte_gives_the_same_events() -> None:
    pieces = [STREAM[index : index + 1] for index in range(len(STREAM))]
    assert events_of(pieces) == events_of([STREAM])


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_a_stream_in_any_pieces_gives_the_same_events(places: list[int]) -> None:
    assert events_of(cut(STREAM, places)) == events_of([STREAM])


def test_an_event_comes_with_the_last_byte_of_its_line_and_not_before() -> None:
    session = ready_session()
    data = notification("thread/closed")
    assert session.receive(data[:-1]) == []
    assert session.receive(data[-1:]) == [Notification("thread/closed", {})]


def test_a_last_line_without_its_newline_is_read_at_the_end() -> None:
    session = ready_session()
    session.receive(b'{"method":"thread/closed"}')
    assert session.receive_eof() == [Notification("thread/closed")]


def test_a_truncated_last_line_is_skipped() -> None:
    session = ready_session()
    session.receive(b'{"method":"thread/clo')
    (event,) = session.receive_eof()
    assert isinstance(event, Skipped)


def test_the_end_of_a_stream_after_a_whole_line_is_no_event() -> None:
    session = ready_session()
    session.receive(b'{"method":"thread/closed"}\n')
    assert session.receive_eof() == []


@pytest.mark.timeout(30)
def test_a_very_long_line_in_very_many_pieces_takes_linear_time() -> None:
    # Eight megabytes in half a million pieces: whatever copies what it has so far with every
    # piece moves terabytes and runs into the timeout.
    size = 8 * 1024 * 1024
    data = json.dumps({"method": "a", "params": {"text": "x" * size}}).encode() + b"\n"
    session = ready_session()
    events = [
        event
        for start in range(0, len(data), 16)
        for event in session.receive(data[start : start + 16])
    ]
    assert events == [Notification("a", {"text": "x" * size})]
