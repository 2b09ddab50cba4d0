"""Mentions: where documents that people write name the pinned version, they name the new one.

Two ways to write a version are told apart: `at 0.163.0` says what was seen there, and remains true.
Any other mention of the pinned version means the pinned version, but in what `compat` has seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from codex_generator.compat.page import BEGIN, END
from codex_generator.tree import bannered

_PAGES: Final = ("README.md", "NOTICE", "docs/**/*.md")
_OF_THEIR_TIME: Final = ("docs/decisions", "docs/changes")
"""Folders of documents that say what was, and are not brought up to date."""

_SEEN_AT: Final = r"(?<!\b[Aa]t[ \n])"
_OTHER_VERSION: Final = r"(?!\w|\.\w|-(?:alpha|beta|rc|dev)\b)"
"""What comes after a version that is only the beginning of another, such as `0.163.0a1`."""

_SEEN: Final = re.compile(f"({re.escape(BEGIN)}.*?{re.escape(END)})", re.DOTALL)


def update_mentions(root: Path, old: str, new: str) -> list[Path]:
    """Have the documents of a tree name another pinned version.

    Args:
        root: of the tree.
        old: the version that they name.
        new: the version to name.

    Returns:
        The documents that have changed, from the root.
    """
    mention = re.compile(rf"{_SEEN_AT}(?<![\d.]){re.escape(old)}{_OTHER_VERSION}")
    changed: list[Path] = []
    for page in _pages(root):
        text = page.read_text(encoding="utf-8")
        parts = _SEEN.split(text)
        parts[::2] = [mention.sub(new, part) for part in parts[::2]]
        updated = "".join(parts)
        if updated != text:
            page.write_text(updated, encoding="utf-8")
            changed.append(page.relative_to(root))
    return changed


def _pages(root: Path) -> Iterator[Path]:
    rendered = {root / path for path in bannered(root)}
    left = tuple(root / folder for folder in _OF_THEIR_TIME)
    for pattern in _PAGES:
        for page in sorted(root.glob(pattern)):
            if page not in rendered and not any(page.is_relative_to(folder) for folder in left):
                yield page
