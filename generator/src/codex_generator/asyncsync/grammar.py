"""Mend what spans several tokens: type arguments, parentheses around `await`, import lists.

Each function takes the tokens of the async source and, beside them, the sync text of each; it
changes the texts in place. A token that goes away gets the empty text.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Sequence
from typing import Final

from codex_generator.asyncsync.lexing import Token, arguments, closing, line_end, neighbour
from codex_generator.asyncsync.rules import PADDED, UNWRAPPED

_PRIMARY: Final = re.compile(r"[wg](\.w|g)*")


def drop_keywords(tokens: Sequence[Token], texts: list[str]) -> None:
    """Drop `async` and `await` together with the space behind them."""
    for index, token in enumerate(tokens):
        # A keyword with nothing behind it is quoted for its own sake, not used.
        if token.text in {"async", "await"} and neighbour(tokens, index, 1) is not None:
            texts[index] = ""
            if tokens[index + 1].kind == "space":
                texts[index + 1] = ""


def adapt_generics(tokens: Sequence[Token], texts: list[str]) -> None:
    """Turn ``Awaitable[T]`` into ``T``, and give ``Generator[Y, S]`` its third argument."""
    for index, token in enumerate(tokens):
        if token.text not in UNWRAPPED and token.text not in PADDED:
            continue
        before, opening = neighbour(tokens, index, -1), neighbour(tokens, index, 1)
        if opening is None or tokens[opening].text != "[":
            continue
        end = closing(tokens, opening)
        if end is None or (before is not None and tokens[before].text == "."):
            continue
        given = arguments(tokens, opening + 1, end)
        if token.text in PADDED and given:
            texts[given[-1][-1]] += ", None" * (PADDED[token.text] - len(given))
        elif len(given) == 1:
            _unwrap(tokens, texts, index, given[0], end)


def _unwrap(
    tokens: Sequence[Token], texts: list[str], index: int, argument: list[int], end: int
) -> None:
    """Leave the argument alone of what stands from `index` to `end`."""
    original = _repeated(tokens, index, argument)
    if original is not None:
        # ``T | Awaitable[T]``: without the Awaitable the second half says nothing.
        _clear(texts, range(original + 1, end + 1))
        return
    first, last = argument[0], argument[-1]
    # The brackets may have held several lines together.
    spread = any(token.kind == "newline" for token in tokens[index : end + 1])
    _clear(texts, range(index, first))
    _clear(texts, range(last + 1, end + 1))
    if spread:
        texts[index], texts[end] = "(", ")"


def _repeated(tokens: Sequence[Token], index: int, argument: list[int]) -> int | None:
    """Find the end of the equal member before ``| Awaitable[...]``, if there is one."""
    bar = neighbour(tokens, index, -1)
    if bar is None or tokens[bar].text != "|":
        return None
    last = position = neighbour(tokens, bar, -1)
    for expected in reversed(argument):
        if position is None or tokens[position].text != tokens[expected].text:
            return None
        position = neighbour(tokens, position, -1)
    is_attribute = position is not None and tokens[position].text == "."
    return None if is_attribute else last


def drop_parentheses(tokens: Sequence[Token], texts: list[str]) -> None:
    """Turn ``(await x.y()).z`` into ``x.y().z``; without the await nothing needs parentheses."""
    for opening, token in enumerate(tokens):
        inner = neighbour(tokens, opening, 1) if token.text == "(" else None
        if inner is None or tokens[inner].text != "await":
            continue
        end = closing(tokens, opening)
        if end is None or end + 1 == len(tokens) or tokens[end + 1].text not in {".", "[", "("}:
            continue
        first, last = neighbour(tokens, inner, 1), neighbour(tokens, end, -1)
        if first is None or last is None or _is_call(tokens, opening):
            continue
        if _PRIMARY.fullmatch(_shape(tokens, first, last)):
            _clear(texts, [*range(opening, first), *range(last + 1, end + 1)])
            if opening and tokens[opening - 1].kind == "word":
                texts[opening] = " "


def _is_call(tokens: Sequence[Token], opening: int) -> bool:
    """Tell whether the bracket at `opening` holds the arguments of what stands before it."""
    before = neighbour(tokens, opening, -1)
    if before is None or tokens[before].line != tokens[opening].line:
        return False
    token = tokens[before]
    if token.kind == "word":
        return not keyword.iskeyword(token.text)
    return token.text in {")", "]", "}"}


def _shape(tokens: Sequence[Token], first: int, last: int) -> str:
    """Write an expression with one letter for each word and bracketed group."""
    shape = ""
    index = first
    while index <= last:
        token = tokens[index]
        end = closing(tokens, index) if token.text in {"(", "["} else None
        if end is not None:
            shape, index = shape + "g", end
        else:
            shape += "w" if token.kind == "word" else token.text
        index += 1
    return shape


def tidy_imports(tokens: Sequence[Token], texts: list[str]) -> None:
    """Take names out of import lists that derivation has emptied of meaning or made twins."""
    for start, token in enumerate(tokens):
        if token.text != "from":
            continue
        end = line_end(tokens, start)
        word = next((i for i in range(start, end) if tokens[i].text == "import"), None)
        first = None if word is None else neighbour(tokens, word, 1)
        if first is None:
            continue
        bracket = closing(tokens, first) if tokens[first].text == "(" else None
        if bracket is None:
            _tidy_names(tokens, texts, range(start, end), range(first, end))
        else:
            _tidy_names(tokens, texts, range(start, bracket + 1), range(first + 1, bracket))


def _tidy_names(
    tokens: Sequence[Token], texts: list[str], statement: range, listing: range
) -> None:
    """Tidy one statement, whose names are those of `listing`."""
    names = arguments(tokens, listing.start, listing.stop)
    kept: dict[str, list[int]] = {}
    for name in names:
        if tokens[name[0]].text not in UNWRAPPED:
            kept.setdefault(" ".join(texts[index] for index in name), name)
    if not kept:
        _clear(texts, statement)
    elif len(kept) < len(names):
        for name in names:
            if name not in kept.values():
                has_space = tokens[name[0] - 1].kind == "space"
                _clear(texts, range(name[0] - has_space, name[-1] + 1))
        _clear(texts, [index for index in listing if tokens[index].text == ","])
        for name in [*kept.values()][:-1]:
            texts[name[-1]] += ","


def _clear(texts: list[str], indices: Iterable[int]) -> None:
    for index in indices:
        texts[index] = ""
