"""Sources: where two versions of our packages are taken from."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from codex_generator.api.compare import compare_apis
from codex_generator.api.facts import PACKAGES, Api
from codex_generator.api.reading import read_api
from codex_generator.changes.pages import Comparison
from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError, InputError

__all__ = ["compare_packages", "files_of"]

_SOURCES: Final = "packages"


def compare_packages(old: str, new: str, repository: Path) -> Comparison:
    """Compare what is public in two versions of our packages.

    Args:
        old: a tree of this repository, a folder with wheels or with installed packages, or what
            git calls a commit.
        new: likewise.
        repository: whose commits those are.

    Raises:
        GeneratorError: There is no such thing, or a package is missing there.
    """
    before, after = (_read(source, repository) for source in (old, new))
    changes = compare_apis(before, after)
    return Comparison(before.version, after.version, changes, "our Python packages")


def _read(source: str, repository: Path) -> Api:
    folder = Path(source)
    with tempfile.TemporaryDirectory() as scratch:
        if not folder.is_dir():
            folder = Path(scratch)
            files_of(repository, source, [_SOURCES], folder)
        elif wheels := sorted(folder.glob("*.whl")):
            for wheel in wheels:
                _unpack(wheel, Path(scratch))
            folder = Path(scratch)
        sources = sorted(folder.glob(f"{_SOURCES}/*/src")) or [folder]
        for package in PACKAGES:
            if not any((each / package).is_dir() for each in sources):
                raise InputError(source, "the packages", f"there is no {package}")
        return read_api(sources)


def files_of(repository: Path, commit: str, paths: Sequence[str], folder: Path) -> None:
    """Copy files as they were at a commit.

    Args:
        repository: which has the commit.
        commit: what git calls it: a tag, a branch, a hash.
        paths: which files and folders, from the root; those that were not there then are left out.
        folder: where they are put.

    Raises:
        GeneratorError: There is no such commit, or none of the files was there.
    """
    git = ["git", "-C", str(repository)]
    try:
        listing = ["ls-tree", "-d", "--name-only", "--end-of-options", f"{commit}^{{tree}}"]
        there = run([*git, *listing, "--", *paths], name="git ls-tree").splitlines()
    except GeneratorError as error:
        reason = f"is neither a folder nor a commit of {repository}"
        raise GeneratorError(f"{commit}: {reason}") from error
    if not there:
        raise InputError(commit, "the commit", f"has no {paths[0]}/")
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch, "files.zip")
        run([*git, "archive", "--output", str(archive), "--end-of-options", commit, *there])
        with zipfile.ZipFile(archive) as files:
            files.extractall(folder)


def _unpack(wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as files:
            names = [name for name in files.namelist() if name.partition("/")[0] in PACKAGES]
            files.extractall(folder, names)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(str(wheel), "the wheel", f"cannot be read: {error}") from error
