"""Run the release's commands: `python -m codex_generator.release`."""

from __future__ import annotations

import sys

from codex_generator.release.cli import program

sys.exit(program())
