"""Documentation: from the schema's descriptions to lines of the right width.

Only whitespace is touched; escaping is the renderer's. A description's own line breaks stay,
because they carry lists and paragraphs; longer lines are wrapped.
"""

from __future__ import annotations

import re
import textwrap
from typing import Final

WIDTH: Final = 90
"""Characters: 100 less one level of indentation and both quotes."""

EXPERIMENTAL: Final = "Experimental."
_SENTENCE = re.compile(r"[^\n]*?[.!?](?=\s|\Z)")
_ITEM = re.compile(r"(\s*)([-*]|[0-9]+[.)])?\s*")


def wrap(text: str, width: int = WIDTH) -> tuple[str, ...]:
    """Return the lines of a description, none wider than can be helped.

    Args:
        text: a description of the schema; may be empty.
        width: characters in a line.
    """
    lines: list[str] = []
    # Split at newlines alone: `splitlines` would also break at form feeds and their like.
    for line in text.strip().split("\n"):
        lead = _ITEM.match(line)
        indent = " " * (lead.end() if lead else 0)
        lines += textwrap.wrap(
            line,
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            expand_tabs=False,
            replace_whitespace=False,
        ) or [""]
    return tuple(lines) if text.strip() else ()


def describe(text: str, summary: str, width: int = WIDTH) -> tuple[str, ...]:
    """Return the document of a class or a function: a summary of one line, then the rest.

    A description that begins with a sentence of its own that fits is that summary. Before any
    other, a summary of ours is put; the description's own words are not touched.

    Args:
        text: a description of the schema; may be empty.
        summary: a sentence in place of a missing one.
        width: characters in a line.
    """
    text = text.strip()
    if not text:
        return wrap(summary, width)
    found = _SENTENCE.match(text)
    if found is None or len(found[0]) > width:
        return (*wrap(summary, width), "", *wrap(text, width))
    rest = wrap(text[found.end() :], width)
    return (found[0], "", *rest) if rest else (found[0],)


def mark(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Append the experimental mark as a paragraph of its own."""
    return (*lines, "", EXPERIMENTAL) if lines else (EXPERIMENTAL,)
