"""Ctrl-C in a program that uses the sync client, at whatever point of a call it comes."""

from __future__ import annotations

import _thread
import contextlib
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import codex_app_server_rpc
import pytest
from codex_app_server_rpc import (
    Client,
    NotificationStream,
    OverloadRetry,
    TransportClosedError,
    threads,
)
from codex_app_server_rpc.transports._pipes.pipe_writer import PipeWriter
from codex_app_server_rpc.transports._pipes.thread_writer import ThreadWriter

from tests.rpc.driver import IDENTITY
from tests.rpc.turn_messages import completed, delta, params, started, turn_result
from tests.rpc.wire import INITIALIZE_RESULT, decoded, failure, notification, result

Message = dict[str, Any]
PACKAGE = str(Path(codex_app_server_rpc.__file__).parent)
START = "turn/start"
INTERRUPT = "turn/interrupt"

pytestmark = [
    pytest.mark.usefixtures("ctrl_c"),
    pytest.mark.skipif(sys.platform == "win32", reason="a signal cannot be sent to a thread there"),
]


class Way:
    """A transport whose server answers in a thread of its own, if it answers.

    Attributes:
        requests: What the server was asked, by method.
        on: What to do in the very call that sends a request, by method.
        answers: What the server says to a request, by method.
    """

    def __init__(self) -> None:
        self.requests: list[Message] = []
        self.on: dict[str, Callable[[], object]] = {}
        self.answers: dict[str, Callable[[Message], Iterable[bytes]]] = {}
        self._threads: list[threading.Thread] = []
        self._receive: Callable[[bytes], None] | None = None

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        self._receive = receive

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        message = decoded(data)
        method = message["method"]
        if method == "initialize":
            self.say(result(message["id"], INITIALIZE_RESULT))
        elif "id" in message:
            self.requests.append(message)
            if method in self.answers:
                self.later(lambda: self._answer(message))
            if method in self.on:
                self.on[method]()

    def _answer(self, message: Message) -> None:
        for data in self.answers[message["method"]](message):
            self.say(data)

    def say(self, data: bytes) -> None:
        assert self._receive is not None
        self._receive(data)

    def later(self, job: Callable[[], object]) -> None:
        """Do something in another thread."""
        thread = threading.Thread(target=job)
        self._threads.append(thread)
        thread.start()

    def abort(self) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        for thread in self._threads:
            thread.join(10)

    def made(self) -> list[str]:
        return [message["method"] for message in self.requests]


def press_ctrl_c() -> None:
    """Have Ctrl-C pressed while this thread, the main one, does something."""
    signal.raise_signal(signal.SIGINT)


def press_ctrl_c_from_elsewhere() -> None:
    """Have Ctrl-C pressed while the main thread waits."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)


def once_the_main_thread_waits(
    press: Callable[[], object], waiting: Callable[..., object] = threads.acquire
) -> None:
    """Have Ctrl-C pressed when the main thread waits for a lock, in a function."""
    main = threading.main_thread().ident
    assert main is not None
    frames = sys._current_frames  # pyright: ignore[reportPrivateUsage] - documented
    while frames()[main].f_code.co_name != waiting.__name__:
        time.sleep(0)
    press()


def next_under_ctrl_c(way: Way, stream: NotificationStream) -> None:
    """Wait for a notification that does not come."""
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the signal may come at once
        way.later(press_ctrl_c_from_elsewhere)
        stream.next()


def obeyed(message: Message) -> Iterable[bytes]:
    turn = message["params"]
    return [
        result(message["id"], {}),
        completed(turn["turnId"], turn["threadId"], "interrupted"),
    ]


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.fixture
def client(way: Way) -> Iterator[Client]:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("Ctrl-C reaches the main thread only")
    made = Client(way, identity=IDENTITY, overload_retry=OverloadRetry(first_delay=1e9))
    made.start()
    yield made
    made.close(mode="kill")


def leftovers(client: Client) -> tuple[int, ...]:
    stats = client.stats()
    return stats.in_flight, stats.waiting, stats.consumers, stats.active_turns


def interrupted(way: Way) -> list[Any]:
    return [
        message["params"]["turnId"] for message in way.requests if message["method"] == INTERRUPT
    ]


def test_a_request_is_given_up_and_the_client_stays_usable(way: Way, client: Client) -> None:
    way.on["account/logout"] = lambda: way.later(press_ctrl_c_from_elsewhere)
    with pytest.raises(KeyboardInterrupt):
        client.account_logout(timeout=None)
    assert leftovers(client) == (0, 0, 0, 0)
    way.say(result(way.requests[0]["id"], {}))
    assert client.stats().unmatched == 1
    way.answers["fs/readFile"] = lambda message: [result(message["id"], {"dataBase64": ""})]
    assert client.fs_read_file(path="/x").data_base64 == ""


@pytest.mark.parametrize(
    "press",
    [press_ctrl_c, _thread.interrupt_main],
    ids=["another thread gets the signal", "interrupt_main"],
)
def test_a_ctrl_c_that_does_not_interrupt_the_wait_is_heard(
    way: Way, client: Client, press: Callable[[], object]
) -> None:
    way.on["account/logout"] = lambda: way.later(lambda: once_the_main_thread_waits(press))
    with pytest.raises(KeyboardInterrupt):
        client.account_logout(timeout=None)
    assert leftovers(client) == (0, 0, 0, 0)


def test_a_request_that_is_being_sent_is_given_up(way: Way, client: Client) -> None:
    way.on["account/logout"] = press_ctrl_c
    with pytest.raises(KeyboardInterrupt):
        client.account_logout(timeout=None)
    assert leftovers(client) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "waiting"), [(PipeWriter, PipeWriter.send), (ThreadWriter, threading.Condition.wait)]
)
def test_it_is_heard_in_the_line_of_those_whom_the_server_does_not_read(
    kind: type[PipeWriter | ThreadWriter], waiting: Callable[..., object]
) -> None:
    reading, writing = os.pipe()
    writer = kind(os.fdopen(writing, "wb", buffering=0))

    def go_first() -> None:
        with contextlib.suppress(BrokenPipeError):
            writer.send(b"x" * 1_000_000, None)

    first = threading.Thread(target=go_first)
    first.start()
    assert os.read(reading, 1) == b"x"
    press = threading.Thread(target=once_the_main_thread_waits, args=(press_ctrl_c, waiting))
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the signal may come at once
        press.start()
        writer.send(b"y", None)
    os.close(reading)
    press.join()
    first.join()
    assert writer.close(20)


def test_a_turn_that_is_named_late_is_interrupted(way: Way, client: Client) -> None:
    way.on[START] = press_ctrl_c
    way.answers[START] = lambda message: [started(), turn_result(message["id"])]
    way.answers[INTERRUPT] = obeyed
    with pytest.raises(KeyboardInterrupt):
        client.start_turn(params(), timeout=None)
    assert interrupted(way) == ["U"]
    assert leftovers(client) == (0, 0, 0, 0)


def test_a_turn_that_was_seen_to_start_is_interrupted(
    way: Way, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codex_app_server_rpc._sync.streams.STOP_GRACE", 0.1)

    def start() -> None:
        way.say(started())
        way.later(press_ctrl_c_from_elsewhere)

    way.on[START] = start
    way.answers[INTERRUPT] = obeyed
    with pytest.raises(KeyboardInterrupt):
        client.start_turn(params(), timeout=None)
    assert interrupted(way) == ["U"]
    way.close()
    assert leftovers(client) == (0, 0, 0, 0)


def test_ctrl_c_again_ends_the_wait_and_the_stopping_goes_on(way: Way, client: Client) -> None:
    def press_once() -> None:
        del way.on[INTERRUPT]
        press_ctrl_c()

    way.on[START] = press_ctrl_c
    way.answers[START] = lambda message: [turn_result(message["id"]), started()]
    way.answers[INTERRUPT] = lambda message: () if INTERRUPT in way.on else obeyed(message)
    way.on[INTERRUPT] = press_once
    with pytest.raises(KeyboardInterrupt):
        client.start_turn(params(), timeout=None)
    end = monotonic() + 10
    while leftovers(client) != (0, 0, 0, 0):
        assert monotonic() < end
    way.close()


def test_whoever_waits_between_two_attempts_makes_no_other(way: Way, client: Client) -> None:
    def refuse(message: Message) -> Iterable[bytes]:
        yield failure(message["id"], -32001)
        press_ctrl_c_from_elsewhere()

    way.answers["account/logout"] = refuse
    with pytest.raises(KeyboardInterrupt):
        client.account_logout(timeout=None)
    assert way.made() == ["account/logout"]
    assert leftovers(client) == (0, 0, 0, 0)


def test_whoever_reads_a_turn_can_stop_it(way: Way, client: Client) -> None:
    way.answers[START] = lambda message: [turn_result(message["id"]), started()]
    way.answers[INTERRUPT] = obeyed
    stream = client.start_turn(params())
    way.close()
    assert stream.next(10) is not None
    next_under_ctrl_c(way, stream)
    way.say(delta("x"))
    assert stream.stop()
    assert [event.method for event in stream] == ["item/agentMessage/delta", "turn/completed"]
    assert leftovers(client) == (0, 0, 0, 0)


def test_a_wait_for_a_notification_goes_on_after_it(way: Way, client: Client) -> None:
    with client.subscribe() as stream:
        next_under_ctrl_c(way, stream)
        way.say(notification("a"))
        event = stream.next(10)
        assert event is not None
        assert event.method == "a"
    assert leftovers(client) == (0, 0, 0, 0)


class Stroke:
    """A Ctrl-C at the n-th call or return of code of the raw client, in this thread.

    Not at the return to the test: what was given back already is the caller's.

    Attributes:
        place: Where it struck; empty if the code has ended before.
    """

    def __init__(self, point: int) -> None:
        self.place = ""
        self._left = point

    def __enter__(self) -> Stroke:
        sys.settrace(self._look)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _look(self, frame: FrameType, event: str, argument: object) -> Any:
        file = frame.f_code.co_filename
        if PACKAGE not in file:
            return None
        back = frame.f_back
        is_inner = back is not None and PACKAGE in back.f_code.co_filename
        if event == "call" or (event == "return" and is_inner):
            self._left -= 1
            if self._left == 0:
                sys.settrace(None)
                self.place = f"{file}:{frame.f_lineno} {event} {frame.f_code.co_name}"
                raise KeyboardInterrupt
        return self._look


@pytest.mark.timeout(120)
def test_wherever_it_comes_in_a_turn_nothing_is_left_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("codex_app_server_rpc._sync.streams.STOP_GRACE", 0.5)
    for point in itertools.count(1):
        way = Way()
        way.answers[START] = lambda message: [started(), turn_result(message["id"])]
        way.answers[INTERRUPT] = obeyed
        client = Client(way, identity=IDENTITY)
        client.start()
        stroke = Stroke(point)
        stream: object = None  # to be kept: Python forgets a Ctrl-C that comes in a finaliser
        with contextlib.suppress(KeyboardInterrupt), stroke:
            stream = client.start_turn(params())
        if not stroke.place:
            assert point > 50  # else it is not looked at what it should
            assert stream is not None
            client.close(mode="kill")
            return
        way.close()  # the server has said all it has to say
        assert leftovers(client) == (0, 0, 0, 0), stroke.place
        client.close(mode="kill")
