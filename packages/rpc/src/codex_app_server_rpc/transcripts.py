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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from codex_app_server_rpc._new_file import write_new
from codex_app_server_rpc.errors import TranscriptError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codex_app_server_types import JsonValue

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

FORMAT: Final = 1
"""The number of the format that is written here, and the highest that can be read."""

Sender: TypeAlias = Literal["client", "server"]
"""Who sent a message."""


@dataclass(frozen=True)
class TranscriptHead:
    """The beginning of a connection.

    Attributes:
        at: When, in Unix time (seconds).
        connection: Tells this connection from others in the same file.
        version: The version of this library.
        process: The id of the process that wrote it.
        command: The command line of the server, redacted; empty if this side did not start it.
        format: The number of the format.
    """

    at: float
    connection: str
    version: str = ""
    process: int = 0
    command: tuple[str, ...] = ()
    format: int = FORMAT


@dataclass(frozen=True)
class TranscriptMessage:
    """A message.

    Attributes:
        at: When it was handed to the transport, or came from it, in Unix time (seconds).
        connection: Its connection.
        sender: Who sent it.
        message: The message, decoded from JSON; redacted.
    """

    at: float
    connection: str
    sender: Sender
    message: dict[str, JsonValue]


@dataclass(frozen=True)
class TranscriptSkip:
    """A line that was no message.

    Attributes:
        at: When it came, in Unix time (seconds).
        connection: Its connection.
        sender: Who sent it.
        size: Its length in bytes; ``None`` if it was too long to be kept.
        reason: What is wrong with it.
    """

    at: float
    connection: str
    sender: Sender
    size: int | None
    reason: str


@dataclass(frozen=True)
class TranscriptEnd:
    """The end of a connection.

    Attributes:
        at: When, in Unix time (seconds).
        connection: Which.
        reason: Why, in words; redacted.
        exit_code: The exit code of the server's program, if it is known.
    """

    at: float
    connection: str
    reason: str
    exit_code: int | None = None


TranscriptRecord: TypeAlias = TranscriptHead | TranscriptMessage | TranscriptSkip | TranscriptEnd
"""A line of a transcript."""


def encode_record(record: TranscriptRecord) -> bytes:
    r"""Write a record as a line, newline included.

    What is no text, such as the bytes of an argument that are no UTF-8, is written as an escape
    that people can read: ``\udcff``.
    """
    line = _line(record)
    try:
        return to_json(line) + b"\n"
    except PydanticSerializationError:
        return to_json(_escaped(line)) + b"\n"


def _escaped(value: object) -> object:
    """Replace the surrogates in a value, which cannot be written as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        members = cast("dict[object, object]", value)
        return {_escaped(name): _escaped(one) for name, one in members.items()}
    if isinstance(value, (list, tuple)):
        return [_escaped(one) for one in cast("list[object]", value)]
    return value


def _line(record: TranscriptRecord) -> dict[str, object]:
    place = {"at": record.at, "connection": record.connection}
    if isinstance(record, TranscriptMessage):
        return {**place, "from": record.sender, "message": record.message}
    if isinstance(record, TranscriptSkip):
        skipped = {"size": record.size, "reason": record.reason}
        return {**place, "from": record.sender, "skipped": skipped}
    if isinstance(record, TranscriptEnd):
        return {**place, "end": {"reason": record.reason, "exit_code": record.exit_code}}
    return {
        "transcript": record.format,
        **place,
        "version": record.version,
        "process": record.process,
        "command": record.command,
    }


def decode_record(
    line: bytes | str, *, number: int = 1, name: str = "transcript"
) -> TranscriptRecord:
    """Read a record from a line.

    Args:
        line: The line, with or without its newline.
        number: Its number in the file, for the error.
        name: The file's name, for the error.

    Raises:
        TranscriptError: It is no record.
    """
    try:
        record: object = from_json(line.strip())
    except ValueError as error:
        reason = str(error).replace("at line 1 column", "at column")
        raise TranscriptError(f"not JSON: {reason}", name=name, line=number) from None
    try:
        return _record(record)
    except KeyError as error:
        raise TranscriptError(f"{error.args[0]!r} is missing", name=name, line=number) from None
    except ValueError as error:
        raise TranscriptError(str(error), name=name, line=number) from None


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


def _record(line: object) -> TranscriptRecord:
    record = _table(line, "record")
    at, connection = _number(record["at"]), _text(record["connection"], "connection")
    if "transcript" in record:
        return _head(at, connection, record)
    if "end" in record:
        end = _table(record["end"], "end")
        code = end.get("exit_code")
        reason = _text(end["reason"], "reason")
        return TranscriptEnd(at, connection, reason, code if isinstance(code, int) else None)
    sender = _sender(record["from"])
    if "skipped" in record:
        skipped = _table(record["skipped"], "skipped")
        size = skipped.get("size")
        size = size if isinstance(size, int) else None
        return TranscriptSkip(at, connection, sender, size, _text(skipped["reason"], "reason"))
    return TranscriptMessage(at, connection, sender, _table(record["message"], "message"))


def _sender(value: object) -> Sender:
    if value == "client":
        return "client"
    if value == "server":
        return "server"
    raise ValueError(f"'from' is 'client' or 'server', not {value!r}")


def _head(at: float, connection: str, record: dict[str, JsonValue]) -> TranscriptHead:
    number = record["transcript"]
    if type(number) is not int:
        raise ValueError("'transcript' is the number of the format")
    if number > FORMAT:
        raise ValueError(f"its format is {number}, and this version reads up to {FORMAT}")
    command = record.get("command")
    process = record.get("process")
    return TranscriptHead(
        at,
        connection,
        str(record.get("version", "")),
        process if isinstance(process, int) else 0,
        tuple(map(str, command)) if isinstance(command, list) else (),
        number,
    )


def _table(value: object, name: str) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise ValueError(f"{name!r} is no JSON object")
    return cast("dict[str, JsonValue]", value)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name!r} is no text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("'at' is no number")
    return value
