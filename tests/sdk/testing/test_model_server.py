"""How the scripted model server plays its script, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from urllib.parse import urlsplit

import pytest
import tomli
from openai_codex.testing import Gate, ModelRequest, ModelServer, Reply, ScriptError

from tests.sdk.testing.responses_client import ask, ask_streaming, send


def server_threads(port: int | None) -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith(f"model-server:{port}")]


def test_replies_come_in_the_order_of_the_script() -> None:
    with ModelServer(["first", Reply.text("second"), "third"]) as server:
        answers = [ask(server.url) for _ in range(3)]

    assert ["".join(answer.deltas) for answer in answers] == ["first", "second", "third"]


def test_a_script_can_grow() -> None:
    with ModelServer(["first"]) as server:
        server.add("second", "third")
        answers = [ask(server.url) for _ in range(3)]

    assert answers[2].deltas == ["third"]


def test_a_function_replies_to_each_request() -> None:
    with ModelServer(lambda request: f"You-said-{request.prompt}") as server:
        assert ask(server.url, "this").deltas == ["You-said-this"]
        assert ask(server.url, "that").deltas == ["You-said-that"]


def test_many_connections_at_once_get_each_their_own_reply() -> None:
    prompts = [f"prompt-{number}" for number in range(32)]
    with (
        ModelServer(lambda request: request.prompt) as server,
        ThreadPoolExecutor(len(prompts)) as pool,
    ):
        answers = list(pool.map(ask, [server.url] * len(prompts), prompts))

    assert [answer.deltas for answer in answers] == [[prompt] for prompt in prompts]


def test_a_reply_that_waits_does_not_keep_others_waiting() -> None:
    gate = Gate()
    with ModelServer([Reply.hold(gate) + Reply.text("slow"), "quick"]) as server:
        slow = ask_streaming(server.url)
        gate.wait_reached()

        assert ask(server.url).deltas == ["quick"]
        slow.close()


def test_a_function_is_called_for_one_request_at_a_time() -> None:
    busy = threading.Lock()

    def script(request: ModelRequest) -> str:
        assert busy.acquire(blocking=False), "two calls at once"
        # A moment in which another call would come in between.
        threading.Event().wait(0.01)
        busy.release()
        return "ok"

    with ModelServer(script) as server, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, [server.url] * 8))

    assert [answer.status for answer in answers] == [200] * 8


def test_a_function_may_look_at_the_requests_so_far() -> None:
    servers: list[ModelServer] = []
    with ModelServer(lambda request: str(len(servers[0].requests))) as server:
        servers.append(server)

        assert ask(server.url).deltas == ["1"]
        assert ask(server.url).deltas == ["2"]


def test_requests_can_be_read_while_a_function_thinks() -> None:
    thinking, thought = threading.Event(), threading.Event()

    def script(request: ModelRequest) -> str:
        thinking.set()
        assert thought.wait(10)
        return "ok"

    with ModelServer(script) as server, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, server.url, "hello")
        assert thinking.wait(10)
        assert [request.prompt for request in server.requests] == ["hello"]
        thought.set()

        assert answer.result(10).status == 200


def test_a_gate_holds_the_stream_until_it_is_released() -> None:
    gate = Gate()
    with ModelServer([Reply.text("before", gate, "after")]) as server:
        stream = ask_streaming(server.url)
        before = [next(stream)["type"] for _ in range(3)]
        gate.wait_reached()
        assert stream.is_silent_for(0.2)
        stream.close()
        assert before[-1] == "response.output_text.delta"


def test_a_released_gate_lets_the_stream_go_on() -> None:
    gate = Gate()
    with ModelServer([Reply.text("before", gate, "after")]) as server:
        stream = ask_streaming(server.url)
        gate.wait_reached()
        gate.release()

        assert [event["delta"] for event in stream if "delta" in event] == ["before", "after"]
        stream.close()


def test_a_gate_holds_back_a_failure_too() -> None:
    gate = Gate()
    with (
        ModelServer([Reply.hold(gate) + Reply.failure(503)]) as server,
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(ask, server.url)
        gate.wait_reached()
        assert not answer.done()
        gate.release()

        assert answer.result(10).status == 503


def test_waiting_for_a_gate_that_nobody_reaches_times_out() -> None:
    with pytest.raises(TimeoutError, match="no reply came to the gate"):
        Gate().wait_reached(timeout=0.01)


def test_requests_are_recorded_with_body_headers_and_path() -> None:
    with ModelServer(["ok"]) as server:
        ask(server.url, "hello", model="some-model")
        (request,) = server.requests

    assert (request.method, request.path) == ("POST", "/v1/responses")
    assert request.body["model"] == "some-model"
    assert request.headers["thread-id"] == "a-thread"


def test_waiting_for_requests_returns_once_they_came() -> None:
    with ModelServer(["one", "two"]) as server, ThreadPoolExecutor(2) as pool:
        for prompt in ("a", "b"):
            pool.submit(ask, server.url, prompt)

        requests = server.wait_for_requests(2)

    assert {request.prompt for request in requests} == {"a", "b"}


def test_waiting_for_requests_that_do_not_come_times_out() -> None:
    with ModelServer(["one"]) as server:
        ask(server.url)

        with pytest.raises(TimeoutError, match="1 of 2 requests"):
            server.wait_for_requests(2, timeout=0.01)


def test_a_request_beyond_the_script_is_told_so() -> None:
    server = ModelServer(["only"])
    server.start()
    ask(server.url)

    answer = ask(server.url)
    server.close()

    assert answer.status == 400
    assert answer.body.startswith("the script is exhausted: request 2 ")


def test_a_request_beyond_the_script_is_recorded_as_an_error() -> None:
    server = ModelServer()
    server.start()
    ask(server.url)
    server.close()

    assert [str(error).partition(":")[0] for error in server.errors] == ["the script is exhausted"]


def test_leaving_the_context_raises_what_went_wrong() -> None:
    with pytest.raises(ScriptError, match="exhausted"), ModelServer() as server:
        ask(server.url)


def test_leaving_the_context_by_an_exception_lets_it_pass() -> None:
    def fail_in_context() -> None:
        with ModelServer() as server:
            ask(server.url)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fail_in_context()


def test_a_script_error_is_a_failed_assertion() -> None:
    assert issubclass(ScriptError, AssertionError)


def test_a_script_that_was_played_to_its_end_is_exhausted() -> None:
    with ModelServer(["one"]) as server:
        ask(server.url)

        server.assert_exhausted()


def test_replies_that_nobody_asked_for_are_an_error_when_asked() -> None:
    with ModelServer(["one", "two", "three"]) as server:
        ask(server.url)

        with pytest.raises(ScriptError, match="2 of the replies"):
            server.assert_exhausted()


def test_a_request_too_many_is_an_error_when_asked() -> None:
    server = ModelServer()
    server.start()
    ask(server.url)
    server.close()

    with pytest.raises(ScriptError, match="exhausted"):
        server.assert_exhausted()


def test_a_function_that_raises_is_reported_with_its_exception() -> None:
    def script(request: ModelRequest) -> str:
        raise KeyError(request.prompt)

    server = ModelServer(script)
    server.start()
    answer = ask(server.url, "lost")
    server.close()

    assert answer.status == 400
    assert "KeyError('lost')" in answer.body
    assert isinstance(server.errors[0].__cause__, KeyError)


def test_a_function_that_returns_no_reply_is_reported() -> None:
    server = ModelServer(lambda request: 42)  # type: ignore[arg-type, return-value]  # the error under test
    server.start()
    answer = ask(server.url)
    server.close()

    assert answer.body == "the script returned 42, which is not a reply"


def test_a_body_that_is_no_json_object_is_reported() -> None:
    server = ModelServer(["never"])
    server.start()
    answers = [send(server.url, "POST", "/responses", body) for body in (b"", b"{", b"[]", b"\xff")]
    server.close()

    assert [answer.status for answer in answers] == [400] * 4
    assert len(server.errors) == 4
    assert isinstance(server.errors[0].__cause__, ValueError)
    assert server.requests == ()


def test_a_request_that_is_no_http_is_reported() -> None:
    server = ModelServer(["never"])
    server.start()
    with pytest.raises(RemoteDisconnected):
        send(server.url, "POST", "/responses", b"{}", {"Content-Length": "two"})
    server.close()

    assert [str(error).partition(":")[0] for error in server.errors] == ["the model server failed"]


def test_an_unknown_path_is_recorded_and_not_found() -> None:
    with ModelServer(["never"]) as server:
        got = send(server.url, "GET", "/models?limit=1")
        posted = send(server.url, "POST", "/other", json.dumps({"a": 1}).encode())

    assert (got.status, posted.status) == (404, 404)
    assert [request.path for request in server.unknown_requests] == [
        "/v1/models?limit=1",
        "/v1/other",
    ]
    assert server.unknown_requests[1].body == {"a": 1}
    assert server.requests == ()


def test_a_query_does_not_hide_the_model() -> None:
    with ModelServer(["ok"]) as server:
        assert send(server.url, "POST", "/responses?api-version=1", b"{}").status == 200


def test_a_client_that_leaves_is_no_error() -> None:
    gate = Gate()
    with ModelServer([Reply.text("a", gate, *"bcdefgh" * 100), "next"]) as server:
        stream = ask_streaming(server.url)
        gate.wait_reached()
        stream.close()
        gate.release()

        assert ask(server.url).deltas == ["next"]
    assert server.errors == ()


def test_a_single_reply_is_no_script() -> None:
    with pytest.raises(TypeError, match="a sequence of replies or a function"):
        ModelServer("hello")


def test_a_function_cannot_grow() -> None:
    with pytest.raises(TypeError, match="function"):
        ModelServer(lambda request: "ok").add("more")


def test_a_server_that_is_not_running_has_no_url() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = ModelServer().url


def test_starting_twice_is_starting_once() -> None:
    server = ModelServer(["ok"])
    server.start()
    url = server.url
    server.start()

    assert server.url == url
    server.close()
    assert server_threads(urlsplit(url).port) == []


def test_closing_is_allowed_at_any_time() -> None:
    server = ModelServer()
    server.close()
    server.close()

    with pytest.raises(RuntimeError, match="does not start again"):
        server.start()


def test_nothing_is_left_of_a_closed_server() -> None:
    with ModelServer(["ok"]) as server:
        address = urlsplit(server.url)
        assert ask(server.url).status == 200
    assert address.hostname is not None

    assert server_threads(address.port) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port or 0), timeout=5)


def test_closing_cuts_a_reply_that_waits_at_a_gate() -> None:
    gate = Gate()
    with ModelServer([Reply.text("before", gate, "after")]) as server:
        port = urlsplit(server.url).port
        stream = ask_streaming(server.url)
        gate.wait_reached()

    assert gate.released
    assert server_threads(port) == []
    assert "after" not in [event.get("delta") for event in stream]
    stream.close()


def test_closing_cuts_a_delay_short() -> None:
    with ModelServer([Reply.text("before") + Reply.delay(60)]) as server:
        port = urlsplit(server.url).port
        stream = ask_streaming(server.url)
        next(event for event in stream if event["type"] == "response.output_item.done")
        started = time.monotonic()

    assert time.monotonic() - started < 10
    assert server_threads(port) == []
    stream.close()


def test_closing_cuts_a_client_that_is_silent() -> None:
    with ModelServer() as server:
        address = urlsplit(server.url)
        assert address.hostname is not None
        silent = socket.create_connection((address.hostname, address.port or 0), timeout=5)
        silent.sendall(
            b"POST /v1/responses HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        # The server reads: it has told the client to go on, which the client never does.
        assert silent.recv(1000).startswith(b"HTTP/1.1 100 Continue")

    with silent:
        assert server_threads(address.port) == []
        assert silent.recv(1) == b""
    assert server.errors == ()


async def test_it_serves_a_client_on_an_event_loop() -> None:
    with ModelServer(["hello"]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(server.url).port)
        writer.write(b"POST /v1/responses HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()

    assert b"response.completed" in answer


def test_its_configuration_is_toml_that_names_the_server_and_nothing_else() -> None:
    with ModelServer() as server:
        url = server.url
        overrides = server.config_overrides(model='a "model"', stream_max_retries=2)

    assert tomli.loads("\n".join(overrides)) == {
        "model": 'a "model"',
        "model_provider": "scripted",
        "model_providers": {
            "scripted": {
                "name": "scripted",
                "base_url": url,
                "wire_api": "responses",
                "request_max_retries": 0,
                "stream_max_retries": 2,
            }
        },
        "features": {"unbounded_connection_retries": False, "plugins": False},
    }
