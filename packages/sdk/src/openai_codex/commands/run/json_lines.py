"""A turn for a program: one JSON object on each line."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue

    from openai_codex.results import TurnResult

__all__ = ["JsonLinesDisplay"]


class JsonLinesDisplay:
    """Writes the notifications of a turn as they come, and its result as the last line.

    Every line has a ``type``: ``thread``, ``event``, ``note`` or ``result``.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        """Write there; ``None`` for stdout."""
        self._output = output or sys.stdout
        self._lock = threading.RLock()

    def begin(self, thread_id: str) -> None:
        """Name the thread."""
        self._write({"type": "thread", "thread_id": thread_id})

    def show(self, event: Notification) -> None:
        """Write a notification, in the protocol's own words."""
        self._write({"type": "event", "method": event.method, "params": event.params})

    def note(self, text: str) -> None:
        """Write a line of our own."""
        self._write({"type": "note", "text": text})

    def paused(self) -> AbstractContextManager[object]:
        """Write nothing while this context is open."""
        return self._lock

    def end(self, result: TurnResult[object] | None, problem: str | None = None) -> None:
        """Write what came of the turn; of one that never began, the reason."""
        if result is None and problem is None:
            return
        error: JsonValue = None if problem is None else {"message": problem}
        if result is None:
            self._end(error=error)
            return
        self._end(
            turn_id=result.id,
            status=result.status.value,
            final_response=result.final_response,
            error=error if result.error is None else result.error.to_wire(),
            usage=None if result.turn_usage is None else result.turn_usage.to_wire(),
        )

    def _end(
        self,
        *,
        error: JsonValue,
        turn_id: str | None = None,
        status: str = "failed",
        final_response: str | None = None,
        usage: JsonValue = None,
    ) -> None:
        self._write(
            {
                "type": "result",
                "turn_id": turn_id,
                "status": status,
                "final_response": final_response,
                "error": error,
                "usage": usage,
            }
        )

    def _write(self, line: dict[str, JsonValue]) -> None:
        with self._lock:
            print(json.dumps(line), file=self._output, flush=True)
