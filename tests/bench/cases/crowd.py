"""What it takes to run many turns at once on one client."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("crowd_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")
TURNS = 100
DELTAS = 100
DEADLINE = 10.0


def compare_crowds(contestants: Contestants) -> Report:
    """Run turns on as many threads, none of which goes on before all are started.

    Args:
        contestants: The environments.
    """
    server = contestants.flood_server("crowd", TURNS, DELTAS)
    rows: list[Row] = []
    for kind in ("sync", "async"):
        sides = contestants.compare(
            (PROBE, kind, TURNS, *server),
            floor=(FLOOR, "crowd", TURNS, *server),
            deadline=DEADLINE,
        )
        rows.append(sides.row(f"{TURNS} turns at once, {kind}, wall", "ms", "wall"))
        rows.append(sides.row("the same, CPU", "ms", "cpu"))
    return Report(
        title="Turns at once",
        note=(
            f"`run()` in {TURNS} threads or tasks, {DELTAS} deltas each. Turns of a model take "
            "minutes, so the server lets none of them go on before all are started. Who has not "
            f"finished after {DEADLINE:g} s counts as stalled."
        ),
        rows=rows,
    )
