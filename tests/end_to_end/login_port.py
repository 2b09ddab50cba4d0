"""The port of the logins in a browser, which the whole machine has only once."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def login_port() -> Generator[None]:
    """Have the port for oneself, among all tests of this machine, in whichever process they run."""
    with (Path(tempfile.gettempdir()) / "codex-tests-login-port").open("a") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
