"""A client of the recording server, of either half, and what it sends."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from openai_codex import Codex, CodexConfig

from tests.end_to_end.blocking import open_async

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["Wire", "opened_wire"]

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-S", "-E", "-m", "tests.sdk.recording_server")


class Wire:
    """A client, a thread of it, and what was sent.

    Attributes:
        codex: The client.
        thread: A thread, whose id is T1.
    """

    def __init__(self, codex: Codex, log: Path) -> None:
        self.codex = codex
        self._log = log
        self.thread = codex.thread_start()

    def turn_to_its_end(self, **options: Any) -> None:
        """Start a turn with a handle, and wait for it."""
        self.thread.turn("Hi.", **options).run()

    def all_threads(self, **options: Any) -> None:
        """Go through all pages of the list of threads."""
        list(self.codex.threads(**options))

    def lines(self, call: Callable[[], Any]) -> list[bytes]:
        """Make a call, and return the lines that were sent for it."""
        before = self._log.stat().st_size
        call()
        return self._log.read_bytes()[before:].splitlines(keepends=True)

    def sent(self, call: Callable[[], Any]) -> list[tuple[str, Any]]:
        """Make a call, and return the methods and params that were sent for it."""
        messages = [json.loads(line) for line in self.lines(call)]
        return [(message["method"], message.get("params")) for message in messages]


@contextmanager
def opened_wire(half: Literal["sync", "async"], log: Path) -> Generator[Wire]:
    """Open a client of the recording server.

    Args:
        half: Which client.
        log: Where to write what it sends.
    """
    config = CodexConfig(launch_args_override=(*COMMAND, str(log)), cwd=ROOT)
    if half == "sync":
        with Codex(config) as codex:
            yield Wire(codex, log)
        return
    loop = asyncio.new_event_loop()
    codex = open_async(config, loop)
    try:
        yield Wire(codex, log)
    finally:
        codex.close()
        loop.close()
