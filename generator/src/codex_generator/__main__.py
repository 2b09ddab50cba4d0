"""Run the generator: `python -m codex_generator`."""

from __future__ import annotations

import sys

from codex_generator.cli import main

sys.exit(main())
