"""What the runtime refuses about threads and turns, as errors that say what to do.

The runtime tells the cases apart by its words alone; nearly all of them have the code -32600.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from openai_codex.errors import (
    CodexRpcError,
    InvalidRequestError,
    JsonRpcError,
    ThreadArchivedError,
    ThreadInUseError,
    ThreadNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from codex_app_server_types import JsonValue

__all__ = ["explained", "may_have_no_turns", "without"]

_REFUSALS: Final = (
    ("is archived", ThreadArchivedError, "bring it back with thread_unarchive()"),
    (
        "already has an active writer",
        ThreadInUseError,
        "close the client that works on it, or work on a copy made by thread_fork()",
    ),
    (
        "thread not found",
        ThreadNotFoundError,
        "if it exists, it is not loaded: bring it back with thread_resume(), or with "
        "thread_unarchive() if it is archived",
    ),
    ("thread not loaded", ThreadNotFoundError, "thread_list() knows which threads there are"),
    ("no archived rollout found", ThreadNotFoundError, "it is not among the archived threads"),
    (
        "no rollout found",
        ThreadNotFoundError,
        "thread_list() knows which threads there are, with archived=True those put aside",
    ),
    ("list_turns is not supported yet", ThreadNotFoundError, "nothing was said on it yet"),
    ("invalid thread id", ThreadNotFoundError, "a thread's id is its `id`, a UUID"),
    ("invalid session id", ThreadNotFoundError, "a thread's id is its `id`, a UUID"),
    (
        "ActiveTurnNotSteerable",
        InvalidRequestError,
        "the turn that runs takes no more input: wait for its end, as with if_busy='wait'",
    ),
    (
        "ActiveTurnOutputSchemaMismatch",
        InvalidRequestError,
        "a turn that runs keeps its output_schema: it cannot be steered with another one",
    ),
)
"""Words of the runtime, what they mean, and what to do then."""


@contextmanager
def explained() -> Generator[None]:
    """Turn refusals of the runtime that are about a thread into typed errors.

    Raises:
        InvalidRequestError: The turn that runs cannot be steered like that.
        ThreadNotFoundError: There is no such thread, or it is not loaded.
        ThreadArchivedError: The thread is archived.
        ThreadInUseError: Another process works on the thread.
    """
    try:
        yield
    except CodexRpcError as error:
        for words, kind, advice in _REFUSALS:
            if words in error.message:
                message = f"{error.message.rstrip('.')}; {advice}"
                raise kind(error.code, message, error.data, method=error.method) from error
        raise


def without(secret: str, error: JsonRpcError) -> JsonRpcError:
    """Give an error that does not show a secret, should the runtime have repeated it.

    Args:
        secret: What is not to be shown.
        error: What the runtime answered to a request that had it.
    """
    message, data = _hidden(secret, error.message), _hidden(secret, error.data)
    return type(error)(error.code, str(message), data, method=error.method)


def _hidden(secret: str, value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.replace(secret, "***")
    if isinstance(value, list):
        return [_hidden(secret, item) for item in value]
    if isinstance(value, dict):
        return {name: _hidden(secret, item) for name, item in value.items()}
    return value


def may_have_no_turns(error: CodexRpcError) -> bool:
    """Tell whether a thread's history was refused perhaps because nothing was ever said on it."""
    return "not materialized yet" in error.message or "not supported yet" in error.message
