"""The commands: ``python -m openai_codex doctor`` and ``python -m openai_codex run``."""

from __future__ import annotations

import sys

from openai_codex.commands.entry import main

if __name__ == "__main__":
    sys.exit(main())
