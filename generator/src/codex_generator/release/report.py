"""Report: a table of what was found, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from codex_generator.release.checking.verdict import Finding


def print_report(findings: Sequence[Finding], console: Console) -> None:
    """Print a row for each finding, then whatever is wrong, a line each.

    Args:
        findings: of a check.
        console: where to print.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("checked", overflow="fold")
    table.add_column("size", justify="right")
    table.add_column("SHA-256")
    table.add_column("verdict")
    for finding in findings:
        table.add_row(
            Text(finding.subject),
            "" if finding.size is None else decimal(finding.size),
            "" if finding.sha256 is None else f"{finding.sha256[:16]}…",
            _verdict(finding),
        )
    console.print(table)
    for finding in findings:
        for fault in finding.faults:
            line = f"{finding.subject}: {fault}"
            console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def _verdict(finding: Finding) -> str:
    if finding.faults:
        return f"[red]{len(finding.faults)} fault(s)[/red]"
    return finding.note or "good"
