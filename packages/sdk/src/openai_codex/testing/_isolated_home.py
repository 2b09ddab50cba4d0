"""A home for the runtime that knows nothing of the developer's."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

# What a child process needs of the machine: nothing in it tells who is logged in to what.
_KEPT = re.compile(
    r"PATH|LANG|LANGUAGE|LC_\w+|TZ|TERM|USER|LOGNAME|SHELL|LD_LIBRARY_PATH"
    r"|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|SYSTEMDRIVE|PROCESSOR_ARCHITECTURE",
    re.IGNORECASE,
)

# A runtime that is on its way out may still write; this is how long the clean-up bears with it.
_CLEANUP_SECONDS = 5.0


class IsolatedHome:
    """Give the runtime a temporary home, and remove it afterwards.

    Used as a context manager, or with `close()`. The folders exist from the start. A process that
    does neither removes them as it exits; one that is killed, be it by SIGTERM, leaves them in the
    temporary folder, as ``codex-home-*``.

    Attributes:
        path: The folder that holds all of it.
        codex_home: The runtime's `CODEX_HOME`: put a `config.toml` here to configure it.
        workspace: An empty folder for threads to work in.
    """

    def __init__(self) -> None:
        # Resolved, as the runtime does with its paths: on macOS the two would differ.
        self.path: Path = Path(tempfile.mkdtemp(prefix="codex-home-")).resolve()
        self.codex_home: Path = self.path / "codex"
        self.workspace: Path = self.path / "workspace"
        self._temporary = self.path / "tmp"
        for folder in (self.codex_home, self.workspace, self._temporary):
            folder.mkdir()
        # Also for a home that was closed: a runtime that outlives it makes it anew as it exits.
        atexit.register(_remove_at_exit, self.path, os.getpid())

    def __enter__(self) -> IsolatedHome:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the home with all that is in it; nothing happens if it is gone already.

        Raises:
            OSError: Something still keeps it from being removed after some seconds.
        """
        deadline = time.monotonic() + _CLEANUP_SECONDS
        while True:
            try:
                shutil.rmtree(self.path)
            except FileNotFoundError:
                if not self.path.exists():
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def configure(self, settings: Iterable[str]) -> None:
        """Write the home's `config.toml`, in place of what it has.

        With `ModelServer.config_overrides` every runtime that is started in this home asks that
        server, also one whose command line the test does not see.

        Args:
            settings: ``key=value`` pairs in TOML, as for `CodexConfig.config_overrides`.
        """
        text = "".join(f"{setting}\n" for setting in settings)
        (self.codex_home / "config.toml").write_text(text, encoding="utf-8")

    @property
    def process_env(self) -> dict[str, str]:
        """The whole environment for a runtime that is started by hand.

        `HOME`, `CODEX_HOME` and the temporary folder lie in this home. Of the parent's variables
        there are those that a process cannot do without, such as `PATH`: no API key or access
        token, and no proxy, which the runtime would use for the loopback too.
        """
        temporary = str(self._temporary)
        return {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)} | {
            "HOME": str(self.path),
            "USERPROFILE": str(self.path),
            "CODEX_HOME": str(self.codex_home),
            # Not only tidy: the runtime does not set up its helper programs in a `CODEX_HOME`
            # that lies in the temporary folder, and warns of it.
            "TMPDIR": temporary,
            "TEMP": temporary,
            "TMP": temporary,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    @property
    def env(self) -> dict[str, str | None]:
        """The same for `CodexConfig.env`, which is laid over the parent's environment.

        The parent's other variables stand in it as None, which takes them away.
        """
        taken_away: dict[str, str | None] = dict.fromkeys(os.environ)
        return taken_away | self.process_env


def _remove_at_exit(path: Path, owner: int) -> None:
    """Remove a home, in the process that made it: a fork of that one leaves it alone."""
    if os.getpid() == owner:
        shutil.rmtree(path, ignore_errors=True)
