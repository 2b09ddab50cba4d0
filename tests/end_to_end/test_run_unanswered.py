"""`python -m openai_codex run` ends though it waits for an answer on the terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from openai_codex.testing import Reply

if TYPE_CHECKING:
    from openai_codex.testing import IsolatedHome, ModelServer

    from tests.end_to_end.terminal import Terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no such terminals")

COMMAND = (sys.executable, "-m", "openai_codex", "run", "Make it.", "--approval-mode", "on-request")
WAYS = pytest.mark.parametrize("way", ["live", "plain", "piped"])


@pytest.fixture(autouse=True)
def asking(home: IsolatedHome, model: ModelServer) -> None:
    """Let the model ask for something, after it has said a word that no display has shown yet."""
    home.configure(model.config_overrides())
    model.add(
        Reply.text("I look.", phase="commentary")
        + Reply.command("touch made", justification="I want to.")
    )


def asked(home: IsolatedHome, way: str, *arguments: str) -> Terminal:
    """Run the command in a terminal until it asks."""
    from tests.end_to_end.terminal import Terminal

    argv = [*COMMAND, *arguments, *(["--plain"] if way == "plain" else [])]
    if way == "piped":
        argv = ["/bin/bash", "-o", "pipefail", "-c", '"$@" | cat', "bash", *argv]
    return Terminal(argv, env=home.process_env, cwd=home.workspace)


@WAYS
def test_time_is_up_while_somebody_is_asked(home: IsolatedHome, way: str) -> None:
    with asked(home, way, "--timeout", "2") as terminal:
        terminal.wait_for("> ")
        assert terminal.wait() == 1

    assert "I look." in terminal.written
    assert "was not over within 2 s" in terminal.written
    assert "Fatal" not in terminal.written
    assert not (home.workspace / "made").exists()


@WAYS
def test_ctrl_c_is_heard_while_somebody_is_asked(home: IsolatedHome, way: str) -> None:
    with asked(home, way) as terminal:
        terminal.wait_for("> ")
        terminal.type("\x03")
        assert terminal.wait() == 130

    assert "\nInterrupted: the turn was stopped." in terminal.written
    assert "Fatal" not in terminal.written


@WAYS
def test_the_runtime_dies_while_somebody_is_asked(home: IsolatedHome, way: str) -> None:
    with asked(home, way) as terminal:
        terminal.wait_for("> ")
        for pid in runtimes_of(home):
            os.kill(pid, signal.SIGKILL)
        assert terminal.wait() == 1

    assert "openai_codex doctor" in terminal.written
    assert "Fatal" not in terminal.written


def runtimes_of(home: IsolatedHome) -> list[int]:
    """Find the runtimes that work in a home, by their environment."""
    listed = subprocess.run(
        ["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True
    )
    mark = f"CODEX_HOME={home.codex_home}"
    lines = [line.split() for line in listed.stdout.splitlines() if mark in line]
    return [int(words[0]) for words in lines if "app-server" in words]
