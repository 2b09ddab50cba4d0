"""Recording a connection into a file, message by message."""

from __future__ import annotations

import os
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import TranscriptError
from codex_app_server_rpc.recording import TranscriptRecorder
from codex_app_server_rpc.transcripts import encode_record

if TYPE_CHECKING:
    from collections.abc import Generator

    from codex_app_server_rpc.transcripts import TranscriptRecord

__all__ = ["recording"]


@contextmanager
def recording(path: str | os.PathLike[str]) -> Generator[TranscriptRecorder]:
    """Record a connection into a new file, in place of an old one, redacted.

    Give what you get to a `RecordingTransport` of the raw client, which wraps any other transport.

    Args:
        path: The file; only its owner may read it. It is opened on entering, and each message is
            in it at once: what was recorded is there, however the program ends.

    Yields:
        The recorder. What it hears after leaving is not recorded.

    Raises:
        TranscriptError: The file cannot be written; raised on entering, before anything is sent,
            or, if there was no more room later, on leaving.
    """
    file = _File(path)
    with file:
        yield TranscriptRecorder(file.write)
    if file.error is not None:
        raise file.error


class _File:
    """A new transcript.

    Attributes:
        error: Why not all is in it; the recorder, which must not harm the connection, only logs it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._name = os.fspath(path)
        self.error: TranscriptError | None = None
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            # Unbuffered: a record is not to be lost with a process that is killed.
            self._file = FileIO(descriptor, "w")
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> None:
        """Do nothing: it is open."""

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def write(self, record: TranscriptRecord) -> None:
        """Write a record; not called by two threads at once."""
        if self._file.closed:
            return
        rest = memoryview(encode_record(record))
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.error = self._failure(error)
            raise self.error from error

    def _failure(self, error: OSError) -> TranscriptError:
        return TranscriptError(error.strerror or str(error), name=self._name)
