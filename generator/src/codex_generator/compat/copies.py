"""Copies: the tree, as it is at one moment, in folders where everything may be changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator.commands import run
from codex_generator.runtimes.store import Runtime

_SOURCES: Final = ("types", "rpc", "sdk")
"""Folders of the packages that are imported from a copy, whatever is installed."""


@dataclass(frozen=True)
class Copy:
    """A copy of the tree, and the runtime that it is checked with."""

    root: Path
    program: Path
    """The runtime's program."""
    temporary: Path
    """A folder that what runs in the copy may fill."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment in which Python finds the copy's packages, and they the runtime."""
        folders = [*(self.root / "packages" / name / "src" for name in _SOURCES)]
        folders.append(self.root / "generator" / "src")
        path = os.pathsep.join(map(str, folders))
        chosen = {"PYTHONPATH": path, "CODEX_BIN": str(self.program), "NO_COLOR": "1"}
        return {**os.environ, **chosen}


class Copies:
    """Makes copies of a tree, below one folder.

    The tree is read once, so that all copies are the same, also if somebody works on it meanwhile.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        """Copy the files of a tree that git has, or would take, as they are now.

        Args:
            root: of the repository.
            folder: where copies are made.

        Raises:
            GeneratorError: It is no git repository.
        """
        self._folder = folder
        self._pinned = folder / "pinned"
        listing = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        for name in run(["git", "-C", str(root), *listing]).split("\0"):
            if name and os.path.lexists(root / name):  # it may be deleted, and git not told yet
                target = self._pinned / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, target, follow_symlinks=False)

    def pinned(self, runtime: Runtime) -> Copy:
        """Return the copy whose packages are those of the tree; it is one for all runtimes."""
        return self._copy(self._pinned, runtime)

    def fresh(self, runtime: Runtime) -> Copy:
        """Make a copy that may be rendered anew for a runtime."""
        root = self._folder / runtime.version
        shutil.copytree(
            self._pinned, root, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
        return self._copy(root, runtime)

    def _copy(self, root: Path, runtime: Runtime) -> Copy:
        temporary = self._folder / f"temporary-{root.name}-{runtime.version}"
        return Copy(root, runtime.program, temporary)
