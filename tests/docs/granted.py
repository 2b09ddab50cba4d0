"""What a page takes for granted, for the type checker: never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai_codex import (
        AsyncCodex,
        AsyncThread,
        AsyncTurnHandle,
        Codex,
        Thread,
        TurnHandle,
        TurnResult,
    )


class Sync:
    """For blocks outside of an event loop."""

    codex: Codex
    thread: Thread
    handle: TurnHandle[None]
    result: TurnResult[None]


class Async:
    """For blocks with `await`."""

    codex: AsyncCodex
    thread: AsyncThread
    handle: AsyncTurnHandle[None]
    result: TurnResult[None]


sync = Sync()
asynchronous = Async()
