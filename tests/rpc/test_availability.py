"""By the version of a server, the history of the protocol tells what it knows."""

from __future__ import annotations

import pickle
import re
from typing import Any

import pytest
from codex_app_server_rpc import InvalidArgumentError, InvalidRequestError, MethodNotFoundError
from codex_app_server_rpc.availability import supports, told_apart
from codex_app_server_rpc.errors import UnsupportedMethodError, rpc_error
from codex_app_server_rpc.generated.catalog import METHODS
from codex_app_server_rpc.generated.history import HISTORY
from codex_app_server_rpc.generated.notifications import NOTIFICATIONS
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_app_server_types.origin import RUNTIME_VERSION


def unknown(method: str) -> InvalidRequestError:
    """What the runtime answers to a method that it does not know."""
    message = f"Invalid request: unknown variant `{method}`, expected one of `initialize`, `x`"
    return InvalidRequestError(-32600, message, {"a": 1}, method=method)


@pytest.mark.parametrize(
    ("name", "version", "stable", "experimental"),
    [
        ("thread/start", "0.131.0", True, True),
        ("thread/items/list", "0.142.5", False, False),
        ("thread/items/list", "0.143.0-alpha.1", False, False),
        ("thread/items/list", "0.143.0", False, True),
        ("thread/items/list", "0.150.9", False, True),
        ("thread/items/list", "0.151.0", True, True),
        ("thread/rollback", "0.155.1", True, True),
        ("thread/rollback", "0.156.0", False, False),
        ("thread/rollback", "99.0.0", False, False),
        ("thread/start", "0.1.0", True, True),
        ("thread/queue/changed", "0.147.0", False, False),
        ("thread/queue/changed", "0.148.0", True, True),
        ("currentTime/read", "0.171.0", False, False),
    ],
)
def test_what_a_version_knows(name: str, version: str, stable: bool, experimental: bool) -> None:
    assert supports(name, version, experimental_api=False) is stable
    assert supports(name, version, experimental_api=True) is experimental


@pytest.mark.parametrize("version", [None, "unreleased", "0.0.0"])
def test_a_server_without_a_version_counts_as_the_one_that_this_is_made_for(
    version: str | None,
) -> None:
    for name in HISTORY:
        known = name in {*METHODS, *NOTIFICATIONS, *SERVER_REQUESTS}
        assert supports(name, version, experimental_api=True) is known


def test_all_that_this_version_knows_is_supported_by_its_own_runtime() -> None:
    for name in (*METHODS, *NOTIFICATIONS, *SERVER_REQUESTS):
        assert supports(name, RUNTIME_VERSION, experimental_api=True)
    stable = {name for name in METHODS if supports(name, RUNTIME_VERSION, experimental_api=False)}
    assert stable == {name for name, info in METHODS.items() if not info.experimental}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("thread/queue/ad", "did you mean thread/queue/add or"),
        ("thread_queue_add", "did you mean thread/queue/add or"),
        ("Ω", "'Ω'$"),
    ],
)
def test_a_name_that_no_version_has_is_an_error(name: str, hint: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"no runtime from .* knows .*{hint}"):
        supports(name, RUNTIME_VERSION, experimental_api=True)


def test_what_is_no_text_is_no_name() -> None:
    name: Any = 3
    with pytest.raises(InvalidArgumentError, match="a wire name is text, not int"):
        supports(name, RUNTIME_VERSION, experimental_api=True)


def test_an_unknown_method_is_told_with_both_versions() -> None:
    error = told_apart(unknown("thread/prediction/request"), "0.154.0")
    assert isinstance(error, UnsupportedMethodError)
    assert isinstance(error, InvalidRequestError)
    assert isinstance(error, MethodNotFoundError)
    assert (error.code, error.data) == (-32600, {"a": 1})
    assert error.message == unknown("thread/prediction/request").message
    assert (error.server_version, error.client_version) == ("0.154.0", RUNTIME_VERSION)
    assert (error.since, error.until) == ("0.161.0", None)
    assert str(error) == (
        "thread/prediction/request: the server, version 0.154.0, does not know this method, which "
        f"is there since 0.161.0; this library is made for {RUNTIME_VERSION}: use another runtime, "
        "or ask supports() first (code -32600)"
    )
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)


def test_a_method_that_is_gone_is_told_so() -> None:
    error = told_apart(unknown("thread/rollback"), "0.163.0")
    assert isinstance(error, UnsupportedMethodError)
    assert (error.since, error.until) == ("0.131.0", "0.156.0")
    assert "there since 0.131.0 and gone since 0.156.0" in str(error)


def test_a_server_may_not_know_what_its_version_should_have() -> None:
    error = told_apart(unknown("thread/start"), None)
    assert isinstance(error, UnsupportedMethodError)
    assert "version unknown" in str(error)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-32600, "Invalid request: missing field `params`"),
        (-32600, "Invalid request: unknown variant `nobody`, expected one of `user`, `agent`"),
        (-32600, "thread/prediction/request requires experimentalApi capability"),
        (-32601, "thread/prediction/request is not supported yet"),
        (-32602, "Invalid request: unknown variant `thread/prediction/request`, expected one of"),
        (-32000, "no"),
    ],
)
def test_other_answers_stay_what_they_are(code: int, message: str) -> None:
    error = rpc_error(code, message, method="thread/prediction/request")
    assert told_apart(error, "0.163.0") is error


def test_the_code_for_unknown_methods_counts_where_the_version_has_no_such_method() -> None:
    error = rpc_error(-32601, "Method not found", method="thread/prediction/request")
    assert isinstance(told_apart(error, "0.154.0"), UnsupportedMethodError)


def test_the_history_has_no_name_of_this_client_too_few() -> None:
    assert {*METHODS, *NOTIFICATIONS, *SERVER_REQUESTS} <= HISTORY.keys()
    assert all(re.fullmatch(r"[\w/]+", name) for name in HISTORY)
