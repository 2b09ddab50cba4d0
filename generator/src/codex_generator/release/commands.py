"""Commands: other programs, run to their end or told of in a sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from codex_generator.release.errors import ReleaseError

_SHOWN: Final = 5
"""Words of a command that are enough to know it by."""

_DEADLINE: Final = 900.0
"""Seconds that a program may take."""


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    text: str | None = None,
    folder: Path | None = None,
) -> str:
    """Run a program.

    Args:
        command: the program and its arguments.
        environment: its whole environment; this process's own when not given.
        text: what it is given to read.
        folder: where it is run.

    Returns:
        What it printed.

    Raises:
        ReleaseError: It failed, with its last three lines, or took a quarter of an hour.
    """
    shown = " ".join(command[:_SHOWN]) + (" …" if len(command) > _SHOWN else "")
    try:
        done = subprocess.run(
            command,
            env={**(os.environ if environment is None else environment), "NO_COLOR": "1"},
            input=text,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_DEADLINE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReleaseError(f"{shown}: no end within {_DEADLINE:.0f} s") from error
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise ReleaseError(f"{shown}: {' / '.join(lines[-3:]) or done.returncode}")
    return done.stdout
