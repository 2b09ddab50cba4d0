"""Whoever reads what a command prints may have read enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCHEMA = str(Path(__file__).parents[2] / "schema")


def test_a_command_ends_without_a_word_when_nobody_reads_on() -> None:
    command = [sys.executable, "-m", "codex_generator", "diff", SCHEMA, SCHEMA]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""

    assert process.returncode == 1
