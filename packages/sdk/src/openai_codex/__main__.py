"""The commands, by ``python -m openai_codex``."""

from __future__ import annotations

import sys

from openai_codex.commands.entry import main

if __name__ == "__main__":
    sys.exit(main())
