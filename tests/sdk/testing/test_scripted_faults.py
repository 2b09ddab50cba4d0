"""What a scripted server does wrong on purpose, and what a program sees of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from codex_app_server_rpc import UnknownNotification
from openai_codex import (
    Codex,
    CodexConfig,
    RequestTimeoutError,
    RuntimeTooOldError,
    TransportClosedError,
    TurnFailedError,
    TurnTimeoutError,
)
from openai_codex.testing import Gate, ScriptedServer, Step

OpenClient = Callable[..., Codex]


def test_garbage_between_the_messages_is_skipped(client: Codex, server: ScriptedServer) -> None:
    server.add_turn(Step.garbage(), "Fine.", Step.garbage(b"\xff\xfe\n\n[1]\n"))
    server.send(b"Welcome!\n")

    assert client.thread_start().run("Go.").final_response == "Fine."
    assert client.stats().skipped >= 3


def test_a_turn_is_over_before_its_start_is_answered(client: Codex, server: ScriptedServer) -> None:
    server.add_turn(Step.reasoning("Quick."), "Early.", early=True)

    assert client.thread_start().run("Go.").final_response == "Early."


def test_a_turn_that_never_ends_meets_its_deadline(client: Codex, server: ScriptedServer) -> None:
    server.add_turn("Half.", Step.silence())

    with pytest.raises(TurnTimeoutError) as caught:
        client.thread_start().run("Go.", timeout=0.2)
    assert caught.value.result.status == "interrupted"
    assert caught.value.result.final_response == "Half."


def test_a_delay_is_a_pause(client: Codex, server: ScriptedServer) -> None:
    server.add_turn(Step.delay(0.01), "Late.")

    assert client.thread_start().run("Go.").final_response == "Late."


def test_a_method_that_is_not_answered_meets_its_deadline(
    client: Codex, server: ScriptedServer
) -> None:
    server.silence("thread/start", times=1)

    with pytest.raises(RequestTimeoutError):
        client.thread_start(timeout=0.05)
    assert client.thread_start().run("Go.").final_response == "Done."


def test_a_server_that_dies_in_a_turn_leaves_its_last_words(
    client: Codex, server: ScriptedServer
) -> None:
    server.add_turn("Half.", Step.hang_up(101, "panicked at main"))

    with pytest.raises(TransportClosedError, match="panicked at main") as caught:
        client.thread_start().run("Go.")
    assert caught.value.exit_code == 101
    with pytest.raises(TransportClosedError):
        client.thread_start()


def test_a_server_that_dies_between_turns_is_noticed(client: Codex, server: ScriptedServer) -> None:
    client.thread_start()
    server.hang_up(exit_code=7)

    with pytest.raises(TransportClosedError, match="exit code 7"):
        client.thread_start()


def test_a_turn_fails_for_a_reason(client: Codex, server: ScriptedServer) -> None:
    info = {"httpConnectionFailed": {"httpStatusCode": 503}}
    server.add_turn("Trying.", Step.failure("No connection.", info))

    with pytest.raises(TurnFailedError, match=r"No connection\.") as caught:
        client.thread_start().run("Go.")
    assert caught.value.http_status == 503


def test_what_a_newer_server_may_say_is_kept(client: Codex, server: ScriptedServer) -> None:
    server.add_turn(
        Step.item({"type": "hologram", "shape": "cube"}),
        Step.notification("hologram/rotated", {"degrees": 90}),
        Step.end("paused"),
    )
    turn = client.thread_start().turn("Show it.")
    unknown = [event for event in turn.stream() if isinstance(event.payload, UnknownNotification)]
    result = turn.run()

    assert [event.method for event in unknown] == ["hologram/rotated"]
    assert [item.type for item in result.items] == ["userMessage", "hologram"]
    assert result.status == "paused"


def test_a_runtime_that_is_too_old_is_refused() -> None:
    with ScriptedServer(version="0.100.0") as server, pytest.raises(RuntimeTooOldError):
        Codex(transport=server.transport())


def test_a_client_that_goes_in_the_middle_of_a_turn_is_forgotten(
    opened: OpenClient, server: ScriptedServer
) -> None:
    gate = Gate()
    server.add_turn(gate, "To nobody.")
    server.add_turn("To somebody.")
    gone = opened(CodexConfig())
    thread = gone.thread_start()
    thread.turn("Go.", on_cancel="detach")
    gate.wait_reached()
    gone.close(mode="kill")

    assert opened().thread_resume(thread.id).run("Go.").final_response == "To somebody."
    gate.release()
