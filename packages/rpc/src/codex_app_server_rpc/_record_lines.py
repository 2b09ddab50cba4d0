"""A record of a transcript as a line of JSON, there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic_core import PydanticSerializationError, from_json, to_json

from codex_app_server_rpc._records import (
    FORMAT,
    TranscriptEnd,
    TranscriptHead,
    TranscriptMessage,
    TranscriptSkip,
)
from codex_app_server_rpc.errors import TranscriptError

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

    from codex_app_server_rpc._records import Sender, TranscriptRecord

__all__ = ["decode_record", "encode_record"]


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
