"""What the terminal can do, if it is one."""

from __future__ import annotations

import os
import shutil
import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["columns", "fitted", "has_colours", "wrapped"]

_NARROWEST: Final = 30


def columns(stream: TextIO) -> int | None:
    """Tell how many columns the terminal of a stream has; ``None`` if it is no terminal."""
    return max(shutil.get_terminal_size().columns, _NARROWEST) if stream.isatty() else None


def wrapped(text: str, width: int | None, first: str = "", others: str = "") -> list[str]:
    """Break a text into lines between words: what is longer than a line can be copied whole.

    Args:
        text: The text, one paragraph.
        width: How many columns there are; ``None`` to break nothing.
        first: What stands before the first line.
        others: What stands before the others.
    """
    if width is None:
        return [first + text]
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fitted(text: str, stream: TextIO) -> str:
    """Break the lines of a text as a stream wants them, if it is a terminal."""
    width = columns(stream)
    return "\n".join("\n".join(wrapped(line, width)) for line in text.split("\n"))


def has_colours(stream: TextIO) -> bool:
    """Tell whether a stream may be coloured: a terminal, and nobody said NO_COLOR."""
    told = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not told
