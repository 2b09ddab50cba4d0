"""How long it takes to start a client and to close it again."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("lifecycle_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")
CYCLES = 20


def compare_lifecycles(contestants: Contestants) -> Report:
    """Start and close clients, one after another, in one process.

    Args:
        contestants: The environments.
    """
    server = contestants.flood_server("idle")
    rows: list[Row] = []
    for kind in ("sync", "async"):
        sides = contestants.compare(
            (PROBE, kind, CYCLES, *server), floor=(FLOOR, "lifecycle", CYCLES, *server)
        )
        rows.append(sides.row(f"start and close, {kind}, wall", "ms", "wall"))
        rows.append(sides.row("the same, CPU", "ms", "cpu"))
    return Report(
        title="Start and close",
        note=(
            f"medians of {CYCLES} clients in a process, warmed up, on the scripted server; "
            "most of the wall time is that server's own start."
        ),
        rows=rows,
    )
