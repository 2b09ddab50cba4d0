"""How long a request takes that the server answers at once."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("round_trip_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")
TRIPS = 2000


def compare_round_trips(contestants: Contestants) -> Report:
    """Make requests one after another, each waiting for its answer.

    Args:
        contestants: The environments.
    """
    server = contestants.flood_server("idle")
    rows: list[Row] = []
    for request in ("models", "thread_start"):
        for kind, share in (("sync", 0.8), ("async", 0.6)):
            sides = contestants.compare(
                (PROBE, kind, request, TRIPS, *server),
                floor=(FLOOR, request, TRIPS, *server),
            )
            limit = share if request == "models" else None
            name = f"round trip, `{request}()`, {kind}"
            rows.append(sides.row(f"{name}, p50 wall", "µs", "wall", share=limit))
            rows.append(sides.row("the same, CPU", "µs", "cpu"))
    return Report(
        title="Round trip",
        note=(
            f"{TRIPS} requests in a process, warmed up. `models()` is answered with an empty page; "
            "while our facade has none, it is `model_list()` of the client that the facade stands "
            "on. `thread_start()` is answered with a thread. The floor writes a line, waits in "
            "`read` and parses the answer, in one thread."
        ),
        rows=rows,
    )
