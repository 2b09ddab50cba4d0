"""Commands: other programs, run to their end or told of in a sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError

_SHOWN: Final = 5
"""Words of a command that are enough to know it by."""

_LINES: Final = 3
"""Lines of what a program said before it failed."""

_DEADLINE: Final = 900.0
"""Seconds that a program may take."""


def run(
    command: Sequence[str],
    *,
    name: str | None = None,
    environment: Mapping[str, str] | None = None,
    text: str | None = None,
    folder: Path | None = None,
    deadline: float = _DEADLINE,
    answers: Container[int] = (0,),
) -> str:
    """Run a program.

    Args:
        command: the program and its arguments.
        name: what messages call it; its first words when not given.
        environment: its whole environment; this process's own when not given.
        text: what it is given to read.
        folder: where it is run.
        deadline: seconds that it may take.
        answers: exit codes with which it has done its work; 1, for some, says what it has found.

    Returns:
        What it printed.

    Raises:
        GeneratorError: It cannot be run, failed (with its last words), or took too long.
    """
    shown = name or " ".join(command[:_SHOWN]) + (" …" if len(command) > _SHOWN else "")
    try:
        done = subprocess.run(
            command,
            env={**(os.environ if environment is None else environment), "NO_COLOR": "1"},
            input=text,
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=deadline,
            check=False,
        )
    except OSError as error:
        raise GeneratorError(f"{shown}: cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise GeneratorError(f"{shown}: no answer within {deadline:.0f} s") from error
    if done.returncode not in answers:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        words = " / ".join(said[-_LINES:])
        raise GeneratorError(f"{shown}: exit code {done.returncode}: {words}")
    return done.stdout
