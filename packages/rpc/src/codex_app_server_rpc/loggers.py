"""The loggers of all packages of this project: one tree, under the name that its users import.

::

    openai_codex
    ├── turns              results of turns that do not fit their type
    ├── requests           what the agent asked, and nobody answered
    ├── tools              Python functions that failed, or are missing
    ├── tracing            spans that are lost, because what takes them fails
    ├── rpc                the raw client
    │   ├── connection     lines that were no message; turns that were not seen to end
    │   ├── requests       requests of the server that got the safe answer, and why
    │   ├── process        the program that runs the server
    │   └── wire           the wire log and other transcripts
    └── runtime            what the server's program writes to stderr
        └── TARGET         by its own targets, if it writes JSON (``LOG_FORMAT=json``)

Nothing is configured here: without a configuration, Python writes warnings and errors to stderr,
and whoever has nobody to approve, or a tool that fails, gets to know of it.
"""

from __future__ import annotations

import logging
from typing import Final

__all__ = ["CONNECTION", "PROCESS", "REQUESTS", "ROOT", "RUNTIME", "WIRE", "logger"]

ROOT: Final = "openai_codex"
CONNECTION: Final = "rpc.connection"
PROCESS: Final = "rpc.process"
REQUESTS: Final = "rpc.requests"
RUNTIME: Final = "runtime"
WIRE: Final = "rpc.wire"

_root: Final = logging.getLogger(ROOT)


def logger(concern: str) -> logging.Logger:
    """Give the logger of a concern, by its name below the root."""
    return _root.getChild(concern)
