"""The store: runtimes that were fetched, and the schemas that they printed.

It is nox's cache, where the sessions find their runtimes as well: `runtime-VERSION` is what a wheel
unpacks to, so that a Python that has the folder on its path can import `codex_cli_bin`.
`schema-VERSION` is what `dump` writes. Each gets its place by one rename, whole or not at all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator.dump import dump
from codex_generator.release.outputs import failures_told, scratch_folder
from codex_generator.runtimes.errors import NotTheRuntimeError, RuntimeFetchError
from codex_generator.runtimes.identity import check_identity, identify
from codex_generator.runtimes.wanted import program_at

STORE: Final = Path(".nox", ".cache")
"""Where the store of a checkout is, from its root."""

PACKAGE: Final = "codex_cli_bin"
"""The import package that a runtime's wheel consists of."""


@dataclass(frozen=True)
class Runtime:
    """A runtime that is on this machine, and has said which it is."""

    version: str
    program: Path
    origin: str
    """Where it came from, for people: `npm`, `the Python index`, `the cache`, or a path."""
    site: Path | None = None
    """The folder in which `codex_cli_bin` lies; `None` for a program that somebody named."""


Fetch = Callable[[str, Path], str]
"""Fills a folder with an unpacked wheel of a version, and returns where it came from."""


@dataclass(frozen=True)
class Store:
    """Keeps runtimes and schemas by version."""

    folder: Path

    def site_of(self, version: str) -> Path:
        """Return where the runtime of a version is, or would be."""
        return self.folder / f"runtime-{version}"

    def schema_of(self, version: str) -> Path:
        """Return where the schema of a version is, or would be."""
        return self.folder / f"schema-{version}"

    def runtime(self, version: str, fetch: Fetch) -> Runtime:
        """Return the runtime of a version, fetched if need be.

        Args:
            version: of the runtime, as Python writes it.
            fetch: gets it.

        Raises:
            GeneratorError: It cannot be had, or what was fetched is another one.
        """
        site = self.site_of(version)
        origin = "the cache" if site.is_dir() else self._fetch(version, site, fetch)
        try:
            program = program_in(site)
            check_identity(program, version)
        except RuntimeFetchError as error:
            raise type(error)(f"{error}; remove {site} to have it fetched anew") from error
        return Runtime(version, program, origin, site)

    def schema(self, version: str, fetch: Fetch) -> Path:
        """Return a folder with both bundles of a version and their manifest.

        Args:
            version: of the runtime, as Python writes it.
            fetch: gets the runtime, unless it or its schema is there.

        Raises:
            GeneratorError: The runtime cannot be had, or prints no schema.
        """
        schema = self.schema_of(version)
        if not schema.is_dir():
            program = self.runtime(version, fetch).program
            with failures_told(schema), scratch_folder(schema) as scratch:
                dump(program, scratch / "schema")
                _put(scratch / "schema", schema)
        return schema

    def _fetch(self, version: str, site: Path, fetch: Fetch) -> str:
        with failures_told(site):
            self.folder.mkdir(parents=True, exist_ok=True)
            with scratch_folder(site) as scratch:
                filled = scratch / "site"
                filled.mkdir()
                origin = fetch(version, filled)
                # Under this name is only what says so itself.
                check_identity(program_in(filled), version)
                _put(filled, site)
        return origin


def program_in(site: Path) -> Path:
    """Return the runtime's program in an unpacked wheel.

    Args:
        site: the folder in which `codex_cli_bin` lies.

    Raises:
        NotTheRuntimeError: There is none.
    """
    program = site / PACKAGE / "bin" / ("codex.exe" if sys.platform == "win32" else "codex")
    if not program.is_file():
        raise NotTheRuntimeError(f"{site}: holds no {program.relative_to(site)}")
    return program


def runtime_at(path: str) -> Runtime:
    """Return the runtime whose program somebody names.

    Args:
        path: of the program.

    Raises:
        NotTheRuntimeError: There is no such program, or it is another one.
    """
    program = program_at(path)
    if not program.exists():
        reason = "it is neither `latest`, nor a version, nor the path of a program"
        raise NotTheRuntimeError(f"{path}: there is no such runtime: {reason}")
    return Runtime(identify(program), program, str(program))


def _put(made: Path, target: Path) -> None:
    """Give what was made its place, unless another process was quicker."""
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():
            raise
