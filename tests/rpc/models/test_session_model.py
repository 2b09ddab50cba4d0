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
from codex_app_server_rpc.inbound import (
    Failure,
    Inbound,
    Resolved,
    Result,
    ServerRequest,
    Skipped,
)
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.rpc.wire import decoded, failure, line, notification, request, result

MAX_LINE = 300
APPROVAL = "item/fileChange/requestApproval"

OUR_IDS = st.integers(-1, 12)
THEIR_IDS = st.sampled_from([0, 1, 2, "0", "a", ""])
ODD_IDS = st.sampled_from([None, True, 1.0, 0.5, [], {}])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("aé\n😀", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab"), inner, max_size=2),
    max_leaves=3,
)
MEMBERS = st.sampled_from(["id", "method", "params", "result", "error", "emittedAtMs"])
METHODS = st.sampled_from(["turn/started", "future/thing", APPROVAL, "future/question"])

ANSWERS = st.builds(result, OUR_IDS | ODD_IDS, JSON)
FAILURES = st.builds(failure, OUR_IDS, st.sampled_from([-32001, "x", None]), JSON)
REQUESTS = st.builds(lambda id_, method: request(id_, method, a=1), THEIR_IDS | ODD_IDS, METHODS)
RESOLUTIONS = st.builds(
    lambda id_: notification("serverRequest/resolved", requestId=id_), THEIR_IDS | ODD_IDS
)
NOTIFICATIONS = st.builds(lambda method, params: notification(method, a=params), METHODS, JSON)
OBJECTS = st.builds(line, st.dictionaries(MEMBERS, JSON, max_size=4))
RUBBISH = st.builds(
    lambda data: data.replace(b"\n", b"") + b"\n",
    st.binary(max_size=20)
    | st.sampled_from([b"", b"  ", b"\r", b"[", b"[]", b"7", b'{"method":', b"\xff", b"{}"]),
)
TOO_LONG = st.builds(lambda size: b"x" * size + b"\n", st.integers(MAX_LINE, MAX_LINE + 60))
LINES = (
    ANSWERS
    | FAILURES
    | REQUESTS
    | REQUESTS
    | RESOLUTIONS
    | NOTIFICATIONS
    | OBJECTS
    | RUBBISH
    | TOO_LONG
)


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
        self.said = b""  # what the server said and did not deliver yet
        self.unfinished = b""  # what was delivered of the present line
        self.told = False  # whether that is too long, and was counted

    # --- this side -------------------------------------------------------------------------

    @initialize(ready=st.integers(0, 9))
    def shake_hands(self, ready: int) -> None:
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

    @rule(method=METHODS, params=st.none() | st.just({"a": "\n"}))
    def ask(self, method: str, params: object) -> None:
        """Make a request."""
        encoded = None if params is None else json.dumps(params, indent=1).encode()
        if self.refused("ready", lambda: self.session.request(method, encoded)):
            return
        request_id, data = self.session.request(method, encoded)
        self.asked(method, request_id, data, params)

    @rule(method=METHODS)
    def tell(self, method: str) -> None:
        """Make a notification."""
        if not self.refused("ready", lambda: self.session.notify(method)):
            assert decoded(self.session.notify(method)) == {"method": method}

    @rule(request_id=OUR_IDS)
    def give_up(self, request_id: int) -> None:
        """Forget a request, open or not."""
        self.session.forget(request_id)
        self.ours.pop(request_id, None)

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), fails=st.booleans())
    def reply(self, data: st.DataObject, fails: bool) -> None:
        """Reply to a request of the server, open or not."""
        asked = data.draw(st.sampled_from(self.seen), label="request")
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

    @rule(chance=st.integers(0, 15))
    def close(self, chance: int) -> None:
        """Close the session, now and then."""
        if chance == 0:
            self.session.close()
            self.state = "closed"
            self.ours.clear()
            self.theirs.clear()

    # --- the server ------------------------------------------------------------------------

    @rule(said=st.lists(LINES, min_size=1, max_size=4))
    def say(self, said: list[bytes]) -> None:
        """Have the server say something, which is not delivered yet."""
        self.said += b"".join(said)

    @precondition(lambda self: self.said and self.state != "closed")
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """Deliver any part of what the server said."""
        places = st.integers(1, len(self.said)) | st.just(len(self.said))
        size = data.draw(places, label="bytes")
        piece, self.said = self.said[:size], self.said[size:]
        *lines, self.unfinished = (self.unfinished + piece).split(b"\n")
        # A line that is too long is counted as soon as it is, not at its end.
        too_long = sum(len(one) > MAX_LINE for one in [*lines, self.unfinished])
        too_long -= self.told
        self.told = len(self.unfinished) > MAX_LINE
        expected = [self.event(one) for one in lines if len(one) <= MAX_LINE]
        expected += [self.skipped() for _ in range(too_long)]
        self.same(self.session.receive(piece), expected)

    @precondition(lambda self: self.state != "closed" and self.said == b"")
    @rule()
    def end(self) -> None:
        """End the server's stream, wherever it is."""
        rest, self.unfinished = self.unfinished, b""
        expected = [self.event(rest)] if rest.strip() and len(rest) <= MAX_LINE else []
        self.same(self.session.receive_eof(), expected)
        self.close(0)

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
        self.counters["unknown"] += method in {"future/thing", "future/question", APPROVAL}
        self.counters["unknown"] += method.strip("aé\n😀") == ""
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
        if request_id in self.theirs:
            return self.skipped()
        self.counters["received"] += 1
        self.counters["unknown"] += method != APPROVAL
        asked = ServerRequest(request_id, method, members.get("params"))
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


TestSession = SessionModel.TestCase
TestSession.settings = settings(stateful_step_count=40)
