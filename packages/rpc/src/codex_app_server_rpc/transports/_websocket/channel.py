"""A socket that threads share: one reads, any number write, and everybody may drop it.

The socket never blocks. Whoever has to wait polls it, outside of the lock: so a server that does
not read holds up nobody who reads, and every wait has its deadline. The lock is also what TLS
needs, whose connections are not to be read and written at once.
"""

from __future__ import annotations

import contextlib
import math
import select
import socket
import ssl
import sys
import threading
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.threads import acquire

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.deadline import Deadline
    from codex_app_server_rpc.transports._websocket.endpoint import Endpoint
    from codex_app_server_rpc.transports._websocket.frames import Frames

__all__ = ["Channel", "DeadlinePassed", "connect"]

_RECEIVE_SIZE: Final = 64 * 1024
_SEND_SIZE: Final = 256 * 1024
_MAX_UNREAD_PONGS: Final = 64 * 1024
"""A server that pings and does not read gets no more answers beyond this, in bytes."""
_LONG: Final = 1_000_000.0
"""More seconds than this are waited for in parts: the system's own timeouts have a limit."""


class DeadlinePassed(TimeoutError):  # noqa: N818 - it is an error only to the caller of `send`
    """A deadline of ours passed; any other `TimeoutError` is the operating system's."""


def connect(endpoint: Endpoint, deadline: Deadline) -> socket.socket:
    """Open a socket to an endpoint, trying its addresses in turn.

    Raises:
        OSError: None of them can be reached in time.
        UnicodeError: The host cannot be a name.
    """
    if sys.platform != "win32" and endpoint.path is not None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(deadline))
            sock.connect(endpoint.path)
        except BaseException:
            sock.close()
            raise
        return sock
    failure: OSError | None = None
    for address in endpoint.addresses():
        try:
            sock = socket.create_connection((address, endpoint.uri.port), _left(deadline))
        except OSError as error:
            failure = failure or error
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    raise failure or OSError("the host has no address")


class Channel:
    """Carries the frames of one WebSocket connection over a socket."""

    def __init__(self, sock: socket.socket, frames: Frames) -> None:
        """Take over a connected socket.

        Args:
            sock: The socket, which is closed by `close`.
            frames: The connection's frames; touched under the channel's lock from now on.
        """
        sock.setblocking(False)
        self._socket = sock
        self._frames = frames
        self._lock = threading.Lock()
        self._turn = threading.Lock()  # whose message is being written
        self._unsent = bytearray()

    def secure(self, context: ssl.SSLContext, hostname: str, deadline: Deadline) -> None:
        """Put TLS on the connection.

        Raises:
            OSError: The server is not who it should be, or does not answer in time.
        """
        secured = context.wrap_socket(
            self._socket, server_hostname=hostname, do_handshake_on_connect=False
        )
        self._socket = secured
        self._repeat(secured.do_handshake, deadline)

    def open(self, headers: dict[str, str], deadline: Deadline) -> bytes:
        """Perform the opening handshake.

        Args:
            headers: More headers of the opening request.
            deadline: When to give up.

        Returns:
            The messages that came right behind the server's response.

        Raises:
            TransportClosedError: The server refuses.
            OSError: The connection failed, or the deadline passed.
        """
        self._unsent += self._frames.opening(headers)
        self._flush(deadline)
        lines = b""
        while not self._frames.opened:
            lines = self.read(deadline)
            refusal = self._frames.refusal()
            if refusal is not None:
                raise refusal
        return lines

    def read(self, deadline: Deadline) -> bytes:
        """Wait for bytes from the network, and answer what they ask on the level of frames.

        Returns:
            The messages that are complete now, a line each; often none.

        Raises:
            OSError: The connection failed, or the deadline passed.
        """
        lines = b""

        def receive() -> None:
            nonlocal lines
            lines = self._frames.receive(self._socket.recv(_RECEIVE_SIZE))
            answer = self._frames.output()
            if len(self._unsent) < _MAX_UNREAD_PONGS:
                self._unsent += answer
            with contextlib.suppress(OSError):  # the next reading sees it too
                self._write()

        self._repeat(receive, deadline)
        return lines

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send messages, whole and in the order of the calls.

        When the deadline passes in the middle of a message, its rest is kept, and goes out
        before anything else; when it passes before, nothing of the message is ever sent.

        Raises:
            TransportClosedError: The connection is closed.
            OSError: The connection failed, or the deadline passed.
        """
        if not acquire(self._turn, deadline.remaining()):
            raise DeadlinePassed
        try:
            self._flush(deadline)
            with self._lock:
                self._unsent += self._frames.message(data)
            self._flush(deadline)
        finally:
            self._turn.release()

    def ping(self) -> None:
        """Send a ping, unless the way is full."""
        if not self._unsent:
            self._put(self._frames.ping)

    def say_goodbye(self) -> None:
        """Begin the closing handshake; behind what is not sent yet."""
        self._put(self._frames.close)

    def drop(self) -> None:
        """End the connection at once; takes no lock, so it may be called from anywhere."""
        with contextlib.suppress(OSError):
            # Not TLS's own method: it would have the reader take ciphertext for plain text.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket; the reading thread does it, when it has read to the end."""
        self.drop()  # wakes those who wait for room
        with self._lock:
            self._socket.close()

    def _put(self, make: Callable[[], bytes]) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._unsent += make()
            self._write()

    def _flush(self, deadline: Deadline) -> None:
        """Write everything that is not sent yet, or raise when the deadline passes."""
        while True:
            with self._lock:
                self._write()
                if not self._unsent:
                    return
            self._wait(deadline, writing=True)

    def _write(self) -> None:
        """Write as much as the socket takes at once."""
        while self._unsent:
            # TLS wants the same bytes again after it was full: the front never changes.
            try:
                sent = self._socket.send(self._unsent[:_SEND_SIZE])
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            del self._unsent[:sent]

    def _repeat(self, operation: Callable[[], None], deadline: Deadline) -> None:
        """Do something with the socket as soon as it can be done without waiting."""
        while True:
            writing = False
            with self._lock:
                try:
                    return operation()
                except (BlockingIOError, ssl.SSLWantReadError):
                    pass
                except ssl.SSLWantWriteError:
                    writing = True
            self._wait(deadline, writing=writing)

    def _wait(self, deadline: Deadline, *, writing: bool) -> None:
        """Wait for the socket, at most until the deadline, which raises once it has passed."""
        try:
            _poll(self._socket, _left(deadline), writing=writing)
        except ValueError as error:  # closed by another thread in the meantime
            raise OSError("the connection is closed") from error


def _left(deadline: Deadline) -> float:
    """Return the seconds until a deadline.

    Raises:
        DeadlinePassed: There are none.
    """
    left = deadline.remaining()
    if left is None:
        return _LONG
    if not left:
        raise DeadlinePassed
    return min(left, _LONG)


if sys.platform == "win32":

    def _poll(sock: socket.socket, timeout: float, *, writing: bool) -> None:
        # Windows tells of a failed connection by the third set.
        select.select([] if writing else [sock], [sock] if writing else [], [sock], timeout)

else:

    def _poll(sock: socket.socket, timeout: float, *, writing: bool) -> None:
        poller = select.poll()
        poller.register(sock, select.POLLOUT if writing else select.POLLIN)
        poller.poll(math.ceil(timeout * 1000))
