"""What is kept of a program's stderr, and what of it is logged."""

from __future__ import annotations

import json
import logging

import pytest
from codex_app_server_rpc.transports._process.stderr_tail import (
    LOGGED_PER_SECOND,
    STDERR_TAIL,
    StderrTail,
)

LOGGER = "openai_codex.runtime"


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


@pytest.mark.parametrize("cut", [8, 12, 17, 40, -6])
def test_an_event_keeps_its_level_wherever_it_is_among_text(
    cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    fields = {"message": "disk full"}
    event = {"timestamp": "now", "level": "ERROR", "fields": fields, "target": "codex_core::exec"}
    data = b"Warning\nTwo\n" + json.dumps(event, separators=(",", ":")).encode() + b"\nThree\n"
    tail = StderrTail()
    with caplog.at_level(logging.DEBUG, LOGGER):
        tail.feed(data[:cut])
        tail.feed(data[cut:])

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("DEBUG", "Warning"),
        ("DEBUG", "Two"),
        ("ERROR", "disk full"),
        ("DEBUG", "Three"),
    ]


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


def event(level: str, target: str, **fields: object) -> bytes:
    """Write an event as the runtime does."""
    members = {"timestamp": "2026-01-01T00:00:00Z", "level": level, "fields": fields}
    return json.dumps({**members, "target": target}, separators=(",", ":")).encode() + b"\n"


def test_an_event_in_json_is_logged_at_its_level_by_its_target(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tail = StderrTail()
    with caplog.at_level(logging.DEBUG, LOGGER):
        for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR"):
            tail.feed(event(level, "codex_core::exec", message="ran", code=3))

    assert {(record.name, record.getMessage()) for record in caplog.records} == {
        ("openai_codex.runtime.codex_core.exec", "ran code=3")
    }
    assert [record.levelname for record in caplog.records] == [
        "DEBUG",
        "DEBUG",
        "INFO",
        "WARNING",
        "ERROR",
    ]
    assert vars(caplog.records[0])["runtime_fields"] == {"message": "ran", "code": 3}
    assert vars(caplog.records[0])["runtime_target"] == "codex_core::exec"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_events_may_come_in_any_pieces_and_between_text(
    size: int, caplog: pytest.LogCaptureFixture
) -> None:
    tail = StderrTail()
    said = event("INFO", "a", message="one") + event("INFO", "a", message="two") + b"panic!\n"
    with caplog.at_level(logging.INFO, LOGGER):
        for start in range(0, len(said), size):
            tail.feed(said[start : start + size])

    assert [record.getMessage() for record in caplog.records] == ["one", "two"]
    assert tail.text().endswith("panic!")


def test_an_event_without_a_message_is_logged_by_its_fields(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        StderrTail().feed(event("INFO", "a", endpoint="/responses", attempt=0))
        StderrTail().feed(event("INFO", "a"))

    assert [record.getMessage() for record in caplog.records] == [
        "endpoint=/responses attempt=0",
        "",
    ]


def test_an_event_that_nobody_listens_to_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, LOGGER):
        StderrTail().feed(event("INFO", "a", message="one"))

    assert caplog.records == []


@pytest.mark.parametrize("target", ["", "odd target", "a" * 81, "../x"])
def test_an_odd_target_is_logged_by_the_runtimes_own_logger(
    target: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        StderrTail().feed(event("INFO", target, message="one"))

    assert [record.name for record in caplog.records] == [LOGGER]


@pytest.mark.parametrize(
    "line",
    [
        b'{"timestamp":1}',
        b'{"timestamp":1,"level":"LOUD","fields":{}}',
        b'{"timestamp":1,"level":"INFO","fields":[]}',
        b'{"timestamp":',
        b'{"timestamp":"' + b"x" * 70_000,
    ],
)
def test_what_only_looks_like_an_event_is_logged_as_text(
    line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        StderrTail().feed(line + b"\n")

    assert [record.getMessage() for record in caplog.records] == [line.decode()]
