"""Markdown: the one way in which text of the schema reaches the protocol reference.

Descriptions, wire names and defaults are foreign text: none of them may become a heading, a list,
a link, a tag, or another column of a table, in any of the dialects that a page is read in. What
stays is what people wrote on purpose: paragraphs, code between backticks, and addresses.

In the cells of tables, which small screens make narrow, long names may be broken at their humps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from codex_generator.escaping import escape
from codex_generator.reference.pages import Name, Piece

_CODE: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9./?=%#-]*[A-Za-z0-9/]")
_PARAGRAPHS: Final = re.compile(r"\n[^\S\n]*\n\s*")
_ITEMS: Final = re.compile(r"\n(?=\s*(?:[-*]|[0-9]+[.)])\s)")
_NUMBERED: Final = re.compile(r"([0-9]+)([.)])(?=\s|\Z)")
_RUNS: Final = re.compile(r"([=+!?-])\1+")
_BEFORE_WORDS: Final = re.compile(r":(?!\s|\Z)|(?<=www)\.")
_BLOCKS: Final = frozenset("+-=!?:/%@.")
"""What begins a block of some dialect at the start of a line, and is not escaped everywhere."""

_BACKSLASHED: Final = frozenset("\\`*_{}[]#")
"""What every dialect takes as itself after a backslash."""
_ENTITIES: Final = frozenset("<>&|~^$@")
"""What only some do."""
_PLAIN_CODE: Final = re.compile(r"(?!:::|#!)(?:[A-Za-z0-9 .,:;/()\[\]='\"?!@%+*_#}-]|\{(?![{%#]))+")
"""Code that can stand between backticks."""
_HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[/_.])(?=.)")
_LONG: Final = 10
"""Characters that a narrow column has room for."""


def inline(text: str, *, narrow: bool = False) -> str:
    """Return text as one line that Markdown shows as it is, but for code and addresses.

    Args:
        text: foreign text.
        narrow: whether it stands where long names have to be broken.
    """
    text = " ".join(text.split())
    found: list[str] = []
    rest = 0
    for span in _CODE.finditer(text):
        inside = code(span[2].strip(), narrow=narrow)
        found += [_with_addresses(text[rest : span.start()]), inside]
        rest = span.end()
    return _as_no_block("".join([*found, _with_addresses(text[rest:])]))


def paragraphs(text: str) -> str:
    """Return text as paragraphs."""
    return "\n\n".join(_lines(text, narrow=False))


def cell(text: str) -> str:
    """Return text for one cell of a table."""
    return "<br>".join(_lines(text, narrow=True))


def code(text: str, *, narrow: bool = False) -> str:
    """Return text as code."""
    parts = _parts(text, narrow=narrow)
    if len(parts) == 1 and _PLAIN_CODE.fullmatch(text):
        return f"`{text}`"
    return f"<code>{'<wbr>'.join(map(_escaped, parts))}</code>"


def spelled(pieces: Sequence[Piece], *, narrow: bool = False) -> str:
    """Return the spelling of a type, with links to the types that it names."""
    return "".join(_piece(piece, narrow=narrow) for piece in pieces)


def name(text: str, *, narrow: bool = False) -> str:
    """Return a name as text."""
    return "<wbr>".join(map(_escaped, _parts(text, narrow=narrow)))


def referred(found: Name, *, narrow: bool = False) -> str:
    """Return a name of one of the packages, with a link to what the API reference says of it."""
    return f"[{code(found.text, narrow=narrow)}][{found.target}]"


def _piece(piece: Piece, *, narrow: bool) -> str:
    text = name(piece.text, narrow=narrow)
    anchor = f"{{ #{piece.anchor} }}" if piece.anchor else ""
    return f"[{text}]({piece.link}){anchor}" if piece.link else text


def _parts(text: str, *, narrow: bool) -> list[str]:
    return _HUMPS.split(text) if narrow and len(text) > _LONG else [text]


def _lines(text: str, *, narrow: bool) -> list[str]:
    return [
        "<br>".join(inline(line, narrow=narrow) for line in _ITEMS.split(paragraph))
        for paragraph in _PARAGRAPHS.split(text.strip())
    ]


def _with_addresses(text: str) -> str:
    found: list[str] = []
    rest = 0
    for address in _ADDRESS.finditer(text):
        found += [_escaped(text[rest : address.start()]), f"<{address[0]}>"]
        rest = address.end()
    return "".join([*found, _escaped(text[rest:])])


def _escaped(text: str) -> str:
    # Some characters are special only beside others: two of a kind, or one before a word.
    special = {place for run in _RUNS.finditer(text) for place in range(*run.span())}
    special |= {found.start() for found in _BEFORE_WORDS.finditer(text)}
    return "".join(
        _entity(character) if place in special else _escaped_character(character)
        for place, character in enumerate(text)
    )


def _escaped_character(character: str) -> str:
    if character in _BACKSLASHED:
        return f"\\{character}"
    if character in _ENTITIES:
        return _entity(character)
    return character if character.isprintable() else f"\\{escape(character)}"


def _as_no_block(line: str) -> str:
    line = _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line
    return f"{_entity(line[0])}{line[1:]}" if line[:1] in _BLOCKS else line


def _entity(character: str) -> str:
    return f"&#{ord(character)};"
