"""What can be said on the command line."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Final

from openai_codex._version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["parse"]

PROGRAM: Final = "python -m openai_codex"
DOCTOR_SECONDS: Final = 15.0
"""How long each wait of the doctor takes at most."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; the result's ``command`` is ``doctor`` or ``run``.

    Args:
        arguments: The arguments; ``None`` for this process's own.

    Raises:
        SystemExit: They are wrong (2), which is then said on stderr; or help or version was asked
            for (0).
    """
    parser = argparse.ArgumentParser(
        PROGRAM, description="Commands of the Codex app-server SDK for Python.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"openai_codex {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    doctor = commands.add_parser(
        "doctor",
        help="look at everything that a turn needs, and say what to do about what is wrong",
        description="Look at everything that a turn needs, and say what to do about what is wrong."
        " No model is asked, and no setting changed. It starts the runtime, which makes its home if"
        " there is none, and the MCP servers that are configured. What it writes has the e-mail"
        " address of the account, and lines that the runtime wrote to stderr. Exit code 1 if turns"
        " do not run.",
        allow_abbrev=False,
    )
    run = commands.add_parser(
        "run",
        help="run a turn in the terminal",
        description="Run a turn in the terminal. Piped, the final answer goes to stdout and all"
        " else to stderr. Exit code 1 if the turn failed, 130 if it was interrupted.",
        allow_abbrev=False,
    )
    _add_doctor(doctor)
    _add_run(run)
    told, unknown = parser.parse_known_args(arguments)
    if unknown:  # not told by `parse_args`, which would show the usage of the whole
        speaker = doctor if told.command == "doctor" else run
        speaker.error(f"unrecognized arguments: {' '.join(unknown)}")
    return told


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    _add_runtime(parser)
    parser.add_argument("--json", action="store_true", help="write one JSON object")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=DOCTOR_SECONDS,
        metavar="SECONDS",
        help="how long each wait may take (default: %(default)g)",
    )
    parser.add_argument(
        "--probe-others",
        action="store_true",
        help="run what lies on PATH and in the usual places too, to ask for its version",
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", metavar="PROMPT", help="what to say; - to read it from stdin")
    _add_runtime(parser)
    parser.add_argument("--cwd", metavar="FOLDER", help="the folder in which the agent works")
    parser.add_argument("--model", metavar="NAME", help="the model")
    parser.add_argument("--effort", metavar="LEVEL", help="how much it thinks, such as high")
    parser.add_argument(
        "--sandbox",
        choices=("read-only", "workspace-write", "full-access"),
        metavar="MODE",
        help="what commands may touch: read-only, workspace-write or full-access",
    )
    parser.add_argument(
        "--approval-mode",
        choices=("deny-all", "auto-review", "on-request", "untrusted"),
        metavar="MODE",
        help="who decides what goes beyond the sandbox: deny-all, auto-review, on-request or "
        "untrusted",
    )
    parser.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="FILE",
        help="a picture to look at, a file or an address; can be repeated",
    )
    parser.add_argument("--output-schema", metavar="FILE", help="a JSON Schema for the answer")
    parser.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="how long the turn may take"
    )
    life = parser.add_mutually_exclusive_group()
    life.add_argument("--resume", metavar="THREAD_ID", help="continue a conversation")
    life.add_argument("--ephemeral", action="store_true", help="keep nothing of it on disk")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write events as JSON Lines")
    form.add_argument("--plain", action="store_true", help="write as if piped, without rich")


def _add_runtime(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--codex-bin", metavar="PATH", type=_program, help="the runtime program")
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        type=_setting,
        metavar="KEY=VALUE",
        help="a setting as in config.toml, the value in TOML; can be repeated",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _setting(text: str) -> str:
    key, equals, _ = text.partition("=")
    if not key.strip() or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return text


def _program(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty: it names no program")
    return text
