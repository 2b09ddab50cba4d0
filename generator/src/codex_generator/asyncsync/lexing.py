"""Cut Python source into words, strings, comments and what lies between, and nothing finer.

Joining the tokens gives back the source. An f-string is one token here on every Python: inside
one, the quotes that enclose it cannot occur in the syntax of Python 3.10, which the facade keeps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""
    (?P<comment> \#[^\n]* )
  | (?P<string> [rbufRBUF]{0,2} (?:
        \"{3} (?: [^\\] | \\. )*? \"{3}
      | '{3} (?: [^\\] | \\. )*? '{3}
      | " (?: [^"\\\n] | \\. )* "
      | ' (?: [^'\\\n] | \\. )* '
    ) )
  | (?P<word> [^\W\d]\w* )
  | (?P<number> \d[\w.]* )
  | (?P<newline> \n )
  | (?P<space> (?: [ \t\f] | \\\n )+ )
  | (?P<mark> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK: Final = frozenset({"comment", "newline", "space"})
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


class Token(NamedTuple):
    """A piece of source.

    Attributes:
        kind: `comment`, `string`, `word`, `number`, `newline`, `space` or `mark`.
        text: The source text, whole.
        line: The line it begins on, from 1.
    """

    kind: str
    text: str
    line: int

    @property
    def is_blank(self) -> bool:
        """Whether the parser would pass over it."""
        return self.kind in _BLANK


def split(text: str) -> list[Token]:
    """Cut `text` into tokens.

    Returns:
        The tokens; their texts joined are `text`.
    """
    tokens: list[Token] = []
    line = 1
    for match in _TOKEN.finditer(text):
        tokens.append(Token(match.lastgroup or "mark", match[0], line))
        line += match[0].count("\n")
    return tokens


def neighbour(tokens: Sequence[Token], index: int, step: int) -> int | None:
    """Find the nearest token before or after `index` that is not blank.

    Args:
        tokens: The tokens.
        index: Where to start; not looked at itself.
        step: 1 to look ahead, -1 to look back.

    Returns:
        Its index, or None at either end.
    """
    index += step
    while 0 <= index < len(tokens):
        if not tokens[index].is_blank:
            return index
        index += step
    return None


def closing(tokens: Sequence[Token], opening: int) -> int | None:
    """Find the bracket that closes the one at `opening`.

    Returns:
        Its index, or None if it is missing (in a docstring's fragment of code).
    """
    depth = 0
    for index in range(opening, len(tokens)):
        depth += _depth(tokens[index])
        if depth == 0:
            return index
    return None


def line_end(tokens: Sequence[Token], index: int) -> int:
    """Find the end of the line that `index` is on.

    Returns:
        The index of its comment or newline, or the number of tokens.
    """
    for end in range(index, len(tokens)):
        if tokens[end].kind in {"comment", "newline"}:
            return end
    return len(tokens)


def arguments(tokens: Sequence[Token], start: int, end: int) -> list[list[int]]:
    """Group what stands from `start` up to `end` by the commas between, as in a list.

    Returns:
        The indices of each argument's tokens, without blanks and commas; none for an empty one.
    """
    groups: list[list[int]] = [[]]
    depth = 0
    for index in range(start, end):
        depth += _depth(tokens[index])
        if tokens[index].text == "," and depth == 0:
            groups.append([])
        elif not tokens[index].is_blank:
            groups[-1].append(index)
    return [group for group in groups if group]


def _depth(token: Token) -> int:
    """Tell by how many brackets `token` leads in or, if negative, out."""
    return (token.text in _OPENING) - (token.text in _CLOSING)
