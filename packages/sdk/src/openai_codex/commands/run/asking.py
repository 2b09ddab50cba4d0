"""Who answers the runtime's requests: the person at the console, or nobody."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from openai_codex.requests.console import Console
from openai_codex.requests.decisions import Decline

if TYPE_CHECKING:
    from collections.abc import Generator

    from openai_codex.commands.run.display import Display
    from openai_codex.requests.approvals import ApprovalRequest
    from openai_codex.requests.decisions import Decision
    from openai_codex.requests.elicitations import Elicitation, ElicitationAnswer
    from openai_codex.requests.questions import Answers, QuestionRequest

__all__ = ["Asker"]


class Asker:
    """Asks on the console, while the display is paused; or says that nobody can be asked."""

    def __init__(self, display: Display, console: Console | None) -> None:
        """Ask there; with ``None``, decline."""
        self._display = display
        self._console = console
        self._lock = threading.Lock()
        self._asking_now = 0

    @classmethod
    def on_terminal(cls, display: Display, output: TextIO) -> Asker:
        """Ask on the terminal of this process, if it has one.

        Where stdin is a pipe, the terminal itself is read: the prompt came by the pipe.

        Args:
            display: What is to be paused.
            output: Where to ask.
        """
        source = _keyboard() if output.isatty() else None
        return cls(display, None if source is None else Console(source, output))

    @property
    def is_asking(self) -> bool:
        """Whether somebody is being asked."""
        return self._asking_now > 0

    def approvals(self, request: ApprovalRequest) -> Decision:
        """Ask for a decision."""
        if self._console is None:
            self._say_nobody(request.describe())
            return Decline()
        with self._asking():
            return self._console.approvals(request)

    def questions(self, request: QuestionRequest) -> Answers | None:
        """Ask the agent's questions."""
        if self._console is None:
            self._say_nobody(request.describe())
            return None
        with self._asking():
            return self._console.questions(request)

    def elicitations(self, request: Elicitation) -> ElicitationAnswer:
        """Let a form be filled in."""
        if self._console is None:
            self._say_nobody(request.describe())
            return Decline()
        with self._asking():
            return self._console.elicitations(request)

    @contextmanager
    def _asking(self) -> Generator[None]:
        with self._display.paused():
            self._count(1)
            try:
                yield
            finally:
                self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._asking_now += change

    def _say_nobody(self, what: str) -> None:
        self._display.note(f"declined, as there is no terminal to ask on: {what}")


def _keyboard() -> TextIO | None:
    """Give what is typed on the terminal; ``None`` if there is no terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        return sys.stdin
    if os.name != "posix":
        return None
    try:
        return open("/dev/tty", encoding="utf-8")  # as long as the process
    except OSError:
        return None
