"""A stream of the process that is closed is told in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="only a shell of POSIX closes them so")


def closed(which: str, *arguments: str) -> tuple[int, str, str]:
    """Run a command with a stream closed; give its exit code, stdout and stderr."""
    command = [sys.executable, "-m", "openai_codex", *arguments]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {which}', "sh", *command],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments", [["doctor"], ["doctor", "--json"], ["run", "hi"], ["run", "hi", "--json"], ["-h"]]
)
def test_without_stdout_there_is_nowhere_to_write(arguments: list[str]) -> None:
    assert closed(">&-", *arguments) == (1, "", "This needs stdout, which is closed.\n")


def test_without_stderr_nothing_is_written_in_its_stead() -> None:
    assert closed("2>&-", "doctor", "--codex-bin", "/no/such") == (1, "", "")


def test_without_stdin_no_prompt_can_be_read() -> None:
    assert closed("<&-", "run", "-") == (1, "", "This needs stdin, which is closed.\n")


def test_stdin_is_not_needed_for_anything_else() -> None:
    code, _, said = closed("<&-", "run", "hi", "--codex-bin", "/no/such")

    assert code == 1
    assert "/no/such, but there is no such file" in said
