"""The real runtime that tests run: the one that `CODEX_BIN` names, or else the installed one."""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache

from openai_codex.places import search

__all__ = ["runtime_program", "runtime_version"]


def runtime_program() -> str:
    """Give the path of the program, found where the facade finds it."""
    place = search(None)[-1]
    assert place.program is not None, place.problem
    return place.program


@cache
def runtime_version() -> str:
    """Give the version that the program tells: `codex-cli 0.163.0`."""
    asked = [runtime_program(), "--version"]
    # Whatever it is asked, it leaves traces in its home: not in that of whoever tests.
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CODEX_HOME": home}
        told = subprocess.run(
            asked, check=True, capture_output=True, text=True, timeout=30, env=environment
        )
    return told.stdout.split()[-1]
