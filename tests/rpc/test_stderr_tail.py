"""What is kept of a program's stderr, and what of it is logged."""

from __future__ import annotations

import logging

import pytest
from codex_app_server_rpc.transports._process.stderr_tail import (
    LOGGED_PER_SECOND,
    STDERR_TAIL,
    StderrTail,
)

LOGGER = "codex_app_server_rpc.stderr"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_only_the_end_of_a_flood_is_kept() -> None:
    tail = StderrTail()
    for number in range(1000):
        tail.feed(b"%d " % number * 100)
    assert len(tail.text()) <= STDERR_TAIL
    assert tail.text().endswith("999 999")


def test_the_text_is_decoded_leniently_and_without_colours() -> None:
    tail = StderrTail()
    tail.feed(b"\x1b[31mgr\xc3\xb6\xc3\x9fe \xff\x1b[0m\n")
    assert tail.text() == "größe �"


def test_stderr_is_logged_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    tail = StderrTail()
    with caplog.at_level(logging.DEBUG, LOGGER):
        tail.feed(b"one\n")
        tail.feed(b"two\n")
    assert [record.getMessage() for record in caplog.records] == ["one", "two"]


def test_a_flood_is_not_logged_whole_and_what_is_missing_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    tail = StderrTail(clock)
    with caplog.at_level(logging.DEBUG, LOGGER):
        for _ in range(1000):
            tail.feed(b"x" * 65536)
        logged = sum(len(record.getMessage()) for record in caplog.records)
        assert 0 < logged <= LOGGED_PER_SECOND
        caplog.clear()
        clock.now += 1
        tail.feed(b"calm")
    left_out = 1000 * 65536 - logged
    assert [record.getMessage() for record in caplog.records] == [
        f"({left_out} bytes of a flood are not logged)",
        "calm",
    ]


def test_a_flood_is_not_even_counted_while_nobody_listens(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tail = StderrTail(Clock())
    with caplog.at_level(logging.INFO, LOGGER):
        for _ in range(10):
            tail.feed(b"x" * LOGGED_PER_SECOND)
    with caplog.at_level(logging.DEBUG, LOGGER):
        tail.feed(b"calm")
    assert [record.getMessage() for record in caplog.records] == ["calm"]
