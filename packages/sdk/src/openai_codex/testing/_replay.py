"""Playing a transcript back: a server that says again what it said, to who does the same again."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from codex_app_server_rpc.errors import TranscriptError, TransportClosedError
from codex_app_server_rpc.notification import address_of
from codex_app_server_rpc.redaction import REDACTED, Redactor
from codex_app_server_rpc.transcripts import (
    TranscriptEnd,
    TranscriptMessage,
    parse_transcript,
)

from openai_codex.testing._memory import AsyncMemoryTransport, MemoryTransport
from openai_codex.testing._server_messages import Json, line

if TYPE_CHECKING:
    from openai_codex.testing._memory import MemoryLine

__all__ = ["AsyncReplayTransport", "ReplayError", "ReplayTransport"]

_LONGEST_SHOWN = 400


class ReplayError(TranscriptError):
    """A client does something else than what was recorded, or not all of it.

    Attributes:
        expected: What was recorded in its place; ``None`` for nothing.
        came: What the client sent; ``None`` for nothing.
    """

    def __init__(
        self, reason: str, *, name: str, line: int | None, expected: Json | None, came: Json | None
    ) -> None:
        """Say where, and show both."""
        told = [reason]
        if expected is not None:
            told.append(f"recorded: {_shown(expected)}")
        if came is not None:
            told.append(f"came: {_shown(came)}")
        super().__init__("; ".join(told), name=name, line=line)
        self.expected: Json | None = expected
        self.came: Json | None = came


class ReplayTransport(MemoryTransport):
    """Plays a transcript back to a `Codex` or a raw `Client`: no runtime, no network.

    The client has to do what was recorded. Its requests are matched by method and params, whatever
    their ids; what was in flight at once may come in another order. What was redacted matches
    anything; so does what ``initialize`` says of the client. The server's messages come in the
    recorded order, each as soon as the client has sent what was recorded before it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        connection: str | None = None,
        ignore: Collection[str] = (),
    ) -> None:
        """Read a transcript, such as one that ``CODEX_WIRE_LOG`` has named.

        Args:
            path: The file.
            connection: Which connection to play, if there are several in the file.
            ignore: Members of params that need not be equal, at any depth, such as ``"cwd"``.

        Raises:
            TranscriptError: The transcript cannot be read, or there is no such connection in it.
        """
        self._replay = _Replay(path, connection, ignore)
        super().__init__(self._replay)

    def assert_exhausted(self) -> None:
        """Check that the client did all that was recorded.

        Raises:
            ReplayError: It did not, or something else.
        """
        self._replay.assert_exhausted()


class AsyncReplayTransport(AsyncMemoryTransport):
    """Plays a transcript back to an `AsyncCodex` or a raw `AsyncClient`; as `ReplayTransport`."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        connection: str | None = None,
        ignore: Collection[str] = (),
    ) -> None:
        """Read a transcript; as `ReplayTransport`."""
        self._replay = _Replay(path, connection, ignore)
        super().__init__(self._replay)

    def assert_exhausted(self) -> None:
        """Check that the client did all that was recorded; as `ReplayTransport`."""
        self._replay.assert_exhausted()


@dataclass
class _Entry:
    """A recorded message.

    Attributes:
        number: Its line in the file.
        from_client: Who sent it.
        message: The message.
        done: Whether it was played: sent to the client, or received from it.
    """

    number: int
    from_client: bool
    message: Json
    done: bool = False

    @property
    def id(self) -> str | int | None:
        """The id of a request or an answer; ``None`` for a notification."""
        key = self.message.get("id")
        return key if isinstance(key, str | int) else None


class _Replay:
    """The far end of the transports: it knows where in the transcript the client is."""

    def __init__(
        self, path: str | os.PathLike[str], connection: str | None, ignore: Collection[str]
    ) -> None:
        self._name = os.fspath(path)
        self._ignored = frozenset(ignore)
        self._redactor = Redactor()
        self._lock = threading.Lock()
        self._entries, self._end = _read(self._name, connection)
        self._ids: dict[object, object] = {}
        self._position = 0
        self._first_open = 0
        self._error: ReplayError | None = None

    def connect(self, line: MemoryLine) -> None:
        """Take the client."""
        with self._lock:
            self._advance(line)

    def take(self, line: MemoryLine, data: bytes) -> None:
        """Take a message of the client, and say what was recorded after it.

        Raises:
            ReplayError: It was not recorded.
        """
        message = cast("Json", json.loads(data))
        with self._lock:
            if self._error is not None:
                raise self._error
            try:
                self._receive(message)
            except ReplayError as error:
                self._error = error
                # Whoever else waits has to know it as well.
                line.end(TransportClosedError(f"the replay has ended: {error}"))
                raise
            self._advance(line)

    def leave(self, line: MemoryLine) -> None:
        """Let the client go: it need not stay to the end."""

    def assert_exhausted(self) -> None:
        """See `ReplayTransport.assert_exhausted`."""
        with self._lock:
            if self._error is not None:
                raise self._error
            for entry in self._entries:
                if entry.from_client and not entry.done:
                    raise self._failure("the client did not do all of it", entry, None)

    def _receive(self, message: Json) -> None:
        redacted = cast("Json", self._redactor.redact("client", message))
        expected: _Entry | None = None
        passed: set[object] = set()
        while self._first_open < len(self._entries) and self._is_past(self._first_open):
            self._first_open += 1
        for index in range(self._first_open, len(self._entries)):
            entry = self._entries[index]
            if not entry.from_client:
                if "method" not in entry.message and entry.id in passed:
                    break  # what was sent after that answer cannot come before its request
            elif not entry.done:
                if self._fits(entry.message, redacted):
                    entry.done = True
                    if "method" in message and entry.id is not None:
                        self._ids[entry.id] = message["id"]
                    return
                expected = expected or entry
                if "method" in entry.message and entry.id is not None:
                    passed.add(entry.id)
        if expected is None:
            raise self._failure("nothing more was recorded of the client", None, redacted)
        raise self._failure("this was not recorded here", expected, redacted)

    def _is_past(self, index: int) -> bool:
        """Tell whether nothing of the client is awaited at a place before all that is open."""
        entry = self._entries[index]
        return entry.done or not entry.from_client

    def _advance(self, way: MemoryLine) -> None:
        """Say what was recorded up to the next message that the client has not sent."""
        while self._position < len(self._entries):
            entry = self._entries[self._position]
            if entry.from_client and not entry.done:
                return
            if not entry.from_client:
                entry.done = True
                self._redactor.redact("server", entry.message)
                way.deliver(line(self._with_id(entry)))
            self._position += 1
        if self._end is not None and (self._end.exit_code or _left_open(self._entries)):
            way.end(TransportClosedError(self._end.reason, exit_code=self._end.exit_code))

    def _with_id(self, entry: _Entry) -> Json:
        """Give an answer the id of the request that this client made."""
        if "method" in entry.message or entry.id not in self._ids:
            return entry.message
        return {**entry.message, "id": self._ids[entry.id]}

    def _fits(self, recorded: Json, came: Json) -> bool:
        if recorded.get("method") != came.get("method"):
            return False
        if "method" not in recorded:
            same = ("id", "result", "error")
            return all(self._equal(recorded.get(name), came.get(name)) for name in same)
        if ("id" in recorded) != ("id" in came):
            return False
        if recorded["method"] == "initialize":
            return True
        return self._equal(recorded.get("params") or {}, came.get("params") or {})

    def _equal(self, recorded: object, came: object) -> bool:
        """Compare JSON values; what was redacted equals anything."""
        if recorded == REDACTED:
            return True
        if isinstance(recorded, dict) and isinstance(came, dict):
            then, now = cast("dict[str, object]", recorded), cast("dict[str, object]", came)
            return all(
                name in then and name in now and self._equal(then[name], now[name])
                for name in {*then, *now} - self._ignored
            )
        if isinstance(recorded, list) and isinstance(came, list):
            before, after = cast("list[object]", recorded), cast("list[object]", came)
            return len(before) == len(after) and all(map(self._equal, before, after))
        return bool(recorded == came)

    def _failure(self, reason: str, expected: _Entry | None, came: Json | None) -> ReplayError:
        return ReplayError(
            reason,
            name=self._name,
            line=None if expected is None else expected.number,
            expected=None if expected is None else expected.message,
            came=came,
        )


def _read(name: str, connection: str | None) -> tuple[list[_Entry], TranscriptEnd | None]:
    """Read one connection of a transcript: its messages, and its end."""
    try:
        with open(name, "rb") as file:
            lines = file.readlines()
    except OSError as error:
        raise TranscriptError(error.strerror or str(error), name=name) from error
    numbers = [number for number, text in enumerate(lines, 1) if text.strip()]
    # In this order, so that the records are asked first, and can say that there are none.
    records = list(zip(parse_transcript(lines, name=name), numbers, strict=False))
    names = list(dict.fromkeys(record.connection for record, _ in records))
    if connection is None:
        if len(names) > 1:
            given = ", ".join(names)
            raise TranscriptError(f"it has several connections, name one of {given}", name=name)
        connection = names[0]
    elif connection not in names:
        raise TranscriptError(f"it has no connection {connection!r}", name=name)
    ours = [(number, record) for record, number in records if record.connection == connection]
    entries = [
        _Entry(number, record.sender == "client", record.message)
        for number, record in ours
        if isinstance(record, TranscriptMessage)
    ]
    end = next((record for _, record in ours if isinstance(record, TranscriptEnd)), None)
    return entries, end


def _left_open(entries: list[_Entry]) -> bool:
    """Tell whether the client waited for something when the connection ended.

    That was the server's doing then. In any other case the client may just have been closed.
    """
    waiting: set[object] = set()
    for entry in entries:
        method, key = entry.message.get("method"), entry.id
        if method in ("turn/started", "turn/completed"):
            turn = address_of(entry.message.get("params"))
            (waiting.add if method == "turn/started" else waiting.discard)(turn)
        elif key is not None and entry.from_client == (method is not None):
            (waiting.add if entry.from_client else waiting.discard)(key)
    return bool(waiting)


def _shown(message: Json) -> str:
    text = json.dumps(message)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
