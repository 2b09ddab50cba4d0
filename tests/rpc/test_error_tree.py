"""The errors: the tree that the documentation draws, and the class of each code."""

from __future__ import annotations

import inspect
import re

import codex_app_server_rpc
import pytest
from codex_app_server_rpc import (
    CodexError,
    InternalRpcError,
    InvalidParamsError,
    InvalidRequestError,
    JsonRpcError,
    MethodNotFoundError,
    ParseError,
    RetryLimitExceededError,
    ServerBusyError,
    TransportClosedError,
    errors,
)
from codex_app_server_types import JsonValue

Edges = set[tuple[str, str]]


def drawn_tree() -> Edges:
    """Read parent and child off the drawing: four columns are one level."""
    edges: Edges = set()
    path: list[str] = []
    for row in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ([│├└─ ]*)(\w+)(?:\s{2,}\S.*)?$", row)
        if found is None or not found[2].endswith("Error"):
            continue
        depth = len(found[1]) // 4
        path[depth:] = [found[2]]
        if depth:
            edges.add((path[depth - 1], found[2]))
    return edges


def real_tree(root: type[CodexError]) -> Edges:
    edges: Edges = set()
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            edges |= {(root.__name__, child.__name__)} | real_tree(child)
    return edges


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    assert drawn_tree() == real_tree(CodexError)


def test_every_error_has_the_one_root() -> None:
    classes = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    own = [value for value in classes if value.__module__ == errors.__name__]
    assert len(own) > 15
    assert all(issubclass(value, CodexError) for value in own)


def test_every_error_is_public() -> None:
    names = {name for edge in real_tree(CodexError) for name in edge}
    assert names <= set(codex_app_server_rpc.__all__)
    assert names <= set(errors.__all__)


def test_what_the_standard_library_would_raise_catches_ours_too() -> None:
    assert issubclass(errors.CodexTimeoutError, TimeoutError)
    assert issubclass(errors.InvalidArgumentError, ValueError)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-32700, ParseError),
        (-32600, InvalidRequestError),
        (-32601, MethodNotFoundError),
        (-32602, InvalidParamsError),
        (-32603, InternalRpcError),
        (-32001, ServerBusyError),
        (-32000, JsonRpcError),
        (42, JsonRpcError),
    ],
)
def test_the_class_follows_from_the_code(code: int, expected: type[JsonRpcError]) -> None:
    error = errors.rpc_error(code, "scripted", {"a": 1}, method="thread/start")
    assert type(error) is expected
    assert (error.code, error.message, error.data) == (code, "scripted", {"a": 1})
    assert error.method == "thread/start"
    assert str(error) == f"thread/start: scripted (code {code})"


@pytest.mark.parametrize(
    "data",
    [
        "serverOverloaded",
        {"codexErrorInfo": "serverOverloaded"},
        {"codex_error_info": "server_overloaded"},
        {"reason": "serverOverloaded"},
        {"codexErrorInfo": {"serverOverloaded": {"retryAfter": 1}}},
        {"serverOverloaded": {}},
    ],
)
def test_an_overload_marker_makes_any_code_a_busy_server(data: JsonValue) -> None:
    assert type(errors.rpc_error(-32603, "m", data)) is ServerBusyError


@pytest.mark.parametrize(
    ("message", "data"),
    [("Retry limit reached", None), ("m", {"reason": "retryLimitExceeded"})],
)
def test_a_used_up_retry_limit_has_a_class_of_its_own(message: str, data: JsonValue) -> None:
    assert type(errors.rpc_error(-32001, message, data)) is RetryLimitExceededError


@pytest.mark.parametrize(
    "data",
    [None, [], 3, "other", {"reason": None}, {"type": ["x"]}, {"serverOverloaded": False}],
)
def test_other_data_does_not_change_the_class(data: JsonValue) -> None:
    assert type(errors.rpc_error(-32603, "retry limit", data)) is InternalRpcError


def test_a_closed_transport_says_program_exit_code_and_last_words() -> None:
    error = TransportClosedError("gone", exit_code=3, stderr_tail="boom", argv=["/bin/codex", "x"])
    assert str(error) == "gone; program: /bin/codex; exit code 3; last lines of stderr:\nboom"


def test_a_program_that_a_signal_ended_says_which() -> None:
    assert "ended by signal 9" in str(TransportClosedError(exit_code=-9))


def test_each_waiter_gets_an_equal_error_of_its_own() -> None:
    error = TransportClosedError("gone", exit_code=3, stderr_tail="boom", argv=["codex"])
    again = error.again()
    assert again is not error
    assert str(again) == str(error)
