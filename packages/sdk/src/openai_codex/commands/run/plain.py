"""A turn as plain text: the answer on stdout, all else on stderr."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, TextIO

import codex_app_server_types as types

from openai_codex.commands.run.pausing import Pausing
from openai_codex.commands.run.wording import (
    Passage,
    clean,
    command_line,
    one_line,
    passages_of,
    plan_lines,
    tokens_of,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from codex_app_server_rpc import Notification
    from codex_app_server_types import ThreadItem

    from openai_codex.results import TurnResult

__all__ = ["PlainDisplay"]


class PlainDisplay:
    """Writes lines, as scripts and logs want them."""

    def __init__(self, output: TextIO | None = None, log: TextIO | None = None) -> None:
        """Write the answer and everything else there; ``None`` for stdout and stderr."""
        self._output = output or sys.stdout
        self._log = log or sys.stderr
        self._pausing = Pausing()
        self._messages: list[str] = []  # the last one may be the answer, which goes elsewhere
        self._outputs: dict[str, _Output] = {}  # of the commands that are not over

    def begin(self, thread_id: str) -> None:
        """Name the thread, to continue it by."""
        self.note(f"thread {thread_id}")

    def show(self, event: Notification) -> None:
        """Write what has happened, if it is over; and what commands write, line by line."""
        self._pausing.write(partial(self._show, event))

    def note(self, text: str) -> None:
        """Write a line to the log."""
        self._pausing.write(lambda: print(text, file=self._log, flush=True))

    def paused(self) -> AbstractContextManager[object]:
        """Write nothing while this context is open."""
        return self._pausing.paused(_nothing, _nothing)

    def end(self, result: TurnResult[object] | None, problem: str | None = None) -> None:
        """Write the answer, if there is one, and the number of tokens."""
        self._pausing.end(lambda: self.note(""))
        answer = None
        if result is not None and result.status == types.TurnStatus.completed:
            answer = result.final_response
        if (
            answer is not None
            and self._messages
            and self._messages[-1] == clean(answer).strip("\n")
        ):
            self._messages.pop()
        self._say_messages()
        if result is not None and result.turn_usage is not None:
            self.note(tokens_of(result.turn_usage))
        if answer is not None:
            print(clean(answer), file=self._output, flush=True)

    def _show(self, event: Notification) -> None:
        match event.payload:
            case types.ItemStartedNotification(item=types.CommandExecutionThreadItem() as item):
                self._say_messages()
                self._outputs.setdefault(item.id, _Output())
                self.note(command_line(item))
            case types.CommandExecutionOutputDeltaNotification(item_id=item, delta=delta):
                self._write_output(item, delta)
            case types.ItemCompletedNotification(item=item):
                self._complete(item)
            case types.TurnPlanUpdatedNotification() as plan:
                self._say_messages()
                for line in plan_lines(plan):
                    self.note(line)
            case types.ErrorNotification(error=error, will_retry=True):
                self.note(f"trying again: {one_line(error.message)}")
            case types.WarningNotification(message=message):
                self.note(f"warning: {one_line(message)}")
            case _:
                pass

    def _complete(self, item: ThreadItem) -> None:
        is_message = isinstance(item, types.AgentMessageThreadItem)
        self._say_messages()
        for passage in passages_of(item):
            if is_message:
                self._messages.append(passage.body)
            elif isinstance(item, types.CommandExecutionThreadItem):
                self._end_command(item, passage)
            else:
                self._say(passage)

    def _end_command(self, item: types.CommandExecutionThreadItem, passage: Passage) -> None:
        output = self._outputs.get(item.id)
        if output is None:
            self._say(passage)  # its beginning was not told
            return
        # The runtime does not send everything piece by piece: what comes first may be left out.
        before, after = output.beside(item.aggregated_output or "")
        self._write_output(item.id, after)
        del self._outputs[item.id]
        if output.line:
            self.note(f"  {clean(output.line)}")
        if before:
            self.note("  (not told until now:)")
            self._say(Passage(passage.kind, "", clean(before).rstrip("\n")))
        self.note(f"  ({passage.ending})")

    def _write_output(self, item: str, delta: str) -> None:
        for line in self._outputs.setdefault(item, _Output()).add(delta):
            self.note(f"  {clean(line)}")

    def _say_messages(self) -> None:
        for message in self._messages:
            self.note(message)
        self._messages.clear()

    def _say(self, passage: Passage) -> None:
        indent = "  " if passage.heading or passage.kind == "command" else ""
        if passage.heading:
            self.note(passage.heading)
        if passage.body:
            self.note("\n".join(indent + line for line in passage.body.split("\n")))
        if passage.ending:
            self.note(f"{indent}({passage.ending})")


class _Output:
    """What a command has written so far, as far as it was told.

    Attributes:
        line: What came since the last whole line.
    """

    def __init__(self) -> None:
        self.line: str = ""
        self._pieces: list[str] = []

    def add(self, piece: str) -> list[str]:
        """Add what came, and give the lines that are whole now."""
        self._pieces.append(piece)
        *lines, self.line = (self.line + piece).split("\n")
        return lines

    def beside(self, whole: str) -> tuple[str, str]:
        """Give what is missing before and after what was told; all of it if that is not in it.

        Args:
            whole: All that the command has written; or, of much, the parts that the runtime keeps,
                which are less than what was told.
        """
        told = "".join(self._pieces)
        if len(told) >= len(whole):
            return "", ""
        at = whole.find(told)
        return (whole, "") if at < 0 else (whole[:at], whole[at + len(told) :])


def _nothing() -> None:
    """Do nothing: there is nothing on the terminal that would have to go away."""
