"""Transcripts: what passed between a client and a server, written down line by line.

A transcript is a text file of UTF-8 with one JSON object a line (JSON Lines):

- a *head*, for each connection::

      {"transcript": 1, "at": 1700000000.5, "connection": "5f0c…", "version": "0.163.0",
       "process": 4711, "command": ["codex", "app-server"]}

- a *message*, exactly as it was on the wire but without its secrets::

      {"at": 1700000000.6, "connection": "5f0c…", "from": "client", "message": {"id": 0, …}}

- a *skipped* line, which was no message. What it said is not written down: nobody can tell what
  of it is secret::

      {"at": …, "connection": "5f0c…", "from": "server",
       "skipped": {"size": 17, "reason": "not JSON"}}

- the *end* of a connection::

      {"at": …, "connection": "5f0c…", "end": {"reason": "…", "exit_code": 0}}

Several connections may share a file; ``connection`` tells them apart. Members that are not known
are ignored by whoever reads, and the number of the format grows when that is not enough.

Public names:

- the records `TranscriptHead`, `TranscriptMessage`, `TranscriptSkip`, `TranscriptEnd`, and
  `TranscriptRecord`, which is any of them;
- `TranscriptRecorder`, in `codex_app_server_rpc.recording`, makes records of the bytes of a
  connection, redacted, in order; `RecordingTransport` and `AsyncRecordingTransport` have one do so
  with what passes through them;
- `encode_record`, `decode_record` for one line, `write_transcript`, `read_transcript` for a file,
  `parse_transcript` for lines from anywhere;
- `TranscriptError` for a transcript that cannot be read.

See `codex_app_server_rpc.redaction` for what is taken out.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codex_app_server_rpc._new_file import write_new
from codex_app_server_rpc._record_lines import decode_record, encode_record
from codex_app_server_rpc._records import (
    FORMAT,
    Sender,
    TranscriptEnd,
    TranscriptHead,
    TranscriptMessage,
    TranscriptRecord,
    TranscriptSkip,
)
from codex_app_server_rpc.errors import TranscriptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "FORMAT",
    "Sender",
    "TranscriptEnd",
    "TranscriptError",
    "TranscriptHead",
    "TranscriptMessage",
    "TranscriptRecord",
    "TranscriptSkip",
    "decode_record",
    "encode_record",
    "parse_transcript",
    "read_transcript",
    "write_transcript",
]


def parse_transcript(
    lines: Iterable[bytes | str], *, name: str = "transcript"
) -> Iterator[TranscriptRecord]:
    """Read records from lines. Blank lines are passed over.

    Args:
        lines: The lines.
        name: Where they come from, for the error.

    Yields:
        The records, in order.

    Raises:
        TranscriptError: A line is no record, or there is none, or the first one is no head; raised
            when the iterator gets there.
    """
    begun = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        record = decode_record(line, number=number, name=name)
        if not begun and not isinstance(record, TranscriptHead):
            raise TranscriptError("a transcript begins with a head", name=name, line=number)
        begun = True
        yield record
    if not begun:
        raise TranscriptError("it is empty", name=name)


def read_transcript(path: str | os.PathLike[str]) -> list[TranscriptRecord]:
    """Read a transcript from a file.

    Args:
        path: The file.

    Returns:
        Its records, in order.

    Raises:
        TranscriptError: It cannot be read, or a line of it is no record.
    """
    name = os.fspath(path)
    try:
        with open(path, "rb") as file:
            return list(parse_transcript(file, name=name))
    except OSError as error:
        raise TranscriptError(error.strerror or str(error), name=name) from error


def write_transcript(path: str | os.PathLike[str], records: Iterable[TranscriptRecord]) -> None:
    """Write records to a new file that only its owner may read, in place of an old one.

    The old one, or a link, stays as it is until all is written.

    Args:
        path: The file.
        records: The records; they are not redacted here.

    Raises:
        TranscriptError: The file cannot be written.
    """
    name = os.fspath(path)
    try:
        write_new(name, map(encode_record, records))
    except OSError as error:
        raise TranscriptError(error.strerror or str(error), name=name) from error
