"""Installs: facade and runtime are put where users put them, and have to run a real turn there."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator.commands import run
from codex_generator.projects import PROJECTS
from codex_generator.versions import release_names

WAYS: Final = ("a fresh environment", "--target", "--prefix")
"""How users install packages."""

_TRIAL: Final = Path(__file__).with_name("trial.py")


@dataclass(frozen=True)
class _Place:
    """Where something was installed, and how to run a program on it."""

    folder: Path
    python: Path
    path: Path | None
    """What `PYTHONPATH` has to name."""


@dataclass(frozen=True)
class Installer:
    """Installs the bundle from `dist/` alone, and what others wrote from a folder of wheels."""

    dist: Path
    version: str
    work: Path
    """A folder for installations; each is removed after its trial."""

    def gather(self, requirements: Iterable[str], constraints: Path) -> None:
        """Download what our distributions need of others, from the index that pip is set up for.

        Args:
            requirements: of theirs, such as `pydantic>=2.10,<3`.
            constraints: a file with the versions to take.

        Raises:
            GeneratorError: pip failed.
        """
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:"]
        run([*pip, "--dest", str(self._others), "--constraint", str(constraints), *requirements])

    def try_out(self, way: str) -> None:
        """Install in one way, run a real turn, and remove the installation.

        Args:
            way: one of `WAYS`.

        Raises:
            GeneratorError: It cannot be installed, does not come from where it should, or the turn
                is not as it should be.
        """
        folder = self.work / way.strip("-").replace(" ", "-")
        try:
            place = self._install(way, folder)
            environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
            if place.path is not None:
                environment["PYTHONPATH"] = str(place.path)
            # Through stdin: a script's own folder would be the first that is imported from.
            names = release_names(self.version)
            command = [str(place.python), "-", str(place.folder), self.version, *names]
            trial = _TRIAL.read_text(encoding="utf-8")
            run(command, environment=environment, text=trial, folder=self.work)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def _others(self) -> Path:
        return self.work / "others"

    def _install(self, way: str, folder: Path) -> _Place:
        environment = folder / "environment"
        venv.create(environment, with_pip=True, symlinks=os.name != "nt")
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        place = {
            "a fresh environment": _Place(environment, python, None),
            "--target": _Place(folder / "site", python, folder / "site"),
            "--prefix": _Place(folder / "prefix", python, _site_below(folder / "prefix")),
        }[way]
        options = [way, str(place.folder)] if place.path is not None else []
        links = ["--no-index", "--find-links", str(self.dist), "--find-links", str(self._others)]
        pip = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
        run([*pip, *links, *options, f"{PROJECTS['bundle']}=={self.version}"])
        return place


def _site_below(prefix: Path) -> Path:
    scheme = "nt" if os.name == "nt" else "posix_prefix"
    return Path(sysconfig.get_path("purelib", scheme, {"base": str(prefix)}))
