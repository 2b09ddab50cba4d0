"""Run benchmark cases: `nox -s bench -- CASE…`, or all of them.

A case is a module of `tests.bench.cases` with a function that takes the contestants and returns a
report. It is added by its line in `CASES`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from tests.bench.cases import cold, crowd, idle, imports, lifecycle, memory, round_trip, streams
from tests.bench.contestants import Contestants
from tests.bench.report import Report, as_markdown


@dataclass(frozen=True)
class Case:
    """A case, and how often its subjects are measured unless the command line tells."""

    compare: Callable[[Contestants], Report]
    repetitions: int


CASES: Mapping[str, Case] = {
    "import": Case(imports.compare_imports, 15),
    "cold": Case(cold.compare_cold_processes, 11),
    "lifecycle": Case(lifecycle.compare_lifecycles, 5),
    "round-trip": Case(round_trip.compare_round_trips, 11),
    "stream": Case(streams.compare_streams, 5),
    "run": Case(streams.compare_runs, 5),
    "crowd": Case(crowd.compare_crowds, 5),
    "idle": Case(idle.compare_idle_streams, 3),
    "memory": Case(memory.compare_memory, 2),
}


def main(arguments: Sequence[str]) -> int:
    """Run the cases that were asked for and print their findings as one table.

    Args:
        arguments: The command line without the program's name.

    Returns:
        The exit code: 1 when a limit is exceeded.
    """
    options = parse(arguments)
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.0:
        print("bench: this machine is at work: the figures will be poor", file=sys.stderr)
    contestants = Contestants(ours=Path(sys.executable), peer=options.peer, repetitions=0)
    reports = [run(name, contestants, options.repetitions) for name in options.cases or CASES]
    return conclude(reports, options.json)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="nox -s bench --", description="Run benchmarks.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of: {', '.join(CASES)}")
    parser.add_argument("--peer", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--repetitions", type=int, help="measurements of each subject")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings there too")
    options = parser.parse_args(arguments)
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    return options


def run(name: str, contestants: Contestants, repetitions: int | None) -> Report:
    """Run one case and say so."""
    case = CASES[name]
    print(f"bench: {name} … ", end="", file=sys.stderr, flush=True)
    start = time.monotonic()
    report = case.compare(replace(contestants, repetitions=repetitions or case.repetitions))
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    return report


def conclude(reports: Sequence[Report], file: Path | None = None) -> int:
    """Print the findings, and write them to a file if there is one.

    Args:
        reports: The cases' reports.
        file: Where to write them as JSON.

    Returns:
        The exit code: 1 when a limit is exceeded.
    """
    complaints = [
        complaint for report in reports for row in report.rows if (complaint := row.complaint())
    ]
    python, pydantic = platform.python_version(), version("pydantic")
    print(f"Python {python}, pydantic {pydantic}, {os.cpu_count()} processors; medians.\n")
    print(as_markdown(reports))
    for complaint in complaints:
        print(f"LIMIT EXCEEDED: {complaint}")
    if file is not None:
        document = {"reports": [asdict(report) for report in reports], "exceeded": complaints}
        file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
