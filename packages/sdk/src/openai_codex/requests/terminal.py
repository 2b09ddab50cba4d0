"""Asking a person at a terminal, line by line."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Final, TextIO, TypeVar

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.choices import are_numbered, chosen
from openai_codex.requests.pending import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["EndOfInput", "Terminal"]

ResultT = TypeVar("ResultT")

_MARGIN: Final = "  | "
"""Stands before every line of a foreign text, so that none can pass for a prompt."""


class EndOfInput(Exception):  # noqa: N818 - it is no error: nobody is there to answer
    """There is nobody to answer."""


class Terminal:
    """Lines that are shown and lines that are typed.

    What comes from the runtime is shown with its control characters escaped: it may not move the
    cursor, colour the text or write on lines of its own.
    """

    def __init__(self, input: TextIO | None, output: TextIO | None) -> None:
        """Read and write these streams; ``None`` for the process's own, as they are then."""
        self._input = input
        self._output = output

    def say(self, line: str) -> None:
        """Show a line of our own words, in which foreign ones are escaped already."""
        self._write(f"{line}\n")

    def quote(self, text: str) -> None:
        """Show foreign text, whole, however many lines it has."""
        for line in text.split("\n"):
            self.say(_MARGIN + escaped(line))

    def read(self, prompt: str, *, is_secret: bool = False) -> str:
        """Let a line be typed.

        Args:
            prompt: What stands before it.
            is_secret: Whether the terminal must not show what is typed.

        Raises:
            EndOfInput: There is none.
        """
        source = self._input or sys.stdin
        try:
            if is_secret and source.isatty():
                self._write("")  # what was shown before is flushed
                return getpass.getpass(prompt, stream=self._output or sys.stdout)
            self._write(prompt)
            line = source.readline()
        except (OSError, ValueError, EOFError) as error:  # it is closed, or holds no text
            raise EndOfInput from error
        if not line:
            raise EndOfInput
        return line.rstrip("\r\n")

    def read_until(
        self, prompt: str, parse: Callable[[str], ResultT], *, is_secret: bool = False
    ) -> ResultT:
        """Let a line be typed, again until it means something.

        Args:
            prompt: What stands before it.
            parse: Gives what the line means, or raises `InvalidArgumentError`.
            is_secret: Whether the terminal must not show what is typed.

        Raises:
            EndOfInput: There are no more lines.
        """
        while True:
            line = self.read(prompt, is_secret=is_secret)
            try:
                return parse(line)
            except InvalidArgumentError as error:
                self.say(f"  {escaped(str(error))}")

    def list(self, options: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> None:
        """Show options, each by its first name; with numbers, if these can be typed."""
        numbered = are_numbered(options)
        for index, names in enumerate(options):
            note = escaped(notes[index]) if index < len(notes) else ""
            mark = f"{index + 1})" if numbered else "-"
            self.say(f"  {mark} {escaped(names[0])}" + (f": {note}" if note else ""))

    def choose(
        self, options: Sequence[str], *, yes: int | None = None, no: int | None = None
    ) -> int:
        """Let one of several options be chosen, and give its index.

        Args:
            options: What there is to choose from.
            yes: The option that ``y`` or ``yes`` means too.
            no: The option that ``n`` or ``no`` means too.

        Raises:
            EndOfInput: There are no more lines.
        """
        names = [
            (option, *(("y", "yes") if index == yes else ("n", "no") if index == no else ()))
            for index, option in enumerate(options)
        ]
        self.list(names)

        def parse(line: str) -> int:
            found = chosen(line, names)
            if found is None:
                raise InvalidArgumentError(f"It is one of 1 to {len(options)}.")
            return found

        return self.read_until("> ", parse)

    def _write(self, text: str) -> None:
        output = self._output or sys.stdout
        encoding = getattr(output, "encoding", None) or "utf-8"
        output.write(text.encode(encoding, "backslashreplace").decode(encoding))
        output.flush()


def escaped(text: str) -> str:
    """Make a text fit for a line of a terminal, whatever is in it; all of it."""
    return shown(text, longest=sys.maxsize)
