"""A small tree that can be bumped in no time: its work and its checks are stand-ins."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codex_generator.bumping.bump import Bump, Options
from codex_generator.bumping.checks import Check, Lanes
from codex_generator.bumping.ledger import Ledger
from codex_generator.bumping.work import Work
from codex_generator.release.progress import Board
from codex_generator.runtimes.store import Store
from rich.console import Console

from tests.generator.runtimes.published import script

OLD, NEW = "1.0.0", "1.1.0"

FILES = {
    ".gitignore": "/.nox/\n/ignored\n__pycache__/\n",
    "schema/manifest.json": json.dumps({"version": OLD}),
    "schema/compatibility.json": json.dumps({"minimum": OLD, "tested": OLD}),
    "rendered/same": "same",
    "rendered/changed": OLD,
    "rendered/gone/removed": OLD,
    "mode": "",
    "ignored": "of this machine",
}


def make_tree(root: Path) -> Path:
    """Make a git repository with files that a bump changes, removes and leaves alone."""
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (root / "mode").chmod(0o755)
    names = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, *names, "commit", "--quiet", "-m", "Begin")
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git, whatever this machine's owner has configured."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def contents(root: Path) -> dict[str, tuple[int, str]]:
    """Return mode and hash of everything in a tree but nox's folder and git's own."""
    found: dict[str, tuple[int, str]] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] not in (".nox", ".git"):
            content = path.read_bytes() if path.is_file() else b"folder"
            found[name] = (path.stat().st_mode, hashlib.sha256(content).hexdigest())
    return found


def is_bumped(root: Path) -> bool:
    """Tell whether all that a bump does has been done in a tree."""
    files = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    wanted = {"rendered/changed": NEW, "rendered/deep/down/added": NEW, "ignored": FILES["ignored"]}
    texts = {name: (root / name).read_text(encoding="utf-8") for name in wanted.keys() & files}
    return texts == wanted and not (root / "rendered/gone").exists()


@dataclass(frozen=True)
class FakeWork(Work):
    """Changes, adds and removes a file."""

    def take_schema(self) -> str:
        manifest = self.copy / "schema/manifest.json"
        manifest.write_text(json.dumps({"version": self.version}), encoding="utf-8")
        return "taken"

    def settle_errata(self) -> str:
        return "settled"

    def report(self) -> str:
        return "reported"

    def mention(self) -> str:
        return "mentioned"

    def render(self) -> str:
        (self.copy / "rendered/changed").write_text(self.version, encoding="utf-8")
        (self.copy / "rendered/deep/down").mkdir(parents=True)
        (self.copy / "rendered/deep/down/added").write_text(self.version, encoding="utf-8")
        (self.copy / "rendered/gone/removed").unlink()
        return "rendered"


def program(folder: Path, version: str = NEW) -> Path:
    """Write a program that stands in for a runtime."""
    file = folder / f"codex-{version}"
    file.write_text(script(version), encoding="utf-8")
    file.chmod(0o755)
    return file


def lanes(tests: str = "", types: str = "") -> Callable[[Path, Path, str, Sequence[str]], Lanes]:
    """Give checks that run a piece of Python each, in the copy."""
    others = {"lint": "", "types": types}

    def of(root: Path, copy: Path, python: str, selection: Sequence[str]) -> Lanes:
        return (
            [Check("tests", (sys.executable, "-c", tests))],
            [Check(name, (sys.executable, "-c", code)) for name, code in others.items()],
        )

    return of


def ledger() -> Ledger:
    """Give a ledger that shows nothing."""
    return Ledger(Board(Console(file=io.StringIO())))


def bump(
    root: Path,
    *,
    work: type[Work] = FakeWork,
    checks: Callable[[Path, Path, str, Sequence[str]], Lanes] | None = None,
    dry_run: bool = False,
    keep_going: bool = False,
) -> Bump:
    """Give a bump of a tree, whose work and checks are stand-ins."""
    options = Options("3.10", (), dry_run=dry_run, keep_going=keep_going)
    return Bump(root, Store(root / ".nox/.cache"), options, checks or lanes(), work)
