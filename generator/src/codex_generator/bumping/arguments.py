"""The arguments of a bump, which are read without what a bump itself needs."""

from __future__ import annotations

import argparse
import platform


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command line of a bump takes."""
    parser.add_argument("runtime", help="`latest`, a version, or the path of a program")
    parser.add_argument("--dry-run", action="store_true", help="do all of it, but change nothing")
    parser.add_argument(
        "--keep-going",
        action="store_true",
        help="go on after what fails, and leave in the tree what worked; exit code 3 (1 from nox)",
    )
    here = ".".join(platform.python_version_tuple()[:2])
    parser.add_argument("--python", default=here, help=f"runs the tests (default: {here})")
    parser.add_argument(
        "--tests",
        action="append",
        default=[],
        metavar="ARGUMENT",
        help="for pytest, as in --tests tests/sdk --tests=-x (default: run all tests)",
    )
