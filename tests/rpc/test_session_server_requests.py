"""Requests of the server: each is answered at most once, in an id space of its own."""

from __future__ import annotations

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import ProtocolError
from codex_app_server_rpc.core.inbound import Result, ServerRequest, Skipped
from codex_app_server_rpc.core.session import Session
from codex_app_server_types import JsonValue

from tests.rpc.wire import decoded, notification, ready_session, request, result

METHOD = "item/fileChange/requestApproval"


def ask(session: Session, request_id: str | int = 0) -> ServerRequest:
    """Let the server make a request."""
    (asked,) = session.receive(request(request_id, METHOD))
    assert asked == ServerRequest(request_id, METHOD, {})
    assert isinstance(asked, ServerRequest)
    return asked


@pytest.mark.parametrize("request_id", [0, 7, -1, "", "a", "größe"])
def test_a_reply_carries_the_servers_id_and_the_result(request_id: str | int) -> None:
    session = ready_session()
    asked = ask(session, request_id)
    reply = decoded(session.reply(asked, b'{"decision":"decline"}'))
    assert reply == {"id": request_id, "result": {"decision": "decline"}}


def test_an_error_reply_carries_code_and_message() -> None:
    session = ready_session()
    asked = ask(session)
    assert decoded(session.reply_error(asked, -32601, 'unknown "method"\n')) == {
        "id": 0,
        "error": {"code": -32601, "message": 'unknown "method"\n'},
    }


def test_a_result_that_is_written_over_several_lines_goes_out_as_one() -> None:
    session = ready_session()
    asked = ask(session)
    assert decoded(session.reply(asked, b'{\n"decision":\n"decline"}'))["result"] == {
        "decision": "decline"
    }


def test_a_second_reply_gives_no_bytes() -> None:
    session = ready_session()
    asked = ask(session)
    session.reply(asked, b"{}")
    assert session.reply(asked, b"{}") == b""
    assert session.reply_error(asked, -32603, "late") == b""


def test_a_reply_to_what_was_never_asked_gives_no_bytes() -> None:
    assert ready_session().reply(ServerRequest(5, METHOD, {}), b"{}") == b""


def test_a_reply_after_the_server_resolved_its_request_gives_no_bytes() -> None:
    session = ready_session()
    asked = ask(session)
    session.receive(notification("serverRequest/resolved", threadId="T", requestId=0))
    assert not session.is_open(asked)
    assert session.reply(asked, b"{}") == b""
    assert session.counters.withdrawn == 1


def test_a_request_stays_open_when_another_is_resolved() -> None:
    session = ready_session()
    number, text = ask(session, 0), ask(session, "0")
    session.receive(notification("serverRequest/resolved", threadId="T", requestId="0"))
    assert session.is_open(number)
    assert not session.is_open(text)


@pytest.mark.parametrize("request_id", [True, 1.0, None, [], {}])
def test_a_resolution_whose_id_has_the_wrong_type_resolves_nothing(request_id: object) -> None:
    session = ready_session()
    asked = ask(session, 1)
    session.receive(notification("serverRequest/resolved", threadId="T", requestId=request_id))
    assert session.is_open(asked)


def test_our_id_and_the_servers_equal_id_are_open_at_once() -> None:
    session = ready_session()
    ours, _ = session.request("thread/list")
    asked = ask(session, ours)
    assert (session.pending, list(session.server_requests)) == (1, [asked])
    assert session.receive(result(ours, {})) == [Result(ours, "thread/list", {})]
    assert session.is_open(asked)
    assert decoded(session.reply(asked, b"{}")) == {"id": ours, "result": {}}


def test_replying_to_the_server_leaves_our_equal_id_pending() -> None:
    session = ready_session()
    ours, _ = session.request("thread/list")
    session.reply(ask(session, ours), b"{}")
    assert session.pending == 1


def test_a_request_with_an_id_that_is_still_open_is_skipped() -> None:
    session = ready_session()
    first, second = session.receive(request(3, METHOD) + request(3, "item/tool/call"))
    assert isinstance(first, ServerRequest)
    assert isinstance(second, Skipped)


def test_a_request_that_is_asked_again_while_it_is_open_is_one_request() -> None:
    # The runtime asks again, word for word, when a thread is resumed on the same connection.
    session = ready_session()
    asked = ask(session, 3)
    (again,) = session.receive(request(3, METHOD))
    assert isinstance(again, Skipped)
    assert (again.late, again.excerpt) == (True, "")
    assert list(session.server_requests) == [asked]
    assert session.counters.skipped == 0
    assert decoded(session.reply(asked, b"{}"))["id"] == 3
    assert session.reply(asked, b"{}") == b""


def test_another_question_in_the_place_of_one_that_is_open_is_skipped() -> None:
    session = ready_session()
    asked = ask(session, 3)
    (other,) = session.receive(request(3, METHOD, threadId="T"))
    assert isinstance(other, Skipped)
    assert not other.late
    assert list(session.server_requests) == [asked]
    assert session.counters.skipped == 1


def test_a_request_that_is_withdrawn_wants_no_reply() -> None:
    session = ready_session()
    asked, other = ask(session, 3), ask(session, 4)
    session.withdraw(asked)
    assert list(session.server_requests) == [other]
    assert session.reply(asked, b"{}") == b""
    session.withdraw(asked)
    newer = ask(session, 3)
    session.withdraw(asked)
    assert session.is_open(newer)


def test_the_params_of_a_request_are_built_on_demand() -> None:
    members: JsonValue = {"threadId": "T", "turnId": "U", "itemId": "I", "startedAtMs": 1}
    decoded_params = ServerRequest(0, METHOD, members).decode()
    assert isinstance(decoded_params, types.FileChangeRequestApprovalParams)
    assert decoded_params.item_id == "I"


def test_params_that_do_not_fit_are_a_protocol_error_that_shows_no_value() -> None:
    with pytest.raises(ProtocolError, match="itemId: ") as caught:
        ServerRequest(0, METHOD, {"itemId": ["secret"]}).decode()
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_params_of_an_unknown_method_are_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="future/question"):
        ServerRequest(0, "future/question", {}).decode()


def test_an_id_may_be_used_again_after_its_reply() -> None:
    session = ready_session()
    session.reply(ask(session, 3), b"{}")
    assert session.is_open(ask(session, 3))


def test_a_late_reply_does_not_answer_a_newer_request_of_the_same_id() -> None:
    session = ready_session()
    resolved = ask(session)
    session.receive(notification("serverRequest/resolved", threadId="T", requestId=0))
    newer = ask(session)
    assert not session.is_open(resolved)
    assert session.reply(resolved, b'{"decision":"accept"}') == b""
    assert session.is_open(newer)


def test_a_reply_after_close_gives_no_bytes() -> None:
    session = ready_session()
    asked = ask(session)
    session.close()
    assert session.reply(asked, b"{}") == b""
