"""The session against a naive model of it: calls, and whatever a server may send, cut anywhere.

The model keeps two dictionaries and reads each line with `json.loads`. Whenever bytes were
delivered, the events, the counters and the tables of the session must be those of the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

import pytest
from codex_app_server_rpc import Notification, Session, TransportClosedError, UsageError
from codex_app_server_rpc.core.inbound import (
    Failure,
    Inbound,
    Resolved,
    Result,
    ServerRequest,
    Skipped,
)
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.rpc.models.effort import look_for_a_counterexample
from tests.rpc.wire import decoded, line, notification, request, result

MAX_LINE = 300
APPROVAL = "item/fileChange/requestApproval"

METHODS = ["turn/started", "future/thing", APPROVAL, "future/question"]
OUR_IDS: list[Any] = [*range(5), *range(5), 99, -1]
THEIR_IDS: list[Any] = [0, 1, "0", ""]
ODD_IDS: list[Any] = [None, True, 1.0, 0.5, [], {}]
VALUES: list[Any] = [None, {}, {"größe": ["😀\n"]}]

# One draw for a line: what is inside is the business of the tests of rubbish.
ANSWERS = [result(id_, value) for id_ in [*OUR_IDS, *ODD_IDS] for value in VALUES[:2]]
FAILURE_MEMBERS: list[dict[str, Any]] = [
    {"error": {"code": -32001, "message": "busy", "data": {"a": 1}}},
    {"error": {"code": True, "message": 7}},
    {"error": "boom"},
    {"error": None},
    {"error": {"code": -32603}, "result": {}},
    {"error": None, "result": 1},
    {},
]
FAILURES = [line({"id": id_, **members}) for id_ in OUR_IDS for members in FAILURE_MEMBERS]
REQUESTS = [
    request(id_, method, a=1) for id_ in [*THEIR_IDS * 3, *ODD_IDS] for method in METHODS[2:]
]
RESOLUTIONS = [
    notification("serverRequest/resolved", requestId=id_) for id_ in [*THEIR_IDS, *ODD_IDS]
]
# The server uses an id again, which it may once its first request is resolved.
SEQUENCES = [
    asked + notification("serverRequest/resolved", requestId=id_) + asked
    for id_ in THEIR_IDS
    for asked in [request(id_, APPROVAL, a=1)]
]
NOTIFICATIONS = [notification(method, a=value) for method in METHODS for value in VALUES]
TIMED = [line({"method": METHODS[0], "emittedAtMs": time}) for time in [5, True, "noon", None]]
RUBBISH = [b"", b"  ", b"\r", b"[", b"[]", b"7", b'{"method":', b"\xff", b"{}", b'{"method":7}']
TOO_LONG = [b"x" * (MAX_LINE + more) for more in (0, 1, 2, 300, 600)]
LINES = st.sampled_from(
    [
        ANSWERS,
        FAILURES,
        REQUESTS,
        [*RESOLUTIONS, *SEQUENCES],
        [*NOTIFICATIONS, *TIMED],
        [one + b"\n" for one in RUBBISH],
        [one + b"\n" for one in TOO_LONG],
    ]
).flatmap(st.sampled_from)


class SessionModel(RuleBasedStateMachine):
    """A session, its naive model, and a server that says anything."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(max_line=MAX_LINE)
        self.state = "new"
        self.calls = 0
        self.ours: dict[int, str] = {}
        self.theirs: dict[str | int, ServerRequest] = {}
        self.seen: list[ServerRequest] = []  # every request of the server
        self.replied: list[ServerRequest] = []
        self.counters = dict.fromkeys(asdict(self.session.counters), 0)
        self.unsaid = b""  # what the server has still to say
        self.unfinished = b""  # what was delivered of the present line
        self.told = False  # whether that is too long, and was counted

    # --- this side -------------------------------------------------------------------------

    @initialize(ready=st.sampled_from([True, True, True, False]))
    def shake_hands(self, ready: bool) -> None:
        """Begin with a session that is ready, most of the time."""
        if ready:
            self.open()
            self.opened()

    @rule()
    def open(self) -> None:
        """Open the handshake."""
        if self.refused("new", lambda: self.session.initialize(b"{}")):
            return
        request_id, data = self.session.initialize(b"{}")
        self.asked("initialize", request_id, data)
        self.state = "initializing"

    @rule()
    def opened(self) -> None:
        """Close the handshake."""
        if self.refused("initializing", self.session.initialized):
            return
        assert decoded(self.session.initialized()) == {"method": "initialized"}
        self.state = "ready"

    @rule(method=st.sampled_from(METHODS), params=st.none() | st.just({"a": "\n"}))
    def ask(self, method: str, params: object) -> None:
        """Make a request."""
        encoded = None if params is None else json.dumps(params, indent=1).encode()
        if self.refused("ready", lambda: self.session.request(method, encoded)):
            return
        request_id, data = self.session.request(method, encoded)
        self.asked(method, request_id, data, params)

    @rule(method=st.sampled_from(METHODS))
    def tell(self, method: str) -> None:
        """Make a notification."""
        if not self.refused("ready", lambda: self.session.notify(method)):
            assert decoded(self.session.notify(method)) == {"method": method}

    @rule(request_id=st.sampled_from(OUR_IDS))
    def give_up(self, request_id: int) -> None:
        """Forget a request, open or not."""
        self.session.forget(request_id)
        self.ours.pop(request_id, None)

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), fails=st.booleans())
    def reply(self, data: st.DataObject, fails: bool) -> None:
        """Reply to a request of the server, open or not."""
        asked = data.draw(st.sampled_from(self.seen[-4:]), label="request")
        is_open = self.theirs.get(asked.id) is asked
        assert self.session.is_open(asked) == is_open
        if fails:
            sent = self.session.reply_error(asked, -32603, "no")
        else:
            sent = self.session.reply(asked, b'{"a":\n1}')
        if not is_open:
            assert sent == b""
            self.counters["withdrawn"] += 1
            return
        body = {"error": {"code": -32603, "message": "no"}} if fails else {"result": {"a": 1}}
        reply = decoded(sent)
        assert reply == {"id": asked.id, **body}
        assert type(reply["id"]) is type(asked.id)
        assert not any(other is asked for other in self.replied)
        self.replied.append(asked)
        del self.theirs[asked.id]

    # --- the server ------------------------------------------------------------------------

    @precondition(lambda self: self.state != "closed")
    @rule(
        lines=st.lists(LINES, min_size=1, max_size=6),
        kept=st.just(0) | st.integers(0, 40) | st.integers(0, 600),
        cut=st.integers(0, 600),
    )
    def say(self, lines: list[bytes], kept: int, cut: int) -> None:
        """Have the server say something, which comes in two pieces; the end of it comes later."""
        said = self.unsaid + b"".join(lines)
        end = max(0, len(said) - kept)
        self.unsaid = said[end:]
        for piece in (said[: min(cut, end)], said[min(cut, end) : end]):
            self.deliver(piece)

    def deliver(self, piece: bytes) -> None:
        """Deliver some bytes, and compare what the session makes of them."""
        *lines, self.unfinished = (self.unfinished + piece).split(b"\n")
        # A line that is too long is counted as soon as it is, not at its end.
        too_long = sum(len(one) > MAX_LINE for one in [*lines, self.unfinished])
        too_long -= self.told
        self.told = len(self.unfinished) > MAX_LINE
        expected = [self.event(one) for one in lines if len(one) <= MAX_LINE]
        expected += [self.skipped() for _ in range(too_long)]
        self.same(self.session.receive(piece), expected)

    @precondition(lambda self: self.state != "closed")
    @rule(chance=st.integers(0, 23))
    def end(self, chance: int) -> None:
        """End the session, now and then; most often because the server's stream has ended."""
        if chance > 3:
            return
        if chance > 0:
            rest = self.unfinished
            expected = [self.event(rest)] if rest.strip() and len(rest) <= MAX_LINE else []
            self.same(self.session.receive_eof(), expected)
        self.session.close()
        self.state = "closed"
        self.ours.clear()
        self.theirs.clear()

    # --- the model -------------------------------------------------------------------------

    def refused(self, state: str, call: Callable[[], object]) -> bool:
        """Tell whether the state forbids a call, and see to it that the session does so too."""
        if self.state == state:
            return False
        error = TransportClosedError if self.state == "closed" else UsageError
        with pytest.raises(error):
            call()
        return True

    def asked(self, method: str, request_id: int, data: bytes, params: object = None) -> None:
        assert request_id == self.calls
        self.calls += 1
        message = decoded(data)
        assert (message["id"], message["method"]) == (request_id, method)
        if method != "initialize":
            assert message.get("params") == params
        self.ours[request_id] = method

    def event(self, text: bytes) -> Inbound:
        """Say what a line means."""
        try:
            message = json.loads(text.decode())
        except ValueError:
            return self.skipped()
        if not isinstance(message, dict):
            return self.skipped()
        members = cast("dict[str, Any]", message)
        if "id" not in members:
            return self.notified(members)
        if members.get("method") is None:
            return self.answered(members)
        return self.requested(members)

    def skipped(self) -> Skipped:
        self.counters["skipped"] += 1
        return Skipped("", "")

    def notified(self, members: dict[str, Any]) -> Inbound:
        method = members.get("method")
        if not isinstance(method, str):
            return self.skipped()
        self.counters["received"] += 1
        self.counters["unknown"] += method not in {METHODS[0], "serverRequest/resolved"}
        emitted = members.get("emittedAtMs")
        event = Notification(
            method, members.get("params"), emitted if type(emitted) is int else None
        )
        if method != "serverRequest/resolved":
            return event
        request_id = members["params"]["requestId"]
        withdrawn = None
        if type(request_id) in {str, int}:
            withdrawn = self.theirs.pop(request_id, None)
        return Resolved(event, withdrawn)

    def answered(self, members: dict[str, Any]) -> Inbound:
        request_id = members["id"]
        has_body = "result" in members or "error" in members
        if type(request_id) is not int or not has_body or request_id not in self.ours:
            self.counters["unmatched"] += 1
            return Skipped("", "", type(request_id) is int and 0 <= request_id < self.calls)
        self.counters["received"] += 1
        method = self.ours.pop(request_id)
        error = members.get("error")
        if error is None and "result" in members:
            return Result(request_id, method, members["result"])
        if not isinstance(error, dict):
            return Failure(request_id, method, -32603, str(error), None)
        told = cast("dict[str, Any]", error)
        code, text = told.get("code"), told.get("message")
        return Failure(
            request_id,
            method,
            code if type(code) is int else -32603,
            text if isinstance(text, str) else "the server gave no message",
            told.get("data"),
        )

    def requested(self, members: dict[str, Any]) -> Inbound:
        method, request_id = members["method"], members["id"]
        if not isinstance(method, str) or type(request_id) not in {str, int}:
            return self.skipped()
        asked = ServerRequest(request_id, method, members.get("params"))
        waiting = self.theirs.get(request_id, asked)
        if waiting != asked:
            return self.skipped()
        self.counters["received"] += 1
        if request_id in self.theirs:
            return Skipped("", "", True)
        self.counters["unknown"] += method != APPROVAL
        self.theirs[request_id] = asked
        return asked

    def same(self, events: list[Inbound], expected: list[Inbound]) -> None:
        """Compare events with those of the model, which takes over the session's own objects."""
        assert len(events) == len(expected)
        for event, wanted in zip(events, expected, strict=True):
            assert type(event) is type(wanted)
            if isinstance(event, Skipped) and isinstance(wanted, Skipped):
                assert event.late == wanted.late
                continue
            assert event == wanted
            if isinstance(event, Resolved) and isinstance(wanted, Resolved):
                assert event.request == wanted.request
            if isinstance(event, ServerRequest):
                self.seen.append(event)
                if self.theirs.get(event.id) is wanted:
                    self.theirs[event.id] = event

    @invariant()
    def the_tables_are_those_of_the_model(self) -> None:
        assert self.session.state.value == self.state
        assert self.session.pending == len(self.ours)
        assert list(self.session.server_requests) == list(self.theirs.values())
        if self.state == "closed":
            assert self.session.pending == len(self.session.server_requests) == 0

    @invariant()
    def the_counters_add_up(self) -> None:
        assert asdict(self.session.counters) == self.counters


def test_the_session_does_what_its_model_does() -> None:
    look_for_a_counterexample(SessionModel, steps=40, effort=3)
