"""Users: whether programs that were written for the last release fit the packages as they are.

`tests/user` and `docs/examples` are such programs. They are taken as they were, for today's were
mended as soon as something broke them, and pyright says what a user would have to change.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict, cast

from codex_generator.api.facts import PACKAGES
from codex_generator.api.sources import files_of
from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError

__all__ = ["Finding", "UserCheck", "check_users", "last_release"]

_PROGRAMS: Final = ("tests/user", "docs/examples")
_RELEASES: Final = ("v[0-9]*", "[0-9]*")
"""What the tags of releases look like."""

_MISSING: Final = re.compile(r'Import "(\w+)[\w.]*" could not be resolved')


@dataclass(frozen=True, order=True)
class Finding:
    """What a user has to change.

    Attributes:
        file: the program, from the root of the repository.
        line: of it, from 1.
        message: what is wrong with it now, in the type checker's words.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return the finding as `file:line: message`."""
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class UserCheck:
    """How the last release's programs fare.

    Attributes:
        since: the commit or tag that they were taken from.
        programs: how many files there were.
        findings: what has to be changed in them, by file and line.
    """

    since: str
    programs: int
    findings: tuple[Finding, ...]

    @property
    def lines(self) -> int:
        """How many lines have to be changed; the type checker may say several things of one."""
        return len({(found.file, found.line) for found in self.findings})

    def __str__(self) -> str:
        """Return everything that was found, in a line each, and how much that is."""
        told = f"{self.programs} programs of {self.since}: {self.lines} line(s) to change"
        return "\n".join([*map(str, self.findings), told])


class _Position(TypedDict):
    line: int


class _Range(TypedDict):
    start: _Position


class _Diagnostic(TypedDict):
    file: str
    severity: str
    message: str
    range: _Range


class _Summary(TypedDict):
    filesAnalyzed: int


class _Output(TypedDict):
    generalDiagnostics: Sequence[_Diagnostic]
    summary: _Summary


def last_release(repository: Path) -> str:
    """Return the tag of the last release before the tree; without any, the hash of its last commit.

    Raises:
        GeneratorError: This is no repository, or has no commit.
    """
    matches = [f"--match={pattern}" for pattern in _RELEASES]
    describe = ["git", "-C", str(repository), "describe", "--tags", "--abbrev=0", *matches]
    try:
        return run(describe).strip()
    except GeneratorError:  # there is no such tag
        head = ["git", "-C", str(repository), "rev-parse", "--short", "HEAD"]
        return run(head, name=f"git: the last commit of {repository}").strip()


def check_users(
    repository: Path, *, since: str | None = None, build: Path | None = None
) -> UserCheck:
    """Check the types of programs that users have written for the last release.

    Args:
        repository: which has the programs as they were.
        since: the commit that they are taken from; the last release when not given.
        build: the tree with the packages that they are checked against; the repository's own when
            not given.

    Raises:
        GeneratorError: There is no such commit, it has no programs, pyright cannot be run, or a
            library that they use is not installed.
    """
    since = last_release(repository) if since is None else since
    with tempfile.TemporaryDirectory(prefix="users-") as scratch:
        folder = Path(scratch).resolve()
        files_of(repository, since, _PROGRAMS, folder)
        output = _pyright(folder, build or repository)
        return UserCheck(
            since, output["summary"]["filesAnalyzed"], tuple(sorted(_findings(output, folder)))
        )


def _pyright(folder: Path, build: Path) -> _Output:
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.10",
        "pythonPlatform": "All",
        "extraPaths": [str(path.resolve()) for path in sorted(build.glob("packages/*/src"))],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    printed = run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        name="pyright",
        folder=folder,
        # Of two installations of node, take the pinned one; and say nothing about newer pyrights.
        environment={
            **os.environ,
            "PYRIGHT_PYTHON_GLOBAL_NODE": "off",
            "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
        },
        answers=(0, 1),
    )
    if not printed.startswith("{"):
        raise GeneratorError("pyright: gave no report; it has to be installed beside the generator")
    return cast("_Output", json.loads(printed))


def _findings(output: _Output, folder: Path) -> Iterator[Finding]:
    for found in output["generalDiagnostics"]:
        if found["severity"] == "error":
            file = Path(found["file"]).relative_to(folder).as_posix()
            message = " ".join(found["message"].split())
            missing = _MISSING.match(message)
            if missing and missing[1] not in PACKAGES:
                raise GeneratorError(f"{file}: needs {missing[1]} to be installed beside pyright")
            yield Finding(file, found["range"]["start"]["line"] + 1, message)
