"""The command line: `python -m codex_generator COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from codex_generator.bumping.arguments import add_arguments
from codex_generator.changes.change import Severity
from codex_generator.changes.pages import Comparison, as_json, as_markdown, as_summary
from codex_generator.changes.sources import compare_schemas
from codex_generator.diagnostics import Diagnostics, GeneratorError
from codex_generator.drift import find_drift
from codex_generator.dump import dump
from codex_generator.entry import CHECKOUT
from codex_generator.errata import read_errata
from codex_generator.errata_status import errata_status
from codex_generator.history.extending import extend, extend_by
from codex_generator.history.file import HISTORY
from codex_generator.load import read_bundle, read_version, runtimes_in
from codex_generator.runtime import installed_runtime
from codex_generator.runtimes.obtaining import obtain, schema_source
from codex_generator.runtimes.store import STORE, Store
from codex_generator.tree import SCHEMA, produce, update
from codex_generator.versions import runtime_version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: of the command line; those of the process when not given.

    Returns:
        The exit code: 0 when all is well, 1 when the run failed or found a difference; of `diff`,
        `api-diff` and `check-users`, 3 when it found one that is as bad as was asked for.
    """
    options = _parser().parse_args(arguments)
    root: Path = options.root.resolve()
    try:
        if options.command == "generate":
            return _generate(root)
        if options.command == "drift":
            return _drift(root)
        store = Store((options.runtimes or root / STORE).resolve())
        if options.command == "diff":
            return _tell(_compared(options, store), options)
        if options.command == "report":
            return _report(options, root, store)
        if options.command == "api-diff":
            return _api_diff(options, root)
        if options.command == "check-users":
            return _check_users(options, root)
        if options.command == "fetch":
            runtime = obtain(options.runtime, store)
            print(runtime.program)
            return 0
        if options.command == "errata":
            return _errata(root, options.past)
        if options.command == "bump":
            return _bump(options, root, store)
        if options.command == "history":
            return _history(root, options.past)
        version = dump(options.codex or installed_runtime(), root / SCHEMA)
        extend(root / SCHEMA)
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


def _errata(root: Path, past: Path | None) -> int:
    folder = root / SCHEMA
    folders = {read_version(folder): folder} if past is None else runtimes_in(past)
    as_stated = True
    for version, bundles in folders.items():
        bundle = read_bundle(bundles / "experimental.json", Diagnostics())
        status = errata_status(bundle, version, read_errata())
        as_stated &= status.is_as_stated
        print(status)
    return 0 if as_stated else 1


def _bump(options: argparse.Namespace, root: Path, store: Store) -> int:
    # Here, so that whoever only renders needs none of what a bump does.
    from codex_generator.bumping.cli import run

    return run(options, root, store)


def _history(root: Path, past: Path | None) -> int:
    folder = root / SCHEMA
    history = extend(folder) if past is None else extend_by(folder, past)
    versions = history.versions
    print(f"schema/{HISTORY} knows {len(versions)} runtime(s), {versions[0]} to {versions[-1]}")
    return 0


_FORMATS: Final = {"text": as_summary, "markdown": as_markdown, "json": as_json}


def _compared(options: argparse.Namespace, store: Store) -> Comparison:
    pinned: Path = options.root.resolve() / SCHEMA
    old, new = (schema_source(text, store, pinned) for text in (options.old, options.new))
    return compare_schemas(old, new)


def _report(options: argparse.Namespace, root: Path, store: Store) -> int:
    from codex_generator.api.sources import compare_packages  # griffe takes its time to load
    from codex_generator.changes.report import Report, write_page

    protocol = _compared(options, store)
    pinned = runtime_version(read_version(root / SCHEMA))
    old, new = map(runtime_version, (protocol.old, protocol.new))
    if new != pinned or old == pinned:
        raise GeneratorError(
            f"the page is on what {pinned} changes, which the tree is made for, and not on "
            f"{protocol.new} against {protocol.old}"
        )
    before: str | None = options.packages
    packages = None if before is None else compare_packages(before, str(root), root)
    print(write_page(root, Report(protocol, packages)).relative_to(root))
    return 0


def _api_diff(options: argparse.Namespace, root: Path) -> int:
    from codex_generator.api.sources import compare_packages  # see above

    return _tell(compare_packages(options.old, options.new, root), options)


def _check_users(options: argparse.Namespace, root: Path) -> int:
    from codex_generator.api.users import check_users  # see above

    check = check_users(root, since=options.since)
    print(check)
    return 3 if check.findings and options.fail_on else 0


def _tell(comparison: Comparison, options: argparse.Namespace) -> int:
    print(_FORMATS[options.format](comparison).rstrip())
    if options.fail_on is None or not comparison.changes:
        return 0
    return 3 if comparison.severity >= Severity[options.fail_on.upper()] else 0


_SIDES: Final = (("old", "what programs were written for"), ("new", "what they will meet"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="codex_generator", description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=CHECKOUT, help="the repository (default: this checkout)"
    )
    parser.add_argument(
        "--runtimes", type=Path, help="where fetched runtimes are kept (default: in nox's cache)"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("generate", help="render everything, and write what changed")
    commands.add_parser("drift", help="tell how the tree differs from a fresh rendering")
    dumping = commands.add_parser("dump", help="write schema/ from a runtime")
    dumping.add_argument("--codex", type=Path, help="its binary (default: the installed one)")
    fetching = commands.add_parser("fetch", help="get a runtime, and say where its program is")
    fetching.add_argument("runtime", help="`latest`, a version, or the path of a program")
    add_arguments(commands.add_parser("bump", help="move the whole tree to another runtime"))
    for name, what in (
        ("history", "add runtimes to schema/history.json"),
        ("errata", "tell which errata apply to runtimes, and whether they say so"),
    ):
        looking = commands.add_parser(name, help=what)
        text = "holds a folder with both bundles for each, named by its version (default: schema/)"
        looking.add_argument("past", type=Path, nargs="?", help=text)
    comparing = commands.add_parser("diff", help="tell what differs between two protocols")
    reporting = commands.add_parser("report", help="write the page on a runtime in docs/changes/")
    for command in (comparing, reporting):
        for name, what in _SIDES:
            text = f"{what}: `latest`, a version, a program, or a folder with both bundles"
            command.add_argument(name, help=text)
    _add_telling(comparing)
    text = "our packages as made for the old one, as in `api-diff` (default: there were none)"
    reporting.add_argument("--packages", help=text)
    apis = commands.add_parser(
        "api-diff", help="tell what differs between two APIs of our packages"
    )
    for name, what in _SIDES:
        text = f"{what}: a tree, a folder of wheels or of installed packages, or a commit"
        apis.add_argument(name, help=text)
    _add_telling(apis)
    users = commands.add_parser("check-users", help="check programs written for the last release")
    users.add_argument("--since", help="the commit that they are taken from (default: its tag)")
    users.add_argument("--fail-on", choices=["breaking"], help="exit with 3 if any has to change")
    return parser


def _add_telling(comparing: argparse.ArgumentParser) -> None:
    comparing.add_argument("--format", choices=_FORMATS, default="text", help="(default: text)")
    comparing.add_argument(
        "--fail-on", choices=["breaking", "additive"], help="exit with 3 on such a change"
    )
