"""From a `CodexConfig` to the command line and environment of the runtime."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from openai_codex.errors import InvalidArgumentError, RuntimeNotFoundError

if TYPE_CHECKING:
    from openai_codex.config import CodexConfig

__all__ = ["command_line", "environment", "find_runtime"]

_ADVICE = (
    "Install it with `pip install openai-codex-cli-bin`, or name a program with "
    "CodexConfig(codex_bin=…)."
)


def command_line(config: CodexConfig) -> list[str]:
    """Compose the command line that starts the app-server.

    Args:
        config: The client's setup.

    Returns:
        The arguments, the program first.

    Raises:
        RuntimeNotFoundError: No program is to be found.
        InvalidArgumentError: ``launch_args_override`` is empty.
    """
    if config.launch_args_override is not None:
        if not config.launch_args_override:
            raise InvalidArgumentError("launch_args_override is empty: it names no program")
        return list(config.launch_args_override)
    overrides = [part for item in config.config_overrides for part in ("--config", item)]
    return [find_runtime(config), "app-server", *overrides]


def find_runtime(config: CodexConfig) -> str:
    """Find the runtime program.

    Args:
        config: The client's setup; its ``codex_bin`` comes first, then the program that the
            package ``openai-codex-cli-bin`` carries.

    Returns:
        The path of the program.

    Raises:
        RuntimeNotFoundError: There is none; every place that was looked at is named.
    """
    if config.codex_bin is not None:
        return _named_program(os.fspath(config.codex_bin))
    try:
        from codex_cli_bin import bundled_codex_path
    except ImportError as error:
        raise RuntimeNotFoundError(
            f"The Codex runtime is not installed: there is no package codex_cli_bin. {_ADVICE}"
        ) from error
    try:
        return os.fspath(bundled_codex_path())
    except FileNotFoundError as error:
        raise RuntimeNotFoundError(
            f"The package openai-codex-cli-bin is installed but its program is missing: {error}. "
            f"{_ADVICE}"
        ) from error


def environment(config: CodexConfig) -> dict[str, str]:
    """Compose the environment of the runtime: this process's own, changed by ``config.env``."""
    environment = dict(os.environ)
    for name, value in (config.env or {}).items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment


def _named_program(name: str) -> str:
    """Resolve ``codex_bin``: a path, or a bare name to look up on ``PATH``."""
    if os.path.dirname(name):
        if not os.path.exists(name):
            raise RuntimeNotFoundError(f"codex_bin is {name}, but there is no such file. {_ADVICE}")
        if os.path.isdir(name):
            raise RuntimeNotFoundError(f"codex_bin is {name}, but that is a folder. {_ADVICE}")
        if not os.access(name, os.X_OK):
            raise RuntimeNotFoundError(
                f"codex_bin is {name}, but that is not executable. {_ADVICE}"
            )
        return os.path.abspath(name)  # the runtime may be started in another folder
    from shutil import which

    found = which(name)
    if found is None:
        raise RuntimeNotFoundError(
            f"codex_bin is {name}, but PATH holds no such program. {_ADVICE}"
        )
    return found
