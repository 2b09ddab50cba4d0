"""What the real runtime started ends with it, also what has left its process group.

Without a sandbox, a command can leave a process in a session of its own, which neither the end of
the runtime nor that of its group reaches.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from openai_codex.testing import Gate, Reply

from tests.rpc.processes import has_ended, on_linux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from openai_codex import Codex, CodexConfig
    from openai_codex.testing import IsolatedHome, ModelServer

DAEMON = "setsid sh -c 'echo $$ > fifo; exec sleep 1000' & sleep 1000"
NO_SANDBOX = ('sandbox_mode="danger-full-access"', 'approval_policy="never"')

FORGETFUL = """
import json, signal, sys
from openai_codex import Codex, CodexConfig
codex = Codex(CodexConfig(**json.loads(sys.argv[1])))
turn = codex.thread_start().turn("Start a daemon.")
signal.pause()
"""


@pytest.fixture
def fifo(home: IsolatedHome, model: ModelServer) -> Iterator[Path]:
    """Where the daemon of the scripted command tells its process id."""
    path = home.workspace / "fifo"
    os.mkfifo(path)
    gate = Gate()
    arguments = {"cmd": DAEMON, "yield_time_ms": 250}
    model.add(Reply.tool_call("exec_command", arguments), Reply.hold(gate) + Reply.text("Done."))
    yield path
    gate.release()


@on_linux
def test_a_close_ends_a_daemon_of_a_running_command(
    opened: Callable[[CodexConfig], Codex], config: CodexConfig, fifo: Path
) -> None:
    overrides = (*config.config_overrides, *NO_SANDBOX)
    codex = opened(replace(config, config_overrides=overrides))
    codex.thread_start().turn("Start a daemon.")
    daemon = int(fifo.read_text(encoding="ascii"))
    codex.close()
    assert has_ended(daemon)


@on_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
def test_a_program_that_is_killed_takes_the_runtime_and_its_daemons_along(
    number: signal.Signals, home: IsolatedHome, config: CodexConfig, fifo: Path
) -> None:
    settings = {
        "cwd": str(home.workspace),
        "env": home.env,
        "config_overrides": [*config.config_overrides, *NO_SANDBOX],
    }
    with subprocess.Popen([sys.executable, "-c", FORGETFUL, json.dumps(settings)]) as program:
        daemon = int(fifo.read_text(encoding="ascii"))
        program.send_signal(number)
    assert has_ended(daemon)
