"""The pages of the project, and the fenced blocks in them; see docs/maintainers/documents.md.

Read by us: the libraries for this (sybil, pytest-examples) run blocks one by one, and know no
page whose halves, sync and async, stand side by side in tabs, nor give a type checker a file
whose lines are those of the page.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

_FENCE: Final = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>.*)\n"
    r"(?P<code>(?:.*\n)*?)"
    r"(?P=indent)(?P=fence) *$",
    re.MULTILINE,
)
_REMARK: Final = re.compile(r"^ *<!-- (?P<word>[a-z ]+?)(?:: (?P<rest>.+))? -->$")
_SNIPPET: Final = re.compile(r'^ *-+8<-+ "', re.MULTILINE)

REMARKS: Final = frozenset({"not run", "not checked", "alone", "raises", "prints"})
"""What a comment above a fence can say."""


class PageError(Exception):
    """A page does not keep to the convention; the message begins with where."""


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: The page's path, from the root of the repository.
        line: The number of its first line of code.
        language: The first word after the fence; empty if there is none.
        code: The code, without the indentation of the fence.
        remarks: What the comments directly above the fence say: word -> rest.
    """

    page: str
    line: int
    language: str
    code: str
    remarks: dict[str, str]

    @property
    def place(self) -> str:
        """Where it stands: ``docs/index.md:12``."""
        return f"{self.page}:{self.line}"

    @property
    def is_included(self) -> bool:
        """Whether the code lies in a file of its own, and is tested there."""
        return bool(_SNIPPET.search(self.code))


def page_paths() -> list[Path]:
    """Give all pages with blocks that a reader may copy."""
    return [
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "packages").glob("*/README.md")),
    ]


def read_blocks(path: Path) -> list[Block]:
    """Read the blocks of a page, in their order.

    Raises:
        PageError: A comment above a fence is none of those that are known.
    """
    text = path.read_text(encoding="utf-8")
    page = path.relative_to(ROOT).as_posix()
    return list(blocks_of(page, text))


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """Read the blocks of a text; ``page`` is what they say they are from."""
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        yield Block(
            page=page,
            line=line,
            language=(re.findall(r"[\w+-]+", match["info"]) or [""])[0],
            code=textwrap.dedent(match["code"]),
            remarks=dict(_remarks(f"{page}:{line}", text[: match.start()].splitlines())),
        )


def _remarks(place: str, above: list[str]) -> Iterator[tuple[str, str]]:
    """Read the comments directly above a fence."""
    while above and (match := _REMARK.match(above.pop())):
        if match["word"] not in REMARKS:
            raise PageError(f"{place}: {match['word']!r} is none of {sorted(REMARKS)}")
        if match["word"].startswith("not ") and not match["rest"]:
            raise PageError(f"{place}: {match['word']!r} needs a reason")
        yield match["word"], match["rest"] or ""
