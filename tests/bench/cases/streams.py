"""What an event of a long turn costs, followed one by one or collected by ``run()``."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants, Sides
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("turn_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")
DELTAS = 50_000
WARM_UP = 10


def compare_streams(contestants: Contestants) -> Report:
    """Follow a turn of many deltas and look at the typed payload of each.

    Args:
        contestants: The environments.
    """
    rows: list[Row] = []
    for kind, share in (("sync", 0.45), ("async", 0.08)):
        sides = _compare_turns(contestants, kind, "stream")
        rows.append(sides.row(f"typed stream, {kind}, CPU an event", "µs", "cpu", share=share))
        rows.append(sides.row("the same, wall an event", "µs", "wall"))
        rows.append(sides.row("the same, events delivered", "", "events"))
    return Report(
        title=f"Typed stream of {DELTAS:,} deltas",
        note=(
            "a warmed-up client; the consumer touches the payload of every event, and the whole "
            "text must have arrived. What it costs is divided by the number of deltas that were "
            "sent. The floor reads the same bytes, splits and parses them, and no more."
        ),
        rows=rows,
    )


def compare_runs(contestants: Contestants) -> Report:
    """Collect the same turn by `run()`.

    Args:
        contestants: The environments.
    """
    rows: list[Row] = []
    for kind, share in (("sync", 0.30), ("async", 0.05)):
        sides = _compare_turns(contestants, kind, "run")
        rows.append(sides.row(f"`run()`, {kind}, CPU an event", "µs", "cpu", share=share))
        rows.append(sides.row("the same, wall an event", "µs", "wall"))
    return Report(
        title=f"`run()` over {DELTAS:,} deltas",
        note="the same turn, collected; the final response must be whole. The same floor.",
        rows=rows,
    )


def _compare_turns(contestants: Contestants, kind: str, way: str) -> Sides:
    server = contestants.flood_server("turns", WARM_UP, DELTAS)
    return contestants.compare(
        (PROBE, kind, way, DELTAS, *server), floor=(FLOOR, "turn", DELTAS, *server)
    )
