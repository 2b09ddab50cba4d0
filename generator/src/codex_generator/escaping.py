"""Escaping: the one way in which text of the schema reaches source code.

Descriptions and wire names are foreign text. Templates write them through the filters below
and through nothing else; both rest on `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_THREE_QUOTES = re.compile(r'"{3,}')
_THREE_QUOTES_OR_LAST = re.compile(r'"{3,}|"+\Z')


def escape(text: str) -> str:
    """Escape text for the inside of a string literal, in any kind of double quotes."""
    return "".join(_escape_character(character) for character in text)


def literal(text: str) -> str:
    """Return a string literal with this value."""
    return f'"{escape(text)}"'


def docstring(lines: Sequence[str], indent: int = 0) -> str:
    """Return a docstring with these lines, without the indentation of its first line.

    Args:
        lines: of the document.
        indent: columns that the docstring stands in.
    """
    margin = " " * indent
    # Quotes read better as they are. Only three in a row would end the docstring, or one right
    # before its own.
    dangerous = _THREE_QUOTES if len(lines) > 1 else _THREE_QUOTES_OR_LAST
    escaped = [_escape_in_docstring(line, dangerous) for line in lines]
    body = "\n".join(f"{margin}{line}".rstrip() for line in escaped).removeprefix(margin)
    # A quote right after the quotes: the formatter would part them, and readers of docstrings
    # disregard the space.
    body = f" {body}" if body.startswith('"') else body
    return f'"""{body}\n{margin}"""' if len(lines) > 1 else f'"""{body}"""'


def _escape_in_docstring(line: str, dangerous: re.Pattern[str]) -> str:
    escaped = "".join(c if c == '"' else _escape_character(c) for c in line)
    return dangerous.sub(lambda found: '\\"' * len(found[0]), escaped)


def _escape_character(character: str) -> str:
    if character in '\\"':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
