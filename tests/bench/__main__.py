"""Run benchmark cases: `nox -s bench -- CASE…`, or all of them.

A case is a module of `tests.bench.cases` with a function that takes the contestants and returns a
report. It is added by its line in `CASES`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.bench.cases import imports
from tests.bench.contestants import Contestants
from tests.bench.report import Report

CASES: Mapping[str, Callable[[Contestants], Report]] = {
    "import": imports.compare_imports,
}


def main(arguments: Sequence[str]) -> int:
    """Run the cases that were asked for and print their reports.

    Args:
        arguments: The command line without the program's name.

    Returns:
        The exit code: 1 when a limit is exceeded.
    """
    parser = argparse.ArgumentParser(prog="nox -s bench --", description="Run benchmarks.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of: {', '.join(CASES)}")
    parser.add_argument("--peer", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--repetitions", type=int, default=15, help="measurements of each row")
    options = parser.parse_args(arguments)
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    contestants = Contestants(
        ours=Path(sys.executable), peer=options.peer, repetitions=options.repetitions
    )
    reports = [CASES[name](contestants) for name in options.cases or CASES]
    for report in reports:
        print(report.as_markdown())
    exceeded = [sentence for report in reports for sentence in report.exceeded()]
    for sentence in exceeded:
        print(f"LIMIT EXCEEDED: {sentence}")
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
