"""The command line of everything that makes packages: `scripts/update_sdk_artifacts.py`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from codex_generator.diagnostics import Diagnostics
from codex_generator.entry import CHECKOUT, hear_signals, told
from codex_generator.load import load
from codex_generator.release.checking.papers import SUMS, papers_in, remove_papers
from codex_generator.release.checking.verdict import check_release
from codex_generator.release.meter import Meter
from codex_generator.release.npm import fetch
from codex_generator.release.pipeline import Release, stage_release
from codex_generator.release.platforms import PLATFORMS, TAGS, Platform, platform_named
from codex_generator.release.progress import Board
from codex_generator.release.report import print_report
from codex_generator.release.repository import check_committed
from codex_generator.release.staging import stage_runtime, stage_sdk, stage_sdk_core
from codex_generator.tree import SCHEMA, produce, update
from codex_generator.versions import python_version, release_names

_WIDTH: Final = 120
"""Characters in a line of a log."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: of the command line; those of the process when not given.

    Returns:
        The exit code: 0 when all is well, 1 when something is wrong, which was then said in a
        sentence; a wrong command line exits with 2.
    """
    options = _parser().parse_args(arguments)
    return told(lambda: _run(options), "nothing half made is left")


def program() -> int:
    """Run one command as a program, which cleans up whichever way it is asked to stop."""
    hear_signals()
    return main()


def _run(options: argparse.Namespace) -> int:
    root: Path = options.root.resolve()
    match options.command:
        case "generate-types":
            print(f"{len(update(root, produce(root)))} file(s) changed")
        case "stage-sdk-core":
            stage_sdk_core(options.out, root, python_version(options.sdk_version))
            print(f"staged {options.out}")
        case "stage-sdk":
            versions = python_version(options.sdk_version), python_version(options.runtime_version)
            stage_sdk(options.out, root, *versions)
            print(f"staged {options.out}")
        case "stage-runtime":
            version = python_version(options.codex_version or options.runtime_version)
            stage_runtime(options.out, options.codex, root, version, options.platform_tag)
            print(f"staged {options.out}")
        case "stage":
            _stage(options, root)
        case _:
            return _check(options, root)
    return 0


def _stage(options: argparse.Namespace, root: Path) -> None:
    dist: Path = options.dist or root / "dist"
    with Board(_console()) as board:
        made = stage_release(_release(options, root), dist, board)
    print(f"{len(made)} files of the release are in {dist}; `release-check` is next")
    others = {path.name for path in dist.iterdir()} - {*made} - {*papers_in(dist)}
    if others:
        print(f"it will refuse what else is there: {', '.join(sorted(others))}")


def _check(options: argparse.Namespace, root: Path) -> int:
    console = _console()
    with Board(console) as board:
        release, dist = _release(options, root), options.dist or root / "dist"
        remove_papers(dist)
        check_committed(root)
        findings = check_release(release, dist, board, against_index=options.against_index)
    print_report(findings, console)
    faults = sum(len(finding.faults) for finding in findings)
    if faults:
        print(f"{faults} fault(s): do not publish")
    elif release.platforms == PLATFORMS:
        print(f"no fault: may be published, with {SUMS} and the bills of materials beside it")
    else:
        keys = ", ".join(platform.key for platform in release.platforms)
        print(f"no fault in this part of the release ({keys}), which has its {SUMS} and bills now")
    return 1 if faults else 0


def _console() -> Console:
    """Return the console to print to: where it is no terminal, lines are as long as need be."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH)


def _release(options: argparse.Namespace, root: Path) -> Release:
    """Put together what is released: the version of `schema/`, for some or all platforms."""
    version = python_version(load(root / SCHEMA, Diagnostics()).version)
    named = {platform_named(key) for key in options.platform}
    platforms = tuple(platform for platform in PLATFORMS if platform in named or not named)
    folder: Path = options.packages or root / ".nox" / ".cache" / "platform-packages"

    def package_of(platform: Platform, meter: Meter) -> Path:
        return fetch(platform, release_names(version), folder, meter)

    return Release(root, version, platforms, package_of)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="update_sdk_artifacts.py",
        description="Render the packages, stage them for a release, and check the release.",
    )
    parser.add_argument(
        "--root", type=Path, default=CHECKOUT, help="the repository (default: this checkout)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("generate-types", help="render everything from schema/")

    core = commands.add_parser("stage-sdk-core", help="stage facade, raw client and types")
    core.add_argument("out", type=Path, help="the folder to make: one project below it for each")
    _add_version(core, "--sdk-version", "of all three; they pin each other")

    bundle = commands.add_parser("stage-sdk", help="stage the bundle of facade and runtime")
    bundle.add_argument("out", type=Path, help="the folder to make")
    _add_version(bundle, "--sdk-version", "of the bundle, and of the facade that it pins")
    _add_version(bundle, "--runtime-version", "of the runtime that it pins")

    runtime = commands.add_parser("stage-runtime", help="stage the runtime for one platform")
    runtime.add_argument("out", type=Path, help="the folder to make")
    runtime.add_argument(
        "codex", type=Path, help="npm's tarball, the folder it was unpacked to, or a program alone"
    )
    version = runtime.add_mutually_exclusive_group(required=True)
    version.add_argument("--codex-version", metavar="TAG", help="such as rust-v0.116.0-alpha.1")
    version.add_argument("--runtime-version", metavar="V", help="such as 0.116.0a1")
    runtime.add_argument("--platform-tag", required=True, metavar="TAG", help=", ".join(TAGS))

    _add_release(commands.add_parser("stage", help="build all wheels and sdists into dist/"))
    check = commands.add_parser("release-check", help="check all of dist/ and install it")
    _add_release(check)
    check.add_argument(
        "--against-index",
        action="store_true",
        help="also compare the programs with those of the wheels that are published",
    )
    return parser


def _add_version(parser: argparse.ArgumentParser, name: str, what: str) -> None:
    parser.add_argument(name, required=True, metavar="V", help=what)


def _add_release(parser: argparse.ArgumentParser) -> None:
    keys = ", ".join(platform.key for platform in PLATFORMS)
    parser.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="KEY",
        help=f"only this one, and those named likewise: host, or {keys} (default: all)",
    )
    parser.add_argument("--dist", type=Path, help="default: dist/")
    parser.add_argument(
        "--packages", type=Path, help="where platform packages are kept (default: in nox's cache)"
    )
