"""The exit codes of the commands, beside 0 for what went well and 2 for a wrong command line."""

from __future__ import annotations

from typing import Final

__all__ = ["INTERRUPTED"]

INTERRUPTED: Final = 130
"""The exit code of a command that was ended by Ctrl-C."""
