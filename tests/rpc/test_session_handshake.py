"""The session's states, its ids, and what it emits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from codex_app_server_rpc import Session, SessionState, TransportClosedError, UsageError

from tests.rpc.wire import decoded, ready_session

CALLS: dict[str, Callable[[Session], object]] = {
    "initialize": lambda session: session.initialize(b"{}"),
    "initialized": lambda session: session.initialized(),
    "request": lambda session: session.request("thread/list"),
    "notify": lambda session: session.notify("thread/seen"),
}


def refused(state: str, *calls: str) -> list[object]:
    return [pytest.param(CALLS[call], id=f"{call}-when-{state}") for call in calls]


def test_a_session_passes_through_its_states_in_order() -> None:
    session = Session()
    states = [session.state]
    session.initialize(b"{}")
    states.append(session.state)
    session.initialized()
    states.append(session.state)
    session.close()
    states.append(session.state)
    assert states == [
        SessionState.NEW,
        SessionState.INITIALIZING,
        SessionState.READY,
        SessionState.CLOSED,
    ]


@pytest.mark.parametrize("call", refused("new", "initialized", "request", "notify"))
def test_a_new_session_allows_nothing_but_initialize(call: Callable[[Session], object]) -> None:
    with pytest.raises(UsageError):
        call(Session())


@pytest.mark.parametrize("call", refused("initializing", "initialize", "request", "notify"))
def test_a_session_in_its_handshake_allows_only_its_end(call: Callable[[Session], object]) -> None:
    session = Session()
    session.initialize(b"{}")
    with pytest.raises(UsageError):
        call(session)


@pytest.mark.parametrize("call", refused("ready", "initialize", "initialized"))
def test_a_ready_session_does_not_shake_hands_again(call: Callable[[Session], object]) -> None:
    with pytest.raises(UsageError):
        call(ready_session())


@pytest.mark.parametrize("call", refused("closed", *CALLS))
def test_after_close_every_call_says_that_the_connection_is_closed(
    call: Callable[[Session], object],
) -> None:
    session = ready_session()
    session.close()
    with pytest.raises(TransportClosedError):
        call(session)


def test_a_connection_that_closes_in_the_handshake_is_closed_not_misused() -> None:
    session = Session()
    session.initialize(b"{}")
    session.close()
    with pytest.raises(TransportClosedError):
        session.initialized()


def test_the_handshake_is_one_request_and_one_notification() -> None:
    session = Session()
    request_id, data = session.initialize(b'{"clientInfo":{}}')
    assert decoded(data) == {
        "id": request_id,
        "method": "initialize",
        "params": {"clientInfo": {}},
    }
    assert decoded(session.initialized()) == {"method": "initialized"}


def test_every_request_has_an_id_of_its_own_which_it_carries() -> None:
    session = ready_session()
    sent = [session.request("thread/list", b"{}") for _ in range(100)]
    assert len({request_id for request_id, _ in sent}) == 100
    assert all(decoded(data)["id"] == request_id for request_id, data in sent)


def test_a_request_without_params_has_no_params_member() -> None:
    assert decoded(ready_session().request("account/logout")[1]) == {
        "id": 1,
        "method": "account/logout",
    }


def test_null_params_are_sent_as_null() -> None:
    assert decoded(ready_session().request("account/logout", b"null")[1])["params"] is None


def test_a_notification_has_no_id() -> None:
    assert decoded(ready_session().notify("thread/seen", b'{"a":1}')) == {
        "method": "thread/seen",
        "params": {"a": 1},
    }


def test_params_that_are_written_over_several_lines_still_go_out_as_one() -> None:
    session = ready_session()
    text = b'{\n  "a": "x\\ny"\r\n}'
    assert decoded(session.request("m", text)[1])["params"] == {"a": "x\ny"}
    assert decoded(session.notify("m", text))["params"] == {"a": "x\ny"}


def test_a_method_of_odd_characters_is_escaped() -> None:
    method = 'a"b\\c\nd\u2028e'
    assert decoded(ready_session().request(method)[1])["method"] == method


def test_a_closed_session_waits_for_nothing() -> None:
    session = ready_session()
    session.request("thread/list")
    session.receive(b'{"id":0,"method":"item/tool/call"}\n')
    assert (session.pending, len(session.server_requests)) == (1, 1)
    session.close()
    assert (session.pending, len(session.server_requests)) == (0, 0)
