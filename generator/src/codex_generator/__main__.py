"""Run the generator: `python -m codex_generator`."""

from __future__ import annotations

import os
import sys

from codex_generator.cli import main

try:
    code = main()
    sys.stdout.flush()
except BrokenPipeError:  # whoever reads has read enough
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    code = 1
sys.exit(code)
