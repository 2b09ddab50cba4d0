"""Run the command line: `python -m codex_generator.compat`."""

from __future__ import annotations

import sys

from codex_generator.compat.cli import program

sys.exit(program())
