"""Translate async source to sync, word by word: code, and the text in strings and comments.

Text is held to the code it speaks of: names are renamed in it, and code inside it (in backticks,
doctests, example blocks) is treated as code. Prose about waiting is left alone, so that the
search for leftovers finds it and its author rewords it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from codex_generator.asyncsync import grammar
from codex_generator.asyncsync.lexing import Token, split
from codex_generator.asyncsync.rules import PADDED, PROSE_NOUNS, UNWRAPPED

_WORD: Final = re.compile(r"\b[^\W\d]\w*")
_ANNOTATION: Final = re.compile(rf"\b(?:{'|'.join(sorted([*UNWRAPPED, *PADDED]))})\[")
# A replacement field of an f-string, which may hold one more level of braces.
_FIELD: Final = re.compile(r"(\{\{|\}\}|\{(?:[^{}]|\{[^{}]*\})*\})")
_BACKTICKS: Final = re.compile(r"(`+)([^`]+)\1")
_ARTICLE: Final = re.compile(r"\b([Aa])n(?=\s+`*(async )?(\w+))")
_NOUN: Final = re.compile(rf"\basync (?=(?:{PROSE_NOUNS})\b)| async(?=\n\s*(?:{PROSE_NOUNS})\b)")
_CAPITAL_NOUN: Final = re.compile(rf"\bAsync ((?:{PROSE_NOUNS})\b)")
# "await" before a call is code even without marks around it; before a noun it is prose.
_AWAITED_CALL: Final = re.compile(r"\bawait (?=[^\W\d][\w.]*\()")


class Translation:
    """Turns async source into sync source under one set of names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Translate with `names`, from async name to sync name."""
        self._names = names

    def tokens(self, source: str) -> list[Token]:
        """Translate code.

        Args:
            source: Python source, or any fragment of it.

        Returns:
            The tokens of `source` with their lines there and their sync text.
        """
        tokens = split(source)
        texts = [self._text(token) for token in tokens]
        grammar.drop_keywords(tokens, texts)
        grammar.adapt_generics(tokens, texts)
        grammar.drop_parentheses(tokens, texts)
        grammar.tidy_imports(tokens, texts)
        return [token._replace(text=text) for token, text in zip(tokens, texts, strict=True)]

    def _code(self, source: str) -> str:
        return "".join(token.text for token in self.tokens(source))

    def _text(self, token: Token) -> str:
        if token.kind == "word":
            return self._names.get(token.text, token.text)
        if token.kind == "comment":
            return self._prose(token.text)
        if token.kind == "string":
            return self._string(token.text)
        return token.text

    def _string(self, literal: str) -> str:
        quoted = literal.lstrip("rbufRBUF")
        prefix = literal[: -len(quoted)]
        quote = quoted[:3] if quoted[:3] in {'"""', "'''"} else quoted[0]
        content = quoted[len(quote) : -len(quote)]
        if "f" in prefix.lower():
            parts = _FIELD.split(content)
            # Fields stand at the odd places; the escapes {{ and }} among them are no code.
            parts[::2] = [self._prose(part) for part in parts[::2]]
            parts[1::2] = [self._code(part) for part in parts[1::2]]
            content = "".join(parts)
        elif len(quote) == 1 and _ANNOTATION.search(content):
            content = self._code(content)
        else:
            content = self._prose(content)
        return f"{prefix}{quote}{content}{quote}"

    def _prose(self, text: str) -> str:
        parts: list[str] = []
        for is_code, lines in groupby(_marked_lines(text), key=lambda line: line[0]):
            part = "".join(line for _, line in lines)
            parts.append(self._code(part) if is_code else self._plain(part))
        return "".join(parts)

    def _plain(self, text: str) -> str:
        text = _ARTICLE.sub(self._article, text)
        text = _NOUN.sub("", text)
        text = _CAPITAL_NOUN.sub(lambda match: match[1].capitalize(), text)
        text = _BACKTICKS.sub(lambda match: match[1] + self._code(match[2]) + match[1], text)
        text = _AWAITED_CALL.sub("", text)
        return _WORD.sub(lambda match: self._names.get(match[0], match[0]), text)

    def _article(self, match: re.Match[str]) -> str:
        """Keep "a" and "an" right before a word that changes ("an AsyncCodex", "a Codex")."""
        letter, keyword, word = match.groups()
        renamed = self._names.get(word, word)
        changes = keyword or renamed != word
        return f"{letter}n" if not changes or renamed[0] in "aeiouAEIOU" else letter


def _marked_lines(text: str) -> Iterator[tuple[bool, str]]:
    """Tell for each line of a text whether it is an example of code."""
    lines = text.splitlines(keepends=True)
    header: int | None = None
    for number, line in enumerate(lines):
        stripped = line.strip()
        indent = _margin(lines[1:]) if number == 0 else _indent(line)
        if header is not None and stripped and indent <= header:
            header = None
        yield header is not None or stripped.startswith((">>>", "...")), line
        if stripped.endswith("::") or stripped in {"Example:", "Examples:"}:
            header = indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _margin(lines: Sequence[str]) -> int:
    """Measure a docstring's own indentation, which its first line does not show."""
    return min((_indent(line) for line in lines if line.strip()), default=0)
