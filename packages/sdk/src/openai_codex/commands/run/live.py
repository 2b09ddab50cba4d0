"""A turn on a terminal, with rich: what is over scrolls up, what goes on stands below it."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import codex_app_server_types as types
from rich.console import Console, Group
from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.segment import Segment
from rich.spinner import Spinner
from rich.text import Text

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
    from typing import TextIO

    from codex_app_server_rpc import Notification
    from codex_app_server_types import ThreadItem
    from rich.console import ConsoleOptions, RenderableType, RenderResult

    from openai_codex.results import TurnResult

__all__ = ["LiveDisplay"]

REFRESHES: Final = 8
"""How often a second what goes on is drawn again."""
MOST_OUTPUT: Final = 40
"""How many lines of a command's output stay; the runtime's history has all."""
_LONGEST: Final = 8000
"""How much of a text that still grows is drawn, in characters."""
_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


class LiveDisplay:
    """Shows a turn on a terminal."""

    def __init__(self, output: TextIO | None = None) -> None:
        """Show it there; ``None`` for stdout."""
        self._console = Console(
            file=output or sys.stdout, highlight=False, markup=False, emoji=False
        )
        self._pausing = Pausing()
        self._growing: dict[str, _Growing] = {}
        self._started = time.monotonic()
        self._live: Live | None = None

    def begin(self, thread_id: str) -> None:
        """Show that the agent works; and the thread, to continue it by."""
        self._say(Text(f"thread {thread_id}", style="dim"))
        self._started = time.monotonic()
        self._resume()

    def show(self, event: Notification) -> None:
        """Draw what has happened."""
        self._pausing.write(partial(self._show, event))

    def note(self, text: str) -> None:
        """Show a line of our own."""
        self._pausing.write(lambda: self._say(Text(text, style="yellow")))

    def paused(self) -> AbstractContextManager[object]:
        """Draw nothing while this context is open: the terminal belongs to somebody else."""
        return self._pausing.paused(self._pause, self._resume)

    def end(self, result: TurnResult[object] | None, problem: str | None = None) -> None:
        """Stop drawing; show what was left unfinished, and the number of tokens."""
        self._pausing.end(lambda: self._say(Text()))
        self._pausing.write(partial(self._end, result))

    def _end(self, result: TurnResult[object] | None) -> None:
        self._pause()
        for growing in self._growing.values():
            self._say(growing.whole())
        self._growing.clear()
        if result is not None and result.turn_usage is not None:
            self._say(Text(tokens_of(result.turn_usage), style="dim"))

    def _show(self, event: Notification) -> None:
        match event.payload:
            case types.ItemStartedNotification(item=types.CommandExecutionThreadItem() as item):
                self._growing[item.id] = _Growing(command_line(item))
            case types.AgentMessageDeltaNotification(item_id=item, delta=delta):
                self._grow(item, delta)
            case types.ReasoningSummaryTextDeltaNotification(item_id=item, delta=delta):
                self._grow(item, delta)
            case types.CommandExecutionOutputDeltaNotification(item_id=item, delta=delta):
                self._grow(item, delta)
            case types.ItemCompletedNotification(item=item):
                self._complete(item)
            case types.TurnPlanUpdatedNotification() as plan:
                self._say(Text("\n".join(plan_lines(plan)), style="cyan"))
            case types.ErrorNotification(error=error, will_retry=True):
                self._say(Text(f"trying again: {one_line(error.message)}", style="yellow"))
            case types.WarningNotification(message=message):
                self._say(Text(f"warning: {one_line(message)}", style="yellow"))
            case _:
                pass

    def _grow(self, item: str, delta: str) -> None:
        self._growing.setdefault(item, _Growing("")).add(delta)

    def _complete(self, item: ThreadItem) -> None:
        if not isinstance(item, types.UnknownThreadItem):
            self._growing.pop(item.id, None)
        for passage in passages_of(item):
            self._say(_drawn(passage))

    def _say(self, what: RenderableType) -> None:
        self._console.print(what)  # above what is drawn live, if anything is

    def _pause(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _resume(self) -> None:
        self._live = Live(
            get_renderable=self._now,
            console=self._console,
            refresh_per_second=REFRESHES,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _now(self) -> RenderableType:
        """Give what goes on at this moment; called in the thread that draws."""
        seconds = int(time.monotonic() - self._started)
        growing = [one.tail() for one in list(self._growing.values())]
        return _Bottom(Group(*growing, Spinner("line", Text(f"{seconds} s", style="dim"))))


class _Growing:
    """A text that is not complete yet."""

    def __init__(self, heading: str) -> None:
        self._heading = heading
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        self._pieces.append(piece)

    def whole(self) -> RenderableType:
        return self._drawn("".join(self._pieces))

    def tail(self) -> RenderableType:
        return self._drawn("".join(self._pieces)[-_LONGEST:])

    def _drawn(self, text: str) -> RenderableType:
        if not self._heading:
            return Markdown(clean(text), hyperlinks=False)
        return Group(Text(self._heading, style="bold"), _indented(Text(clean(text), style="dim")))


class _Bottom:
    """The last lines of something, as many as the terminal has room for."""

    def __init__(self, what: RenderableType) -> None:
        self._what = what

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._what, options.update(height=None), pad=False)
        room = max(console.size.height - 1, 1)
        for line in lines[-room:]:
            yield from line
            yield Segment.line()


def _drawn(passage: Passage) -> RenderableType:
    """Draw something that is over."""
    if passage.kind == "message":
        return Padding(Markdown(passage.body, hyperlinks=False), (1, 0))
    if passage.kind == "thought":
        return Markdown(passage.body, style="dim italic", hyperlinks=False)
    parts: list[RenderableType] = [Text(passage.heading, style="bold")]
    if passage.body:
        body = _diff(passage.body) if passage.kind == "change" else _output(passage.body)
        parts.append(_indented(body))
    if passage.ending:
        ending = Text(passage.ending, style="green" if passage.is_good else "red")
        parts.append(_indented(ending))
    return Group(*parts)


def _indented(what: RenderableType) -> RenderableType:
    return Padding(what, (0, 0, 0, 2))


def _output(text: str) -> Text:
    lines = text.split("\n")
    left_out = len(lines) - MOST_OUTPUT
    if left_out > 0:
        lines = [f"… {left_out} lines before", *lines[-MOST_OUTPUT:]]
    return Text("\n".join(lines), style="dim")


def _diff(text: str) -> Text:
    drawn = Text()
    for line in text.split("\n"):
        drawn.append(f"{line}\n", style=_STYLES.get(line[:1], "dim"))
    drawn.rstrip()
    return drawn
