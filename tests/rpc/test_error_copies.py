"""Errors cross process boundaries and copies whole."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from codex_app_server_rpc import (
    CodexError,
    InvalidResponseError,
    LaunchError,
    MethodNotFoundError,
    RequestResolvedError,
    RequestTimeoutError,
    TranscriptError,
    TransportClosedError,
)

ERRORS = [
    CodexError("plain"),
    LaunchError("no such program", argv=["codex"]),
    TransportClosedError("gone", exit_code=3, stderr_tail="why", argv=["codex"]),
    InvalidResponseError("thread/start", {"odd": 1}, "no thread"),
    MethodNotFoundError(-32601, "unknown", {"a": 1}, method="x/y"),
    RequestTimeoutError("turn/start", timeout=2.5),
    RequestResolvedError("item/tool/call", 7),
    TranscriptError("not JSON", name="wire.jsonl", line=3),
]


def pickled(error: CodexError) -> CodexError:
    restored = pickle.loads(pickle.dumps(error))
    assert isinstance(restored, CodexError)
    return restored


@pytest.mark.parametrize("duplicate", [pickled, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_copy_says_and_knows_the_same(
    error: CodexError, duplicate: Callable[[CodexError], CodexError]
) -> None:
    other = duplicate(error)

    assert type(other) is type(error)
    assert str(other) == str(error)
    assert vars(other) == vars(error)
