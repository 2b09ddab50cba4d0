"""The scenes of the examples about what lies around: sockets, logs, and tests."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.docs.examples.scene import Run, Scene
from tests.rpc.listening_runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from openai_codex.testing import IsolatedHome, ModelRequest, ModelServer

WIRE_LOG = """\
The log is ...wire.jsonl
begin app-server
-> initialize
<- answer
...-> initialized
...-> thread/start
...-> turn/start
...<- turn/started
...<- item/agentMessage/delta
...<- turn/completed
...end: ...
"""

SUMMARY = """\
Faster
- It starts sooner.
- It ends sooner.
"""


@contextmanager
def listening(model: ModelServer, home: IsolatedHome) -> Generator[Mapping[str, str]]:
    """A runtime that somebody else has started, on a socket in the folder of the example."""
    if sys.platform == "win32":
        pytest.skip("unix sockets need a unix")
    home.configure(model.config_overrides())
    socket = home.workspace / "s"
    runtime = Runtime(home.codex_home, f"unix://{socket}", env=home.process_env)
    runtime.wait_for(socket.exists)
    try:
        yield {}
    finally:
        runtime.terminate()


def read(asked: Sequence[ModelRequest], folder: Path) -> None:
    assert asked[0].prompt == "Sum this up:\n\nIt is faster."


SCENES: Mapping[str, tuple[Scene, ...]] = {
    "unix_socket": (
        Scene(
            (
                Run("runtime: 0...\nHello.\n", ("s",)),
                Run("runtime: 0...\nHello again.\n", ("s",)),  # it was left running
            ),
            script=["Hello.", "Hello again."],
            surroundings=listening,
            with_account=False,
        ),
        Scene(
            (
                Run("", exit_code=1, complains="usage: python ...unix_socket....py SOCKET\n"),
                Run("", ("none",), exit_code=1, complains="...none...\n"),
            ),
            with_account=False,
        ),
    ),
    "wire_log": (Scene((Run(WIRE_LOG),), script=["Hello."]),),
    "summary": (
        Scene(
            (Run(SUMMARY, ("CHANGES.md",)),),
            files={"CHANGES.md": b"It is faster."},
            script=['{"title": "Faster", "points": ["It starts sooner.", "It ends sooner."]}'],
            check=read,
        ),
    ),
}
