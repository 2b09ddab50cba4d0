"""Cutting a stream of bytes into lines, within a limit."""

from __future__ import annotations

import pytest
from codex_app_server_rpc import Notification
from codex_app_server_rpc.core.framing import LineSplitter
from codex_app_server_rpc.core.inbound import Skipped
from hypothesis import given, strategies as st

from tests.rpc.wire import notification, ready_session


def split(splitter: LineSplitter, data: bytes, size: int) -> list[bytes]:
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return [line for piece in pieces for line in splitter.feed(piece)]


@given(st.lists(st.binary(max_size=5)), st.integers(1, 9))
def test_lines_in_pieces_of_any_size_are_what_splitting_the_whole_gives(
    words: list[bytes], size: int
) -> None:
    data = b"\n".join(words)
    splitter = LineSplitter()
    lines = split(splitter, data, size)
    assert [*lines, splitter.finish()] == data.split(b"\n")


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_a_line_of_exactly_the_limit_is_kept(size: int) -> None:
    splitter = LineSplitter(max_line=10)
    assert split(splitter, b"a" * 10 + b"\nb\n", size) == [b"a" * 10, b"b"]
    assert splitter.oversized == 0


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_a_line_over_the_limit_is_left_out_and_the_next_is_kept(size: int) -> None:
    splitter = LineSplitter(max_line=10)
    data = b"before\n" + b"x" * 11 + b"\nafter\n" + b"y" * 500 + b"\nlast\n"
    assert split(splitter, data, size) == [b"before", b"after", b"last"]
    assert splitter.oversized == 2


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_line_over_the_limit_that_never_ends_leaves_nothing(size: int) -> None:
    splitter = LineSplitter(max_line=10)
    assert split(splitter, b"x" * 50, size) == []
    assert splitter.finish() == b""
    assert splitter.oversized == 1


@given(st.lists(st.integers(0, 20)), st.integers(1, 30))
def test_exactly_the_lines_within_the_limit_are_kept(lengths: list[int], size: int) -> None:
    lines = [bytes([97 + index % 26]) * length for index, length in enumerate(lengths)]
    splitter = LineSplitter(max_line=10)
    kept = split(splitter, b"".join(line + b"\n" for line in lines), size)
    assert kept == [line for line in lines if len(line) <= 10]
    assert splitter.oversized == len(lines) - len(kept)


def test_nothing_is_left_after_the_end_was_taken() -> None:
    splitter = LineSplitter()
    splitter.feed(b"rest")
    assert splitter.finish() == b"rest"
    assert splitter.finish() == b""


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_a_session_skips_and_counts_a_line_over_the_limit(size: int) -> None:
    session = ready_session(max_line=1000)
    data = notification("a", text="x" * 2000) + notification("b")
    events = [
        event
        for start in range(0, len(data), size)
        for event in session.receive(data[start : start + size])
    ]
    assert [type(event) for event in events].count(Skipped) == 1
    assert Notification("b", {}) in events
    assert session.counters.skipped == 1
