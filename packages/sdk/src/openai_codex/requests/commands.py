"""What a command line would run, if that can be told without a shell."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import Final

__all__ = ["plain_argv"]

_SHELLS: Final = frozenset({"bash", "dash", "ksh", "sh", "zsh"})
_SHELL_FOLDERS: Final = frozenset({"/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"})
"""Where a program of that name is a shell; elsewhere it may be anybody's."""
_SHELL_FLAGS: Final = frozenset({"-c", "-lc"})
_WORD: Final = r"""(?:[\w@%+=:,./-]|'[^']*'|"[^"$`\\!]*")+"""
_LITERAL: Final = re.compile(rf"[ \t]*{_WORD}(?:[ \t]+{_WORD})*[ \t]*", re.ASCII)
"""One command of literal words. To all else a shell gives a meaning: ``;``, ``|``, ``$``, ``*``,
``>``, newlines, backslashes and others."""


def plain_argv(command: str) -> tuple[str, ...] | None:
    """Take a command line apart, if it runs one program with literal arguments.

    Args:
        command: The ``command`` of a request for approval, such as ``/bin/bash -lc 'git status'``.

    Returns:
        The program and its arguments, without the shell around them; ``None`` if a shell would do
        more than to start that program: several commands, redirections, variables, patterns.
    """
    try:
        argv = shlex.split(command)
    except ValueError:
        return None
    if len(argv) == 3 and _is_shell(argv[0]) and argv[1] in _SHELL_FLAGS:
        return _literal(argv[2])
    return _literal(command)


def _literal(line: str) -> tuple[str, ...] | None:
    if not _LITERAL.fullmatch(line):
        return None
    argv = tuple(shlex.split(line))
    return None if "=" in argv[0] else argv  # NAME=value sets a variable for the program


def _is_shell(program: str) -> bool:
    path = PurePosixPath(program)
    return path.name in _SHELLS and (program == path.name or str(path.parent) in _SHELL_FOLDERS)
