"""What a span says of an error: its kind, and its words only for whoever asks for content."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from openai_codex import (
    Codex,
    InvalidRequestError,
    ThreadNotFoundError,
    Tracing,
    TransportClosedError,
    TurnFailedError,
)
from openai_codex.testing import ScriptedServer, Step
from opentelemetry.trace import StatusCode

from tests.sdk.tracing.conftest import OpenTraced
from tests.sdk.tracing.spans import TURN, Spans, told

PRIVATE = "a-word-that-nobody-else-says"
KEY = "sk-abcdefghijklmnopqrstuvwx"
APPROVAL = "item/commandExecution/requestApproval"


def refused(codex: Codex, server: ScriptedServer) -> str:
    server.fail("thread/start", -32600, f"{PRIVATE} {KEY}")
    with pytest.raises(InvalidRequestError, match=PRIVATE):
        codex.thread_start()
    return "thread/start"


def dead(codex: Codex, server: ScriptedServer) -> str:
    server.silence("thread/start")

    def die() -> None:
        server.wait_for_request("thread/start")
        server.hang_up(1, f"{PRIVATE} {KEY}")

    killer = threading.Thread(target=die)
    killer.start()
    with pytest.raises(TransportClosedError, match=PRIVATE):
        codex.thread_start()
    killer.join()
    return "thread/start"


def failed(codex: Codex, server: ScriptedServer) -> str:
    server.add_turn(Step.failure(f"{PRIVATE} {KEY}", "contextWindowExceeded"))
    with pytest.raises(TurnFailedError, match=PRIVATE):
        codex.thread_start().run("Go.")
    return TURN


def refused_turn(codex: Codex, server: ScriptedServer) -> str:
    thread = codex.thread_start()
    server.fail("turn/start", -32600, f"{PRIVATE} {KEY}")
    with pytest.raises(InvalidRequestError, match=PRIVATE):
        thread.run("Go.")
    return TURN


def broken_handler(codex: Codex, server: ScriptedServer) -> str:
    server.add_turn(Step.command("ls", approval=True), "Done.")
    codex.thread_start(approvals=raise_value_error).run("Go.")
    return APPROVAL


def broken_async_handler(codex: Codex, server: ScriptedServer) -> str:
    server.add_turn(Step.command("ls", approval=True), "Done.")
    codex.thread_start(approvals=raise_value_error_later).run("Go.")
    return APPROVAL


def raise_value_error(request: object) -> None:
    raise ValueError(f"{PRIVATE} {KEY}")


async def raise_value_error_later(request: object) -> None:
    raise_value_error(request)


ERRORS = pytest.mark.parametrize(
    ("bring_about", "words"),
    [
        (refused, "InvalidRequestError"),
        (dead, "TransportClosedError"),
        (failed, "turn_failed: contextWindowExceeded"),
        (refused_turn, "InvalidRequestError"),
        (broken_handler, "ValueError"),
        (broken_async_handler, "ValueError"),
    ],
)


@ERRORS
def test_an_error_is_told_by_its_kind_and_not_by_its_words(
    codex: Codex,
    server: ScriptedServer,
    spans: Spans,
    bring_about: Callable[[Codex, ScriptedServer], str],
    words: str,
) -> None:
    span = spans.one(bring_about(codex, server))

    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, words)
    assert told(span)["error.type"] == words.partition(":")[0]
    assert span.events == ()
    assert PRIVATE not in spans.written()


@ERRORS
def test_its_words_are_told_without_secrets_if_content_is_asked_for(
    opened: OpenTraced,
    server: ScriptedServer,
    spans: Spans,
    bring_about: Callable[[Codex, ScriptedServer], str],
    words: str,
) -> None:
    codex = opened(Tracing(content=True, tracer_provider=spans.provider))
    span = spans.one(bring_about(codex, server))

    assert span.status.description is not None
    assert span.status.description.startswith(f"{words}: ")
    assert PRIVATE in span.status.description
    assert KEY not in spans.written()


@pytest.mark.parametrize(
    ("info", "kind"),
    [
        ({"httpConnectionFailed": {"httpStatusCode": 503}}, "httpConnectionFailed"),
        ({"brandNew": {"secret": PRIVATE}}, "brandNew"),
        ("other", "other"),
    ],
)
def test_a_kind_with_details_is_told_without_them(
    codex: Codex, server: ScriptedServer, spans: Spans, info: dict[str, object], kind: str
) -> None:
    server.add_turn(Step.failure("no", info))
    codex.thread_start().run("Go.", check=False)

    assert spans.one(TURN).status.description == f"turn_failed: {kind}"
    assert PRIVATE not in spans.written()


def test_an_error_goes_by_the_class_that_the_program_sees(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    server.fail("thread/resume", -32600, "thread not found: 1")
    with pytest.raises(ThreadNotFoundError):
        codex.thread_resume("1")

    assert spans.one("thread/resume").status.description == "ThreadNotFoundError"
