"""The page of the docs that shows the table."""

from __future__ import annotations

from pathlib import Path

from tests.misbehaving.families import FAMILIES
from tests.misbehaving.table import Case, Family

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).parents[2] / "docs" / "maintainers" / "misbehaving-servers.md"

INTRODUCTION = """\
# Misbehaving servers

A server may be older or newer than this library, overloaded, broken, or killed. This page says
what your program sees then. Each row is played by a server of its own in `tests/misbehaving`, to
sync and async programs, which see the same. It is played to the *raw* client (`Client`,
`AsyncClient`), to the *facade* (`Codex`, `AsyncCodex`), or to both, as the third column says; the
facade stands on the raw client.

The last column is the time, in seconds, within which all of it has to be over there, from the
server's start to its end, on a busy machine too. Where the client waits for a server that does
not do its part (5 s for a turn to stop, 3 s for each step of a shutdown), these waits are 0.3 s
in the tests.

What holds in every row:

- No call hangs: each ends with its result, or with an error of [the tree](../concepts/errors.md).
- What arrived before the fault is delivered, and what has nothing to do with it goes on.
- Nothing is left after `close()`: no process, thread, stream or request.

The page is made from the table in `tests/misbehaving`, by `python -m tests.misbehaving`.
"""


def page() -> str:
    """Render the page."""
    return "\n".join([INTRODUCTION, *map(_section, FAMILIES)])


def _section(family: Family) -> str:
    rows = "\n".join(map(_row, family.cases))
    head = "| The server … | What you see | client | s |\n|---|---|---|--:|"
    return f"## {family.title}\n\n{head}\n{rows}\n"


def _row(case: Case) -> str:
    return f"| {case.server} | {case.outcome} | {', '.join(case.checks)} | {case.within:g} |"
