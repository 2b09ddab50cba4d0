"""From a command line to an exit code."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import TYPE_CHECKING

from openai_codex.commands.exits import INTERRUPTED
from openai_codex.commands.grammar import parse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says.

    Args:
        arguments: The command line, without the program; ``None`` for this process's own.

    Returns:
        The exit code.

    Raises:
        SystemExit: The command line is wrong, or asks for help.
    """
    if (missing := _closed("stdout", "stderr")) is not None:
        return missing
    told = parse(arguments)
    if told.command == "run" and told.prompt == "-" and (missing := _closed("stdin")) is not None:
        return missing
    _speak_any_language()
    logging.getLogger("openai_codex").addHandler(logging.NullHandler())  # it is said otherwise
    try:
        code = _doctor(told) if told.command == "doctor" else _run(told)
        sys.stdout.flush()  # here it can still be said that it cannot be written
        return code
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read has enough
        _write_no_more()
        return 1
    except OSError as error:
        _write_no_more()
        print(f"The system refuses: {error}", file=sys.stderr)
        return 1


def _doctor(told: argparse.Namespace) -> int:
    from openai_codex.commands.doctor.command import DoctorOptions, doctor

    config = tuple(told.config)
    options = DoctorOptions(told.codex_bin, told.timeout, config, told.json, told.probe_others)
    return doctor(options)


def _run(told: argparse.Namespace) -> int:
    from openai_codex.commands.run.command import run
    from openai_codex.commands.run.options import RunOptions
    from openai_codex.errors import InvalidArgumentError

    try:
        options = RunOptions.of(told)
    except InvalidArgumentError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    return run(options)


def _closed(*names: str) -> int | None:
    """Complain if a stream of this process is closed; give the exit code then."""
    for name in names:
        if getattr(sys, name) is None:
            if sys.stderr is not None:
                print(f"This needs {name}, which is closed.", file=sys.stderr)
            return 1
    return None


def _speak_any_language() -> None:
    """Have what a stream's encoding lacks written as an escape, rather than to fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _write_no_more() -> None:
    """Let nothing that is still buffered be complained about at exit: it cannot be written."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
