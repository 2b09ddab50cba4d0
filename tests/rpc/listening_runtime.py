"""The real runtime as a server that listens."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.rpc.runtime_program import runtime_program

__all__ = ["PATIENCE", "Runtime"]

PATIENCE = 30.0
"""How long the runtime may take to listen, in seconds."""


class Runtime:
    """The runtime as a server that somebody else started.

    Attributes:
        url: Where it listens; empty for a unix socket.
    """

    def __init__(
        self, home: Path, listen: str, *options: str, env: Mapping[str, str] | None = None
    ) -> None:
        home.mkdir(exist_ok=True)
        self._log = home.with_suffix(".log")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(runtime_program(), "app-server", "--listen", listen, *options),
                    *("--config", "features.plugins=false"),
                ],
                env=env or {"CODEX_HOME": str(home), "HOME": str(home), "PATH": os.environ["PATH"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.url = ""

    def wait_for_port(self) -> None:
        """Wait until it says where it listens."""
        ready = re.compile(r"listening on: (ws://\S+)\s")
        self.url = self.wait_for(lambda: ready.search(self._log.read_text(encoding="utf-8")))[1]

    def wait_for(self, look: Any) -> Any:
        """Look again and again, until there is something to see."""
        until = time.monotonic() + PATIENCE
        while not (seen := look()):
            assert time.monotonic() < until, self._log.read_text(encoding="utf-8")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.01)
                raise AssertionError(self._log.read_text(encoding="utf-8"))
        return seen

    def terminate(self) -> int:
        """Ask it to end; give its exit code."""
        self._process.terminate()
        return self._process.wait(PATIENCE)
