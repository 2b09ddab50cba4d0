"""The scripted app-server of the benchmarks: fast, and yet like the real one."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from codex_app_server_rpc import Notification, UnknownNotification
from codex_app_server_types import (
    InitializeResponse,
    ModelListResponse,
    ThreadStartResponse,
    TurnStartResponse,
    WireModel,
)

from tests.bench import flood_server
from tests.bench.flood_server import make_server, turn_text

RESPONSES: dict[str, type[WireModel]] = {
    "initialize": InitializeResponse,
    "model/list": ModelListResponse,
    "thread/start": ThreadStartResponse,
    "turn/start": TurnStartResponse,
}


def request(method: str, **params: object) -> bytes:
    """Encode a request."""
    return json.dumps({"id": 5, "method": method, "params": params}).encode() + b"\n"


def exchange(server: flood_server.Server, method: str, **params: object) -> list[dict[str, Any]]:
    """Make a request and return all messages that it leads to."""
    answer = server.answer(request(method, **params))
    assert answer.endswith(b"\n")
    return [json.loads(line) for line in answer.splitlines()]


def start(server: flood_server.Server) -> tuple[str, list[dict[str, Any]]]:
    """Start a thread and a turn on it; return the thread's id and the messages of the turn."""
    thread = exchange(server, "thread/start")[-1]["result"]["thread"]["id"]
    return thread, exchange(server, "turn/start", threadId=thread, input=[])


def methods(messages: list[dict[str, Any]]) -> list[str | None]:
    """Return the method of each message; ``None`` for an answer."""
    return [message.get("method") for message in messages]


@pytest.mark.parametrize("method", RESPONSES)
def test_responses_are_valid(method: str) -> None:
    (message,) = [
        message
        for message in exchange(make_server("idle"), method, threadId="T")
        if message.get("id") == 5
    ]
    response = RESPONSES[method].model_validate(message["result"])
    assert not response.model_extra


@pytest.mark.parametrize(
    "scenario", [("idle",), ("turns", "3"), ("crowd", "1", "3"), ("unread", "3")]
)
def test_notifications_are_valid(scenario: tuple[str, ...]) -> None:
    server = make_server(*scenario)
    _, messages = start(server)
    messages += exchange(server, "thread/start")
    for message in messages:
        if "method" in message:
            notification = Notification(message["method"], message["params"])
            assert not isinstance(notification.payload, UnknownNotification)


def test_a_turn_has_its_deltas_then_its_text_and_ends_with_its_completion() -> None:
    thread, messages = start(make_server("turns", "2"))
    assert methods(messages) == [
        None,
        "thread/status/changed",
        "turn/started",
        "item/started",
        "item/agentMessage/delta",
        "item/agentMessage/delta",
        "item/completed",
        "thread/tokenUsage/updated",
        "thread/status/changed",
        "turn/completed",
    ]
    deltas = [message["params"]["delta"] for message in messages[4:6]]
    assert "".join(deltas) == messages[6]["params"]["item"]["text"] == turn_text(2).decode()
    turn_id = messages[0]["result"]["turn"]["id"]
    assert messages[-1]["params"]["turn"]["id"] == turn_id
    assert {message["params"]["threadId"] for message in messages[1:]} == {thread}
    assert {message["params"]["turnId"] for message in messages[3:8]} == {turn_id}


def test_ids_are_as_long_as_real_ones() -> None:
    thread, messages = start(make_server("turns", "1"))
    params = messages[4]["params"]
    assert [len(params[key]) for key in ("threadId", "turnId", "itemId")] == [36, 36, 36]
    assert thread == params["threadId"]


def test_turns_run_in_the_sizes_of_the_command_line() -> None:
    server = make_server("turns", "1", "4")
    turns = [start(server)[1] for _ in range(2)]
    assert [methods(turn).count("item/agentMessage/delta") for turn in turns] == [1, 4]
    assert turns[0][0]["result"]["turn"]["id"] != turns[1][0]["result"]["turn"]["id"]


def test_a_crowd_waits_for_its_last_turn_and_then_runs_interleaved() -> None:
    server = make_server("crowd", "2", "2")
    first, waiting = start(server)
    second, messages = start(server)
    assert methods(waiting) == [None]
    deltas = [it for it in messages if it.get("method") == "item/agentMessage/delta"]
    assert [it["params"]["threadId"] for it in deltas] == [first, second, first, second]
    assert methods(messages).count("turn/completed") == 2


def test_unread_deltas_of_a_started_turn_come_before_the_answer() -> None:
    server = make_server("unread", "3")
    thread, _ = start(server)
    messages = exchange(server, "thread/start")
    assert methods(messages) == ["item/agentMessage/delta"] * 3 + [None]
    assert messages[0]["params"]["threadId"] == thread


def test_without_a_turn_the_unread_notifications_belong_to_none() -> None:
    server = make_server("unread", "3")
    exchange(server, "thread/start")
    assert methods(exchange(server, "thread/start"))[:-1] == ["account/rateLimits/updated"] * 3


@pytest.mark.parametrize(
    ("message", "identifier"),
    [
        (b'{"id":12,"method":"model/list"}\n', 12),
        (b'{"jsonrpc": "2.0", "method": "model/list", "params": {}, "id": 12}\n', 12),
        (b'{"method": "model/list", "id": "a-b"}\n', "a-b"),
    ],
)
def test_requests_are_understood_in_any_style(message: bytes, identifier: object) -> None:
    assert json.loads(make_server("idle").answer(message))["id"] == identifier


def test_notifications_of_the_client_are_not_answered() -> None:
    assert make_server("idle").answer(b'{"method":"initialized"}\n') == b""


def test_an_unknown_method_is_refused() -> None:
    (answer,) = exchange(make_server("idle"), "account/read")
    assert answer["error"]["code"] == -32601


def test_the_program_answers_at_once_and_ends_with_its_stdin() -> None:
    command = [sys.executable, "-I", "-S", flood_server.__file__, "idle"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request("initialize"))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 5
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0


def test_the_program_ends_quietly_when_nobody_reads_its_flood() -> None:
    command = [sys.executable, "-I", "-S", flood_server.__file__, "turns", "50000"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(request("turn/start", threadId="T"))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
