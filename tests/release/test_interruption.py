"""Whoever stops a release in the middle finds nothing half made."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

STAGE = """\
import sys
from codex_generator.release import cli

def fetch(*arguments):
    print("fetching", flush=True)
    sys.stdin.read()
    raise OSError("stopped while fetching")

cli.fetch = fetch
sys.exit(cli.program())
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_release_that_is_stopped_leaves_nothing(tmp_path: Path, sent: signal.Signals) -> None:
    dist = tmp_path / "dist"
    options = ["stage", "--platform", "darwin-arm64", "--dist", str(dist)]
    with subprocess.Popen(
        [sys.executable, "-c", STAGE, *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == ["darwin-arm64:", "fetching"]
        assert process.stdout.readline() == "fetching\n"
        assert [path.name for path in dist.iterdir()] == [f".staging.{process.pid}.part"]

        process.send_signal(sent)
        _, said = process.communicate()

    assert process.returncode == 130
    assert said.endswith("stopped: nothing half made is left\n")
    assert list(dist.iterdir()) == []
