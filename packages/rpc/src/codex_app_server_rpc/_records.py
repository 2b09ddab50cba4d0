"""The records of a transcript; `codex_app_server_rpc.transcripts` has them for users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from codex_app_server_types import JsonValue

__all__ = [
    "FORMAT",
    "Sender",
    "TranscriptEnd",
    "TranscriptHead",
    "TranscriptMessage",
    "TranscriptRecord",
    "TranscriptSkip",
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
