"""The command line: `python -m codex_generator generate | drift | dump`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError
from codex_generator.drift import find_drift
from codex_generator.dump import dump
from codex_generator.runtime import installed_runtime
from codex_generator.tree import SCHEMA, produce, update

CHECKOUT: Final = Path(__file__).resolve().parents[3]
"""The repository that this module lies in: the generator is run from its sources."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: of the command line; those of the process when not given.

    Returns:
        The exit code: 0 when all is well, 1 when the run failed or found a difference.
    """
    options = _parser().parse_args(arguments)
    root: Path = options.root.resolve()
    try:
        if options.command == "generate":
            return _generate(root)
        if options.command == "drift":
            return _drift(root)
        version = dump(options.codex or installed_runtime(), root / SCHEMA)
        print(f"schema/ now holds the schema of runtime {version}")
        return 0
    except GeneratorError as error:
        print(error, file=sys.stderr)
        return 1


def _generate(root: Path) -> int:
    changed = update(root, produce(root))
    print(f"{len(changed)} file(s) changed")
    return 0


def _drift(root: Path) -> int:
    found = find_drift(root, produce(root))
    for line in found:
        print(line)
    print(f"{len(found)} difference(s) between the tree and a fresh rendering")
    return 1 if found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codex_generator", description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=CHECKOUT, help="the repository (default: this checkout)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("generate", help="render everything, and write what changed")
    commands.add_parser("drift", help="tell how the tree differs from a fresh rendering")
    dumping = commands.add_parser("dump", help="write schema/ from a runtime")
    dumping.add_argument("--codex", type=Path, help="its binary (default: the installed one)")
    return parser
