"""Entry: what the command lines share, from the checkout that they work on to how they end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError

CHECKOUT: Final = Path(__file__).resolve().parents[3]
"""The repository that this module lies in: the generator is run from its sources."""


def told(work: Callable[[], int], stopped: str) -> int:
    """Do the work of a command, and tell in a sentence why it ended early.

    Args:
        work: returns the exit code.
        stopped: what a Ctrl-C leaves behind, in a few words.

    Returns:
        That exit code; 1 when something is wrong, and 130 when it was interrupted.
    """
    try:
        return work()
    except (GeneratorError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"stopped: {stopped}", file=sys.stderr)
        return 130


def hear_signals() -> None:
    """Have a program end by a `KeyboardInterrupt`, whichever way it is asked to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # Its terminal is closed: not on Windows, and whoever starts it by `nohup` wants it to go on.
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
