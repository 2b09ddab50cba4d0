"""Whether turns that run silently get in the way of a request."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("idle_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")
REQUESTS = 500
DEADLINE = 8.0
MANY = 10_000  # of which the peer is not asked


def compare_idle_streams(contestants: Contestants) -> Report:
    """Make requests while streams of silent turns are open.

    Args:
        contestants: The environments.
    """
    server = contestants.flood_server("idle")
    rows: list[Row] = []
    for kind, streams in (("async", 5), ("async", 6), ("async", MANY), ("sync", MANY)):
        many = streams == MANY
        sides = contestants.compare(
            (PROBE, kind, streams, REQUESTS, *server),
            floor=(FLOOR, "thread_start", REQUESTS, *server),
            deadline=60.0 if many else DEADLINE,
            ours_alone=many,
        )
        name = f"request beside {streams:,} idle {kind} streams, p99 wall"
        rows.append(sides.row(name, "ms", "p99", limit=10.0 if many else None))
    return Report(
        title="Idle streams",
        note=(
            f"the p99 of {REQUESTS} requests in a process. An async stream has a task that waits "
            "for its next event; a sync one is open, without a thread of its own. Who has not "
            f"finished after {DEADLINE:g} s counts as stalled; with {MANY:,} streams only ours is "
            "measured. The floor makes the same requests without any stream."
        ),
        rows=rows,
    )
