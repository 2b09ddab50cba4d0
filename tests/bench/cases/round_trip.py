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
        for kind, share, aim in (("sync", 1.2, 0.8), ("async", 0.6, None)):
            sides = contestants.compare(
                (PROBE, kind, request, TRIPS, *server),
                floor=(FLOOR, request, TRIPS, *server),
            )
            limits = {"share": share, "aim": aim} if request == "models" else {}
            name = f"round trip, `{request}()`, {kind}"
            rows.append(sides.row(f"{name}, p50 wall", "µs", "wall", **limits))
            rows.append(sides.row("the same, CPU", "µs", "cpu"))
    return Report(
        title="Round trip",
        note=(
            f"{TRIPS} requests in a process, warmed up. `models()` is answered with an empty page, "
            "`thread_start()` with a thread. The floor writes a line, waits in `read` and parses "
            "the answer, in one thread; why the sync client, whose answers pass through a second "
            "one, misses its aim: `docs/decisions/0014-one-thread-reads.md`."
        ),
        rows=rows,
    )
