"""The report for people: one paragraph for each finding, as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openai_codex.commands.doctor.findings import Status, keeps_turns_from_running
from openai_codex.commands.screen import wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openai_codex.commands.doctor.findings import Finding

__all__ = ["conclusion", "paragraph"]

_WORDS: Final = {
    Status.ok: ("ok", "32"),
    Status.info: ("info", "36"),
    Status.warning: ("warn", "33"),
    Status.error: ("FAIL", "31;1"),
    Status.skipped: ("skip", "2"),
}
"""How a status is written, and in which colour (ANSI)."""
_INDENT: Final = " " * 6


def paragraph(finding: Finding, *, width: int | None, colours: bool) -> str:
    """Write a finding down.

    Args:
        finding: The finding.
        width: How many columns there are; ``None`` to leave lines as long as they are.
        colours: Whether the status may be coloured.
    """
    word, colour = _WORDS[finding.status]
    lines = wrapped(f"{finding.check}: {finding.summary}", width, f"{word:<6}", _INDENT)
    for note in finding.notes:
        lines += wrapped(note, width, f"{_INDENT}- ", f"{_INDENT}  ")
    if finding.advice is not None:
        lines += wrapped(finding.advice, width, f"{_INDENT}> ", f"{_INDENT}  ")
    if colours:
        lines[0] = f"\x1b[{colour}m{word}\x1b[0m{lines[0][len(word) :]}"
    return "\n".join(lines)


def conclusion(findings: Sequence[Finding], *, width: int | None) -> str:
    """Say in a sentence what all of it means."""
    wrong = [one.check for one in findings if one.status is Status.error]
    odd = [one.check for one in findings if one.status is Status.warning]
    if keeps_turns_from_running(findings):
        text = f"Turns do not run: see {', '.join(wrong)}."
    else:
        text = f"Turns run. See {', '.join(odd)}." if odd else "Turns run."
    return "\n".join(wrapped(text, width))
