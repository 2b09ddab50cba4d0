"""A notification's payload: typed where its type is known, whole where it is not."""

from __future__ import annotations

import codex_app_server_types as types
import pytest
from codex_app_server_rpc import Notification, UnknownNotification
from codex_app_server_rpc.availability import supports
from codex_app_server_rpc.generated.catalog import METHODS
from codex_app_server_rpc.generated.history import HISTORY
from codex_app_server_rpc.generated.notifications import NOTIFICATIONS
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_app_server_types.origin import RUNTIME_VERSION

from tests.rpc.schema_examples import minimal_params, notification_methods, problems


def test_every_notification_of_the_schema_is_known() -> None:
    assert sorted(NOTIFICATIONS) == notification_methods()
    known = {name for name in HISTORY if supports(name, RUNTIME_VERSION, experimental_api=True)}
    assert NOTIFICATIONS.keys() == known - METHODS.keys() - SERVER_REQUESTS.keys()


@pytest.mark.parametrize("method", notification_methods())
def test_a_known_notification_decodes_to_its_type(method: str) -> None:
    params = minimal_params("ServerNotification", method)
    name = NOTIFICATIONS[method]
    assert problems(name, params) == []
    payload = Notification(method, params).payload
    assert not isinstance(payload, UnknownNotification)
    assert isinstance(payload, types.WireModel)
    assert payload.to_wire() == params


@pytest.mark.parametrize("method", notification_methods())
def test_params_that_do_not_fit_are_kept_whole_with_the_reason(method: str) -> None:
    payload = Notification(method, ["no", "object"]).payload
    assert isinstance(payload, UnknownNotification)
    assert (payload.method, payload.params) == (method, ["no", "object"])
    assert isinstance(payload.error, ValueError)


@pytest.mark.parametrize("params", [None, 7, "text", [1], {"a": {"b": None}}])
def test_a_method_that_nobody_knows_keeps_everything(params: types.JsonValue) -> None:
    payload = Notification("future/thing", params).payload
    assert payload == UnknownNotification("future/thing", params, None)


def test_the_payload_is_built_once() -> None:
    notification = Notification("turn/diff/updated", {"threadId": "T", "turnId": "U", "diff": ""})
    assert notification.payload is notification.payload


def test_a_payload_has_typed_fields() -> None:
    params = {"threadId": "T", "turnId": "U", "itemId": "I", "delta": "hello"}
    payload = Notification("item/agentMessage/delta", params).payload
    assert isinstance(payload, types.AgentMessageDeltaNotification)
    assert payload.delta == "hello"


@pytest.mark.parametrize(
    ("params", "thread_id", "turn_id"),
    [
        ({"threadId": "T", "turnId": "U"}, "T", "U"),
        ({"threadId": "T", "turn": {"id": "U"}}, "T", "U"),
        ({"threadId": "T", "turnId": None, "turn": {"id": "U"}}, "T", "U"),
        ({"threadId": "T"}, "T", None),
        ({"threadId": 7, "turnId": 8}, None, None),
        ({"threadId": "T", "turn": ["U"]}, "T", None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_thread_and_turn_are_read_off_the_envelope(
    params: types.JsonValue, thread_id: str | None, turn_id: str | None
) -> None:
    notification = Notification("turn/completed", params)
    assert (notification.thread_id, notification.turn_id) == (thread_id, turn_id)


def test_notifications_are_equal_when_all_of_them_is() -> None:
    notification = Notification("a", {"b": 1}, 5)
    assert notification == Notification("a", {"b": 1}, 5)
    assert notification != Notification("a", {"b": 2}, 5)
    assert notification != Notification("c", {"b": 1}, 5)
    assert notification != Notification("a", {"b": 1}, 6)
    assert notification != "a"


def test_a_notification_shows_what_it_is() -> None:
    assert repr(Notification("a", {"b": 1})) == "Notification(method='a', params={'b': 1})"
