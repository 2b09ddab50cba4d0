"""Making a transcript of what passes on a connection.

A `TranscriptRecorder` is fed with bytes, by `RecordingTransport` or by a test, and hands records to
whoever keeps them: a file, or a list.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, cast

from pydantic_core import from_json
from typing_extensions import ParamSpec

from codex_app_server_rpc.core.framing import LineSplitter
from codex_app_server_rpc.loggers import WIRE, logger
from codex_app_server_rpc.redaction import Redactor, redact_command, redact_text
from codex_app_server_rpc.transcripts import (
    TranscriptEnd,
    TranscriptHead,
    TranscriptMessage,
    TranscriptSkip,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codex_app_server_types import JsonValue

    from codex_app_server_rpc.transcripts import Sender, TranscriptRecord

__all__ = ["TranscriptRecorder"]

P = ParamSpec("P")
_logger = logger(WIRE)


class TranscriptRecorder:
    """Makes records of the bytes of one connection: whole lines, redacted, in order.

    May be called from several threads. Nothing that goes wrong here reaches the connection. A line
    that cannot be written down is skipped; when a record cannot be handed on, that is logged, and
    ends the recording.

    Attributes:
        connection: The name of the connection in the records.
    """

    def __init__(
        self,
        write: Callable[[TranscriptRecord], object],
        *,
        close: Callable[[], object] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Record a new connection.

        Args:
            write: Takes each record; not called by two threads at once. May be ``append`` of a
                list.
            close: Is called once, after the last record: when the recording ends, whether or not
                it has failed.
            clock: Tells the time, in Unix time (seconds).
        """
        self.connection: str = secrets.token_hex(4)
        self._write = write
        self._close = close
        self._clock = clock
        self._lock = threading.Lock()
        self._redactor = Redactor()
        self._lines = {"client": LineSplitter(), "server": LineSplitter()}
        self._over = False

    def begin(self, command: Sequence[str] = ()) -> None:
        """Write the head.

        Args:
            command: The command line of the server, if this side starts it; redacted here.
        """
        with self._lock:
            self._put(self._head, command)

    def record(self, sender: Sender, data: bytes) -> None:
        """Take the next bytes that one side sends, in pieces of any length."""
        if self._over:
            return
        with self._lock:
            splitter = self._lines[sender]
            oversized = splitter.oversized
            for line in splitter.feed(data):
                self._put_line(sender, line)
            for _ in range(splitter.oversized - oversized):
                self._put(self._skip, sender, None, "longer than the limit")

    def end(self, reason: str = "closed by the client", exit_code: int | None = None) -> None:
        """Write the end and close; what comes after it is not recorded.

        Args:
            reason: Why the connection ended, in words.
            exit_code: The exit code of the server's program, if it is known.
        """
        with self._lock:
            rest = self._lines["server"].finish()  # a last line may lack its newline
            if rest.strip():
                self._put_line("server", rest)
            self._put(self._end, reason, exit_code)
            self._over = True
            close, self._close = self._close, None
            if close is not None:
                try:
                    close()
                except Exception:
                    _logger.exception("the recording of a connection cannot be closed")

    def _put_line(self, sender: Sender, line: bytes) -> None:
        if self._over:
            return
        try:
            self._write(self._line(sender, line))
        except Exception:  # whatever a peer may send; if nothing can be written, that is told next
            self._put(self._skip, sender, len(line), "cannot be written down")

    def _put(self, make: Callable[P, TranscriptRecord], *args: P.args, **kwargs: P.kwargs) -> None:
        if self._over:
            return
        try:
            self._write(make(*args, **kwargs))
        except Exception:
            self._over = True
            _logger.exception("the recording of a connection has failed, and ends here")

    def _head(self, command: Sequence[str]) -> TranscriptHead:
        version, process = version_of("codex-app-server-rpc"), os.getpid()
        safe = redact_command(command)
        return TranscriptHead(self._clock(), self.connection, version, process, safe)

    def _line(self, sender: Sender, line: bytes) -> TranscriptRecord:
        try:
            message: object = from_json(line, cache_strings="keys")
        except ValueError:
            return self._skip(sender, len(line), "not JSON" if line.strip() else "blank")
        if not isinstance(message, dict):
            return self._skip(sender, len(line), "not a JSON object")
        redacted = self._redactor.redact(sender, cast("dict[str, JsonValue]", message))
        return TranscriptMessage(self._clock(), self.connection, sender, redacted)

    def _skip(self, sender: Sender, size: int | None, reason: str) -> TranscriptSkip:
        return TranscriptSkip(self._clock(), self.connection, sender, size, reason)

    def _end(self, reason: str, exit_code: int | None) -> TranscriptEnd:
        return TranscriptEnd(self._clock(), self.connection, redact_text(reason), exit_code)
