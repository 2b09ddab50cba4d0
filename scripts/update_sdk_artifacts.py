#!/usr/bin/env python3
r"""Render what follows from the schema; stage, build and check a release; from any folder.

    python3 scripts/update_sdk_artifacts.py generate-types
    python3 scripts/update_sdk_artifacts.py stage-sdk-core OUT --sdk-version V
    python3 scripts/update_sdk_artifacts.py stage-sdk OUT --sdk-version V --runtime-version V
    python3 scripts/update_sdk_artifacts.py stage-runtime OUT CODEX \
        --codex-version rust-v0.116.0-alpha.1 --platform-tag macosx_11_0_arm64

A thin command line: the work is done by `codex_generator.release`. Where that is not installed,
`scripts/dev.py` makes an environment for it; then nothing but Python 3.10 is needed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

try:
    from codex_generator.release.cli import program
except ModuleNotFoundError:
    dev = str(Path(__file__).with_name("dev.py"))
    sys.exit(subprocess.call([sys.executable, dev, "artifacts", *sys.argv[1:]]))

if __name__ == "__main__":
    sys.exit(program())
