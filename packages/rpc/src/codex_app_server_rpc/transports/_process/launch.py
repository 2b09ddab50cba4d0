"""Starting the server's program, and saying in words why it could not be started."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import InvalidArgumentError, LaunchError
from codex_app_server_rpc.loggers import PROCESS, logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codex_app_server_rpc.transports._process.windows_job import Job

__all__ = ["command", "job_of", "launch"]

_logger = logger(PROCESS)


def command(argv: Sequence[str]) -> tuple[str, ...]:
    """Keep a command line.

    Raises:
        InvalidArgumentError: It is one string, which would be taken letter by letter.
    """
    if isinstance(argv, str):
        raise InvalidArgumentError(f"argv is a list of words, not one string: {argv!r}")
    return tuple(argv)


def launch(
    argv: tuple[str, ...],
    env: Mapping[str, str] | None,
    cwd: str | os.PathLike[str] | None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, with pipes to its standard streams.

    Args:
        argv: The command line.
        env: The whole environment; ``None`` to inherit this process's.
        cwd: Its working directory; ``None`` to inherit.

    Returns:
        The child.

    Raises:
        LaunchError: It cannot be started.
    """
    creation_flags = 0
    if sys.platform == "win32":
        creation_flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=sys.platform != "win32",
            creationflags=creation_flags,
        )
    except (OSError, ValueError, IndexError) as error:  # IndexError: an empty command line
        raise LaunchError(_reason(argv, cwd, error), argv=argv) from error


def job_of(child: subprocess.Popen[bytes]) -> Job | None:
    """Put a child that was just started into a job object of its own, on Windows."""
    if sys.platform == "win32":
        from codex_app_server_rpc.transports._process.windows_job import Job, kernel32

        try:
            return Job(kernel32(), child.pid)
        except OSError as error:
            _logger.info("what the app-server starts may outlive it: %s", error)
    return None


def _reason(argv: tuple[str, ...], cwd: str | os.PathLike[str] | None, error: Exception) -> str:
    program = argv[0] if argv else "(an empty command line)"
    if cwd is not None and not os.path.isdir(cwd):
        return f"cannot start {program}: the working directory {os.fspath(cwd)} does not exist"
    if isinstance(error, FileNotFoundError):
        return f"cannot start {program}: there is no such program"
    if isinstance(error, PermissionError):
        return f"cannot start {program}: it is not executable"
    if isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        return f"cannot start {program}: it is not a program for this system"
    return f"cannot start {program}: {error}"
