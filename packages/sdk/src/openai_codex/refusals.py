"""What the runtime refuses about threads, as errors that say what to do.

The runtime gives all of it the code -32600, and tells the cases apart by its words alone.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from openai_codex.errors import (
    CodexRpcError,
    InvalidRequestError,
    ThreadArchivedError,
    ThreadInUseError,
    ThreadNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["explained", "may_have_no_turns"]

_REFUSALS: Final = (
    ("is archived", ThreadArchivedError, "bring it back with thread_unarchive()"),
    (
        "already has an active writer",
        ThreadInUseError,
        "close the other client, or work on a copy made by thread_fork()",
    ),
    (
        "thread not found",
        ThreadNotFoundError,
        "if it exists, it is not loaded: bring it back with thread_resume()",
    ),
    ("thread not loaded", ThreadNotFoundError, "thread_list() knows which threads there are"),
    ("no archived rollout found", ThreadNotFoundError, "it is not among the archived threads"),
    ("no rollout found", ThreadNotFoundError, "thread_list() knows which threads there are"),
    ("invalid thread id", ThreadNotFoundError, "a thread's id is its `id`, a UUID"),
    ("invalid session id", ThreadNotFoundError, "a thread's id is its `id`, a UUID"),
)
"""Words of the runtime, what they mean, and what to do then."""


@contextmanager
def explained() -> Generator[None]:
    """Turn refusals of the runtime that are about a thread into typed errors.

    Raises:
        ThreadNotFoundError: There is no such thread, or it is not loaded.
        ThreadArchivedError: The thread is archived.
        ThreadInUseError: Another process works on the thread.
    """
    try:
        yield
    except InvalidRequestError as error:
        for words, kind, advice in _REFUSALS:
            if words in error.message:
                message = f"{error.message.rstrip('.')}; {advice}"
                raise kind(error.code, message, error.data, method=error.method) from error
        raise


def may_have_no_turns(error: CodexRpcError) -> bool:
    """Tell whether a thread's history was refused perhaps because nothing was ever said on it."""
    return "not materialized yet" in error.message or "not supported yet" in error.message
