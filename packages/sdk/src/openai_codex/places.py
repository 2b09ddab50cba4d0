"""Where the runtime program is looked for, and what was found there.

The order is short on purpose: what this program names (``codex_bin``), what its surroundings name
(the environment variable ``CODEX_BIN``), then the package that was installed and tested with this
library. A program named ``codex`` that merely lies on ``PATH`` is never run: see
``docs/decisions/0023-which-runtime-runs.md``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

__all__ = ["RUNTIME_DISTRIBUTION", "RUNTIME_VARIABLE", "Place", "install_command", "search"]

__tracebackhide__ = True  # pytest shows the frames of users

RUNTIME_VARIABLE: Final = "CODEX_BIN"
"""The environment variable that names the runtime program, where no argument does."""
RUNTIME_DISTRIBUTION: Final = "openai-codex-cli-bin"
"""The distribution that carries the runtime program."""


@dataclass(frozen=True)
class Place:
    """A place that was looked at.

    Attributes:
        name: ``codex_bin``, the environment variable or the distribution.
        told: What it names, as it was given; ``None`` if it names nothing.
        program: The path of the program, if there is one that can be run.
        problem: What is wrong with what it names; ``None`` if nothing is.
    """

    name: str
    told: str | None = None
    program: str | None = None
    problem: str | None = None

    @property
    def advice(self) -> str:
        """What to do about a problem."""
        if self.name == RUNTIME_DISTRIBUTION:
            return f"Install it with `{install_command()}`, or name a program with codex_bin."
        change = "unset it" if self.name == RUNTIME_VARIABLE else "leave it out"
        return f"Correct it, or {change} to use the package {RUNTIME_DISTRIBUTION}."


def install_command() -> str:
    """Give the command that installs the runtime which this library was made for."""
    from codex_app_server_types.origin import RUNTIME_VERSION

    return f"pip install {RUNTIME_DISTRIBUTION}=={RUNTIME_VERSION}"


def search(codex_bin: str | os.PathLike[str] | None) -> list[Place]:
    """Look for the runtime program.

    The first place that names anything decides: what it names is run, or is an error. Nothing is
    run in its stead.

    Args:
        codex_bin: The program that the caller names; ``None`` for none.

    Returns:
        Every place that was looked at, in order; the last one has the program, or the problem.
    """
    places = [_named("codex_bin", None if codex_bin is None else os.fspath(codex_bin))]
    if places[-1].told is None:
        places.append(_named(RUNTIME_VARIABLE, os.environ.get(RUNTIME_VARIABLE) or None))
    if places[-1].told is None:
        places.append(_packaged())
    return places


def _named(place: str, name: str | None) -> Place:
    """Resolve what somebody names: a path, or a bare name to look up on ``PATH``."""
    if name is None:
        return Place(place)
    if not os.path.dirname(name):
        from shutil import which

        found = which(name)
        if found is None:
            return Place(place, name, None, f"{place} is {name}, but PATH holds no such program.")
        return Place(place, name, os.path.abspath(found))  # PATH may have relative folders
    problem = _why_not(name)
    if problem is not None:
        return Place(place, name, None, f"{place} is {name}, but {problem}.")
    return Place(place, name, os.path.abspath(name))  # the runtime may be started elsewhere


def _why_not(path: str) -> str | None:
    """Say why a path is no program; ``None`` if it may be one."""
    if not os.path.exists(path):
        return "there is no such file"
    if os.path.isdir(path):
        return "that is a folder"
    return None if os.access(path, os.X_OK) else "that is not executable"


def _packaged() -> Place:
    name = RUNTIME_DISTRIBUTION
    try:
        from codex_cli_bin import bundled_codex_path
    except ImportError:
        return Place(
            name,
            problem="The Codex runtime is not installed: there is no package codex_cli_bin, and "
            f"neither codex_bin nor the environment variable {RUNTIME_VARIABLE} names a program.",
        )
    try:
        program = os.fspath(bundled_codex_path())
    except FileNotFoundError as error:
        problem = f"The package {name} is installed but its program is missing: {error}."
        return Place(name, told="codex_cli_bin", problem=problem)
    return Place(name, told="codex_cli_bin", program=program)
