"""What the terminal can do, if it is one."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["columns", "has_colours"]

_NARROWEST: Final = 30


def columns(stream: TextIO) -> int | None:
    """Tell how many columns the terminal of a stream has; ``None`` if it is no terminal."""
    return max(shutil.get_terminal_size().columns, _NARROWEST) if stream.isatty() else None


def has_colours(stream: TextIO) -> bool:
    """Tell whether a stream may be coloured: a terminal, and nobody said NO_COLOR."""
    told = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not told
