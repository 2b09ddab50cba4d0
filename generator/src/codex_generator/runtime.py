"""The runtime's program: where the installed one is, and asking any of them."""

from __future__ import annotations

import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError

_TIMEOUT: Final = 120.0
"""Seconds: the runtime answers within one; a hang must still end."""


def installed_runtime() -> Path:
    """Return the program of the installed `openai-codex-cli-bin` package.

    Raises:
        GeneratorError: The package is not installed.
    """
    try:
        package = import_module("codex_cli_bin")
    except ImportError as error:
        reason = "openai-codex-cli-bin is not installed: install it, or name a binary (--codex)"
        raise GeneratorError(reason) from error
    return cast("Path", package.bundled_codex_path())


def release_of(codex: Path) -> str:
    """Ask a program which release it is: `codex --version`.

    Args:
        codex: the runtime's program.

    Returns:
        What it says, such as `0.116.0-alpha.1`.

    Raises:
        GeneratorError: It cannot be run, or says nothing.
    """
    words = ask(codex, "--version").split()
    if not words:
        raise GeneratorError(f"{codex}: prints no version")
    return words[-1]


def ask(codex: Path, *arguments: str, deadline: float = _TIMEOUT) -> str:
    """Run a program of the runtime to its end.

    Args:
        codex: the program.
        *arguments: of its command line.
        deadline: seconds that it may take.

    Returns:
        What it printed.

    Raises:
        GeneratorError: It cannot be run, fails, or takes longer than that.
    """
    # Whatever it is asked, it leaves traces in its home: not in that of whoever asks.
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CODEX_HOME": home}
        command = [str(codex), *arguments]
        return run(command, name=str(codex), environment=environment, deadline=deadline)
