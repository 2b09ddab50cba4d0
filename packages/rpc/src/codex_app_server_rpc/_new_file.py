"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["write_new"]


def write_new(path: str, lines: Iterable[bytes]) -> None:
    """Write a file that only its owner may read, in place of an old one or of a link.

    Args:
        path: The file.
        lines: What is in it.

    Raises:
        OSError: It cannot be written, or there is something else than a file or a link.
    """
    if not _is_replaceable(path):
        raise OSError(errno.EINVAL, "it is no regular file")
    beside = f"{path}.{secrets.token_hex(4)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(beside, flags, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.writelines(lines)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _is_replaceable(path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return True
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)
