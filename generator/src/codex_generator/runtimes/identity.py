"""Identity: whether a program is the runtime, and which release of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError
from codex_generator.runtime import ask
from codex_generator.runtimes.errors import NotTheRuntimeError, OtherVersionError
from codex_generator.versions import python_version, release_names

PATIENCE: Final = 20.0
"""Seconds: the runtime tells its version in a tenth of one."""

_SAID: Final = re.compile(r"codex\S* (\S+)\s*")
_SHOWN: Final = 60
"""Characters of what another program said that are enough to know it by."""


def identify(program: Path, patience: float = PATIENCE) -> str:
    """Ask a program which runtime it is: `codex --version`.

    Args:
        program: the program.
        patience: seconds that it may take.

    Returns:
        The version of the Python packages of its release, such as `0.116.0a1`.

    Raises:
        NotTheRuntimeError: It cannot be run, hangs, or says nothing that the runtime would say.
    """
    if not program.is_file():
        raise NotTheRuntimeError(f"{program}: there is no such program")
    try:
        said = ask(program, "--version", deadline=patience)
        found = _SAID.fullmatch(said)
        if found is not None:
            return python_version(found[1])
    except GeneratorError as error:
        raise NotTheRuntimeError(f"{error}; so it is not the Codex runtime") from error
    words = " ".join(said.split())[:_SHOWN]
    shown = f"`--version` prints {words!r}" if words else "it prints no version"
    raise NotTheRuntimeError(f"{program}: is not the Codex runtime: {shown}")


def check_identity(program: Path, version: str, patience: float = PATIENCE) -> None:
    """Check that a program is the runtime of a version.

    Args:
        program: the program.
        version: that it has to say.
        patience: seconds that it may take.

    Raises:
        OtherVersionError: It is of another version.
        NotTheRuntimeError: It is not the runtime.
    """
    found = identify(program, patience)
    # A release may spell a number of 0 or leave it out; what it was made from is the same.
    if not {*release_names(found)} & {*release_names(version)}:
        raise OtherVersionError(f"{program}: says that it is {found}, and not {version}")
