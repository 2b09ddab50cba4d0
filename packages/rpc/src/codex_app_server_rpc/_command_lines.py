"""Secrets in the arguments of a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc._secret_texts import without_secrets, without_tables
from codex_app_server_rpc._secrets import REDACTED, Kind, kind_of, kind_of_path

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["redact_command"]

_OPTION: Final = re.compile(r"--?[\w-]+")
_NAME: Final = re.compile(r"[\w.-]+")
_SETTING: Final = re.compile(r"-c\s?(?=[\w\"'])|--config=")
"""What stands before ``PATH=VALUE`` in the same argument."""

_PATH: Final = re.compile(r"\s*[\w-]+(?:\s?\.\s?(?:[\w-]+|\"[^\"]*\"|'[^']*'))*\s*")
_HEADER: Final = re.compile(r"(?:-H|--header=)?(?P<name>[A-Za-z][\w-]{0,80}):\s*\S.*", re.DOTALL)
_SECRET_OPTIONS: Final = frozenset({"--key", "--pass", "--auth"})
_HEADER_WORDS: Final = re.compile(r"(?:^|[-_])(?:auth|key|session)(?:$|[-_])", re.IGNORECASE)
_ASKS_WITH_P: Final = re.compile(r"(?:.*[/\\])?(?:mysql\w*|mariadb[\w-]*|sshpass)(?:\.exe)?")
"""The programs that take a password attached to ``-p``, which is a port or a path to most."""


def redact_command(argv: Sequence[str]) -> tuple[str, ...]:
    """Replace the secrets of a command line.

    Those are what follows an option with the name of a secret, values of ``--config PATH=VALUE``
    whose path names a secret or an environment, headers whose name speaks of a key, what is
    attached to ``-p`` of database clients, and what looks like a secret anywhere.
    """
    redacted: list[str] = []
    before = ""
    asks_with_p = bool(argv) and _ASKS_WITH_P.fullmatch(argv[0]) is not None
    for argument in argv:
        if asks_with_p and before == "-p" and "sshpass" in argv[0]:
            redacted.append(REDACTED)
        elif asks_with_p and re.match(r"-p.", argument, re.DOTALL):
            redacted.append(f"-p{REDACTED}")
        else:
            redacted.append(_argument(argument, before))
        before = argument
    return tuple(redacted)


def _argument(argument: str, before: str) -> str:
    if before in ("-c", "--config"):
        return _setting(argument)
    if found := _SETTING.match(argument):
        return found[0] + _setting(argument[found.end() :])
    if _OPTION.fullmatch(before) and argument[:1] != "-" and _takes_a_secret(before):
        return REDACTED
    name, equals, _ = argument.partition("=")
    if equals and _NAME.fullmatch(name) and _takes_a_secret(name):
        return f"{name}={REDACTED}"
    redacted = without_secrets(argument)
    if redacted == argument and (header := _HEADER.fullmatch(argument)):
        given = before in ("-H", "--header") or argument[:2].lower() in ("-h", "--", "x-")
        if given and _HEADER_WORDS.search(header["name"]):
            return f"{argument[: header.end('name')]}: {REDACTED}"
    return redacted


def _setting(setting: str) -> str:
    """Redact ``PATH=VALUE``; a value that is an environment is replaced as a whole."""
    path, equals, value = setting.partition("=")
    if equals and _PATH.fullmatch(path):
        if value and kind_of_path(path) in (Kind.SECRET, Kind.VALUES):
            return f"{path}={REDACTED}"
        return f"{path}={without_secrets(without_tables(value))}"
    return without_secrets(setting)


def _takes_a_secret(option: str) -> bool:
    return option in _SECRET_OPTIONS or kind_of(option) is Kind.SECRET
