"""The wire log: every message of every client, in a file that an environment variable names.

``CODEX_WIRE_LOG``
    The file. ``{pid}`` in it stands for the id of this process, a leading ``~`` for the user's
    home. It is a transcript (see `codex_app_server_rpc.transcripts`): redacted, and to be read with
    `read_transcript`.
``CODEX_WIRE_LOG_MAX_BYTES``
    How long the file may grow, in bytes, before it becomes ``FILE.1`` and a new one is begun;
    10 MiB unless set, 0 for no limit. `BACKUPS` old files are kept.

Both are read when a client starts. Without the first, a client does nothing of this, at no cost.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codex_app_server_rpc.recording import TranscriptRecorder
    from codex_app_server_rpc.transports.protocols import AsyncTransport, Transport

__all__ = [
    "BACKUPS",
    "DEFAULT_MAX_BYTES",
    "MAX_BYTES_VARIABLE",
    "PATH_VARIABLE",
    "async_wire_logged",
    "wire_logged",
]

PATH_VARIABLE: Final = "CODEX_WIRE_LOG"
MAX_BYTES_VARIABLE: Final = "CODEX_WIRE_LOG_MAX_BYTES"

DEFAULT_MAX_BYTES: Final = 10 * 1024 * 1024
"""How long a file grows unless the environment tells, in bytes."""

BACKUPS: Final = 3
"""How many old files are kept beside the one that is written."""


def async_wire_logged(transport: AsyncTransport) -> AsyncTransport:
    """Give a transport that logs what passes, if the environment asks for it; else this one.

    Raises:
        InvalidArgumentError: The file cannot be written, or the limit is no number.
    """
    if not (path := os.environ.get(PATH_VARIABLE)):
        return transport
    from codex_app_server_rpc.transports.recording import AsyncRecordingTransport

    return AsyncRecordingTransport(transport, _recorder(path))


def wire_logged(transport: Transport) -> Transport:
    """Give a transport that logs what passes, if the environment asks for it; else this one.

    Raises:
        InvalidArgumentError: The file cannot be written, or the limit is no number.
    """
    if not (path := os.environ.get(PATH_VARIABLE)):
        return transport
    from codex_app_server_rpc.transports.recording import RecordingTransport

    return RecordingTransport(transport, _recorder(path))


def _recorder(path: str) -> TranscriptRecorder:
    from codex_app_server_rpc._wire_file import WireFile
    from codex_app_server_rpc.errors import InvalidArgumentError
    from codex_app_server_rpc.recording import TranscriptRecorder

    limit = os.environ.get(MAX_BYTES_VARIABLE) or str(DEFAULT_MAX_BYTES)
    if not (limit.isascii() and limit.isdigit()):
        raise InvalidArgumentError(f"{MAX_BYTES_VARIABLE} is a number of bytes, not {limit!r}")
    path = os.path.abspath(os.path.expanduser(path.replace("{pid}", str(os.getpid()))))
    try:
        file = WireFile.at(path, max_bytes=int(limit), backups=BACKUPS)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidArgumentError(
            f"{PATH_VARIABLE} names {path}, which cannot be written: {reason}"
        ) from error
    part = file.part()
    return TranscriptRecorder(part.write, close=part.close)
