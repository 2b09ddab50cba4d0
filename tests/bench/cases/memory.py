"""How much memory notifications take that nobody reads."""

from __future__ import annotations

from pathlib import Path

from tests.bench.contestants import Contestants
from tests.bench.report import Report, Row

PROBE = Path(__file__).with_name("memory_probe.py")
FLOOR = Path(__file__).with_name("floor_probe.py")
NOTIFICATIONS = 300_000


def compare_memory(contestants: Contestants) -> Report:
    """Let the server send what nobody reads, then look at what is resident.

    Args:
        contestants: The environments.
    """
    server = contestants.flood_server("unread", NOTIFICATIONS)
    rows: list[Row] = []
    for kind in ("sync", "async"):
        for stream, words in (("open", "deltas of an open turn"), ("none", "of no turn")):
            sides = contestants.compare(
                (PROBE, kind, stream, *server), floor=(FLOOR, "unread", stream, *server)
            )
            rows.append(sides.row(f"growth, {words}, {kind}", "MB", "megabytes", limit=10.0))
    return Report(
        title=f"{NOTIFICATIONS:,} unread notifications",
        note=(
            "growth of the resident memory from before the first of them to the answer of a "
            "request that comes after the last. They are deltas of a turn whose stream is not "
            "read, or `account/rateLimits/updated` while there is no stream at all."
        ),
        rows=rows,
    )
