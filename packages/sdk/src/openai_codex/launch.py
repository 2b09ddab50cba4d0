"""From a `CodexConfig` to the command line and environment of the runtime."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from openai_codex.errors import InvalidArgumentError, RuntimeNotFoundError

if TYPE_CHECKING:
    from openai_codex.config import CodexConfig

__all__ = ["command_line", "environment", "find_runtime"]

__tracebackhide__ = True  # pytest shows the frames of users


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
        config: The client's setup; its ``codex_bin`` comes first, then the environment variable
            ``CODEX_BIN`` of this process, then the program that the package
            ``openai-codex-cli-bin`` carries. Nothing else is looked at.

    Returns:
        The path of the program.

    Raises:
        RuntimeNotFoundError: There is none; the error says where it was looked for.
    """
    from openai_codex.places import search

    place = search(config.codex_bin)[-1]
    if place.program is None:
        raise RuntimeNotFoundError(f"{place.problem} {place.advice}")
    return place.program


def environment(config: CodexConfig) -> dict[str, str]:
    """Compose the environment of the runtime: this process's own, changed by ``config.env``."""
    environment = dict(os.environ)
    for name, value in (config.env or {}).items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment
