"""What shows a turn while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from codex_app_server_rpc import Notification

    from openai_codex.results import TurnResult

__all__ = ["Display"]


class Display(Protocol):
    """Shows a turn: on a terminal, in a pipe, or for a program."""

    def begin(self, thread_id: str) -> None:
        """Show that a turn of this thread begins."""
        ...

    def show(self, event: Notification) -> None:
        """Show what has happened."""
        ...

    def note(self, text: str) -> None:
        """Show a line of our own, in the middle of a turn."""
        ...

    def paused(self) -> AbstractContextManager[object]:
        """Show nothing while this context is open: somebody is asked on the console."""
        ...

    def end(self, result: TurnResult[object] | None, problem: str | None = None) -> None:
        """Show what came of the turn.

        Args:
            result: What came of it; ``None`` if it never began, or was left early.
            problem: Why it is of no use, in a sentence that is told on stderr too; ``None`` if
                there is no reason, or if the user has left it.
        """
        ...
