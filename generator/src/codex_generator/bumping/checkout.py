"""The checkout: a tree of which git knows everything, and copies of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator.bumping.errors import BumpError
from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError

_REPOSITORY: Final = frozenset(
    {
        *("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE"),
        *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_PREFIX"),
    }
)
"""What git tells programs that it runs, such as `git rebase --exec`, of the repository it is in:
every command would be about that one, whatever folder it is run in."""


@dataclass(frozen=True)
class Change:
    """A file that is other than it was."""

    path: Path
    """From the root."""
    removed: bool


@dataclass(frozen=True)
class Checkout:
    """A tree without uncommitted changes."""

    root: Path
    head: str
    """The commit that it is."""

    @classmethod
    def at(cls, root: Path) -> Checkout:
        """Look at a tree.

        Args:
            root: of the repository.

        Raises:
            BumpError: It is no git checkout, or something in it is not committed.
        """
        try:
            top = git(root, "rev-parse", "--show-toplevel").strip()
            head = git(root, "rev-parse", "--verify", "HEAD").strip()
        except GeneratorError as error:
            raise BumpError(f"{root}: is no git checkout with a commit: {error}") from error
        if Path(top).resolve() != root.resolve():
            raise BumpError(f"{root}: is no git checkout of its own, but a part of {top}")
        # What git has not may not be written over, even where it is configured not to tell of it.
        told = ("--porcelain", "-z", "--untracked-files=normal")
        changes = git(root, "status", *told).split("\0")
        if changes[0]:
            count = sum(bool(change) for change in changes)
            others = f", nor are {count - 1} more" if count > 1 else ""
            name = changes[0][3:]
            raise BumpError(f"{name}: is not committed{others}: commit or stash it, then bump")
        return cls(root, head)

    def check_unchanged(self) -> None:
        """Check that nobody has changed the tree since it was looked at.

        Raises:
            BumpError: Somebody has.
        """
        lost = "the tree has changed during the bump, which comes to nothing"
        try:
            now = Checkout.at(self.root)
        except BumpError as error:
            raise BumpError(f"{lost}: {error}") from error
        if now != self:
            raise BumpError(f"{lost}: another commit is checked out")

    def copy(self, folder: Path) -> None:
        """Copy the tree, as a repository of its own; this one does not learn of it.

        Args:
            folder: for the copy; there must be nothing of that name.

        Raises:
            GeneratorError: git failed.
        """
        git(self.root, "clone", "--quiet", "--shared", "--no-tags", str(self.root), str(folder))
        git(folder, "checkout", "--quiet", "--detach", self.head)


def commit(copy: Path, message: str) -> None:
    """Commit everything in a copy, whoever is configured as the author."""
    names = ("-c", "user.name=bump", "-c", "user.email=bump@localhost", "-c", "commit.gpgsign=0")
    git(copy, "add", "--all")
    git(copy, *names, "commit", "--quiet", "--allow-empty", "-m", message)


def changes_since(copy: Path, head: str) -> Sequence[Change]:
    """Return what the commits of a copy have changed."""
    listed = git(copy, "diff", "--name-status", "--no-renames", "-z", head, "HEAD").split("\0")
    pairs = zip(listed[::2], listed[1::2], strict=False)
    return [Change(Path(name), removed=kind == "D") for kind, name in pairs]


def git(folder: Path, *arguments: str) -> str:
    """Run git on a repository, without the locks that it takes for its own convenience, and hooks.

    Args:
        folder: the root of the repository.
        arguments: of git.

    Returns:
        What it printed.

    Raises:
        GeneratorError: It failed.
    """
    options = ("--no-optional-locks", "-c", f"core.hooksPath={os.devnull}", "-C", str(folder))
    command = ["git", *options, *arguments]
    return run(command, name=f"git {arguments[0]}", environment=own_environment())


def own_environment() -> Mapping[str, str]:
    """Return the environment of this process, without what names a repository."""
    return {name: value for name, value in os.environ.items() if name not in _REPOSITORY}
