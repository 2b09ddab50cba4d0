"""A turn on what was installed ends with a sentence where it is not what it should be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import codex_generator.release.checking as checking
import pytest
from codex_generator.load import read_version
from codex_generator.release.platforms import host_platform
from codex_generator.tree import SCHEMA
from codex_generator.versions import release_names, runtime_version

TRIAL = Path(checking.__file__).with_name("trial.py")
ANYWHERE = "/"
"""A folder that everything lies in, wherever the tests' packages and their runtime are."""
PINNED = read_version(Path(__file__).parents[2] / SCHEMA)
"""The version of what the tests run with, and `RELEASE` of the runtime."""
RELEASE = str(runtime_version(PINNED))


def tried(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the trial as it is run on an installation."""
    return subprocess.run(
        [sys.executable, "-", *arguments],
        input=TRIAL.read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_real_turn_is_run() -> None:
    assert host_platform() is not None

    done = tried(ANYWHERE, PINNED, *release_names(PINNED))

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"runtime {RELEASE} at /")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("/nowhere", PINNED, RELEASE), "codex_app_server_types does not come from the instal"),
        ((ANYWHERE, "0.1.0", "0.1.0"), f"codex-app-server-types is {PINNED}, and not 0.1.0"),
        ((ANYWHERE, PINNED, "0.1.0"), f"the runtime is {RELEASE}, and not 0.1.0"),
    ],
)
def test_what_is_not_as_it_should_be_ends_it(arguments: tuple[str, ...], reason: str) -> None:
    done = tried(*arguments)

    assert done.returncode == 1
    assert done.stderr.startswith(reason)
