"""Bytes of the network in, lines out, and back: the WebSocket framing, without IO.

It stands on the IO-free layer of the `websockets` library. To the session a WebSocket looks like
the standard streams: a message is a line. Text and binary messages are treated alike, because it
is the session that judges, counts and skips what is not valid.

The runtime takes 16 MiB in one frame and 64 MiB in one message, and drops the connection without
a word when either is exceeded. So long messages go out in several frames, and what is too long
even for those is refused on this side. A server may announce a smaller frame in its response.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State

from codex_app_server_rpc.errors import InvalidArgumentError, TransportClosedError

if TYPE_CHECKING:
    from codex_app_server_rpc.transports._websocket.endpoint import Endpoint

__all__ = ["FRAME_SIZE", "Frames"]

FRAME_SIZE: Final = 8 * 1024 * 1024
"""The longest payload of a frame that is sent, in bytes."""

_ANNOUNCED_FRAME_SIZE: Final = "x-codex-websocket-max-unfragmented-message-bytes"
_MESSAGE_OPCODES: Final = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
_MAX_QUOTED: Final = 300


class Frames:
    """One WebSocket connection, seen from the client, without the network.

    Attributes:
        opened: Whether the opening handshake is complete.
        ended: Whether the end of the stream was taken.
        left: Whether it is this side that ended the connection; set by whoever does.
    """

    def __init__(self, endpoint: Endpoint, *, max_size: int, max_send_size: int) -> None:
        """Begin a connection that is not open yet.

        Args:
            endpoint: Where it leads.
            max_size: The longest message to take, in bytes.
            max_send_size: The longest message to send, in bytes.
        """
        self.opened: bool = False
        self.ended: bool = False
        self.left: bool = False
        self._endpoint = endpoint
        # No extension is offered: what the runtime does not compress, nobody has to unpack.
        self._protocol = ClientProtocol(endpoint.uri, max_size=max_size)
        self._max_send_size = max_send_size
        self._frame_size = FRAME_SIZE
        self._parts: list[bytes] = []

    @property
    def closing(self) -> bool:
        """Whether nothing more can be sent and the end of the stream is due."""
        return self._protocol.close_expected()

    def opening(self, headers: dict[str, str]) -> bytes:
        """Make the request of the opening handshake.

        It does not pass through the library's `send_request`, which would log the token.

        Args:
            headers: More headers, which replace those that WebSocket itself needs.
        """
        request = self._protocol.connect()
        for name, value in headers.items():
            if name in request.headers:
                del request.headers[name]
            request.headers[name] = value
        return request.serialize()

    def receive(self, data: bytes) -> bytes:
        """Take the next bytes from the network; empty at its end.

        Args:
            data: Any piece of the stream, of any length.

        Returns:
            The messages that are complete now, each ended by a newline. A newline inside one
            is whitespace of its JSON, and has become a space.
        """
        if data:
            self._protocol.receive_data(data)
        elif not self.ended:
            self.ended = True
            self._protocol.receive_eof()
        lines: list[bytes] = []
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                if event.opcode in _MESSAGE_OPCODES:
                    self._parts.append(bytes(event.data))
                    if event.fin:
                        lines.append(b"".join(self._parts).replace(b"\n", b" "))
                        self._parts = []
            elif isinstance(event, Response) and self._protocol.handshake_exc is None:
                self.opened = True
                announced = event.headers.get(_ANNOUNCED_FRAME_SIZE, "")
                if announced.isdecimal() and int(announced) > 0:
                    self._frame_size = min(FRAME_SIZE, int(announced))
        if not lines:
            return b""
        lines.append(b"")
        return b"\n".join(lines)

    def output(self) -> bytes:
        """Return what `receive` has made necessary to send: pongs, the answer to a close."""
        return b"".join(self._protocol.data_to_send())

    def check(self, data: bytes) -> None:
        """Refuse what the server would not take.

        Args:
            data: Whole lines, each of them one message.

        Raises:
            InvalidArgumentError: One of them is too long.
        """
        if len(data) <= self._max_send_size:
            return
        longest = max(map(len, data.split(b"\n")))
        if longest > self._max_send_size:
            raise InvalidArgumentError(
                f"a message of {longest:,} bytes is too long to be sent over a WebSocket: "
                f"the limit is {self._max_send_size:,} bytes (max_send_size)"
            )

    def message(self, data: bytes) -> bytes:
        """Frame messages to be sent.

        Args:
            data: Whole lines, each of them one message.

        Raises:
            TransportClosedError: The connection is not open.
        """
        protocol = self._protocol
        if protocol.state is not State.OPEN:
            raise self.closed_error()
        for line in data.split(b"\n"):
            if not line:
                continue
            size = self._frame_size
            protocol.send_text(line[:size], fin=len(line) <= size)
            for start in range(size, len(line), size):
                protocol.send_continuation(
                    line[start : start + size], fin=start + size >= len(line)
                )
        return self.output()

    def ping(self) -> bytes:
        """Make a ping, which keeps proxies on the way from closing a silent connection."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_ping(b"")
        return self.output()

    def close(self) -> bytes:
        """Begin the closing handshake."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
        return self.output()

    def refusal(self) -> TransportClosedError | None:
        """Return why the opening handshake failed; ``None`` if it did not, or not yet."""
        reason = self._protocol.handshake_exc
        if reason is None:
            return None
        if isinstance(reason, InvalidStatus):
            response = reason.response
            said = bytes(response.body)[:_MAX_QUOTED].decode(errors="replace").strip()
            text = f"refused the connection: HTTP {response.status_code} {response.reason_phrase}"
            text = f"{text}: {said}" if said else text
        elif self.ended:
            text = "hung up in the opening handshake"
        else:
            text = f"did not answer like a WebSocket server: {reason.__cause__ or reason}"
        return self._error(text, reason)

    def unreachable(self, reason: Exception, timeout: float) -> TransportClosedError:
        """Make the error for a connection that could not be opened.

        Args:
            reason: What the operating system, or the TLS library, said.
            timeout: How long the opening might have taken, in seconds.
        """
        if isinstance(reason, TimeoutError):
            return self._error(f"did not complete the opening handshake within {timeout:g} s")
        text = str(reason) or "it hung up"  # in the TLS handshake
        if isinstance(reason, ConnectionError) and reason.errno is not None:
            text = os.strerror(reason.errno)  # the event loop words it differently
        return self._error(f"cannot be reached: {text}", reason)

    def closed_error(self, reason: Exception | None = None) -> TransportClosedError:
        """Make the error for a connection that has ended, from what is known of its end.

        Args:
            reason: What the operating system said, if it did.
        """
        close = self._protocol.close_rcvd
        failure = self._protocol.parser_exc
        if close is not None:
            return self._error(f"closed the connection: {close}")
        if failure is not None and not isinstance(failure, EOFError):
            return self._error(f"sent what a client cannot take: {failure}", failure)
        if reason is not None and not self.ended:
            return self._error(f"is gone: {reason}", reason)
        return self._error("hung up")

    def _error(self, text: str, cause: Exception | None = None) -> TransportClosedError:
        if self.left:
            return TransportClosedError("this client is closed")
        error = TransportClosedError(f"the app-server at {self._endpoint.name} {text}")
        error.__cause__ = cause
        return error
