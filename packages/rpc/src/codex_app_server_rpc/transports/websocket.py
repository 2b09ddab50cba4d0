"""The sync client's ways to a server that runs already: a WebSocket, or a unix socket.

The server is one that somebody started with ``codex app-server --listen ws://IP:PORT`` or
``--listen unix://PATH``; on the unix socket, too, it speaks WebSocket.
"""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.deadline import Deadline
from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError, UsageError
from codex_app_server_rpc.transports._websocket.channel import Channel, DeadlinePassed, connect

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from codex_app_server_rpc.transports._websocket.endpoint import Endpoint
    from codex_app_server_rpc.transports._websocket.frames import Frames

__all__ = [
    "DEFAULT_MAX_SEND_SIZE",
    "DEFAULT_MAX_SIZE",
    "DEFAULT_OPEN_TIMEOUT",
    "GOODBYE_GRACE",
    "PING_INTERVAL",
    "UnixSocketTransport",
    "WebSocketTransport",
]

DEFAULT_MAX_SIZE: Final = 256 * 1024 * 1024
"""The longest message that is taken from the server, in bytes."""

DEFAULT_MAX_SEND_SIZE: Final = 64 * 1024 * 1024
"""The longest message that is sent, in bytes: the runtime drops a client that sends more."""

DEFAULT_OPEN_TIMEOUT: Final = 10.0
"""How long opening a connection may take, in seconds."""

GOODBYE_GRACE: Final = 2.0
"""How long each step of closing waits for the server, in seconds."""

PING_INTERVAL: Final = 20.0
"""After how much silence a ping is sent, in seconds.

It keeps proxies on the way from closing a connection that is idle. Nobody waits for the answer:
a server may be busy for as long as it likes, and requests have deadlines of their own.
"""


class _SocketTransport:
    """What both have in common: one thread that reads, and writing by whoever sends."""

    def __init__(
        self,
        endpoint: Endpoint,
        frames: Frames,
        token: str | Callable[[], str] | None,
        open_timeout: float,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._frames = frames
        self._token = token
        self._open_timeout = open_timeout
        self._ssl_context = ssl_context
        self._channel: Channel | None = None
        self._reader: threading.Thread | None = None
        self._state_lock = threading.Lock()
        self._started = False

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Open the connection and start the thread that reads from it; see `Transport.start`.

        Raises:
            TransportClosedError: The server cannot be reached, refuses (the message has its
                HTTP status and reason), or does not answer within ``open_timeout``.
            InvalidArgumentError: The token cannot be sent.
        """
        with self._state_lock:
            if self._started:
                raise UsageError("a transport is started once; make another one")
            self._started = True
        token = self._token() if callable(self._token) else self._token
        channel, early = self._open(self._endpoint.request_headers(token))

        def read() -> None:
            reason: OSError | None = None
            try:
                if early:
                    receive(early)
                reason = self._deliver(channel, receive)
            finally:
                channel.close()
                closed(self._frames.closed_error(reason))

        with self._state_lock:
            if not self._frames.left:
                self._reader = threading.Thread(target=read, name="codex-reader", daemon=True)
                self._reader.start()
                return
        channel.close()
        raise self._frames.closed_error()

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Send messages; see `Transport.send`.

        Raises:
            TransportClosedError: The connection is closed.
            CodexTimeoutError: The server did not take them in time.
            InvalidArgumentError: A message is longer than ``max_send_size``; nothing was sent.
        """
        channel, reader = self._channel, self._reader
        if channel is None or reader is None or self._frames.left:
            raise TransportClosedError()
        self._frames.check(data)
        try:
            channel.send(data, Deadline(timeout))
        except DeadlinePassed as error:
            raise not_taken(timeout) from error
        except OSError as error:
            reader.join(GOODBYE_GRACE)  # it may know more of the end
            raise self._frames.closed_error(error) from error

    def abort(self) -> None:
        """Drop the connection at once, without waiting; idempotent, callable from anywhere."""
        self._frames.left = True
        if self._channel is not None:
            self._channel.drop()

    def close(self) -> None:
        """Close the connection: say so, wait for the server, drop it; bounded, idempotent."""
        with self._state_lock:
            self._frames.left = True
            channel, reader = self._channel, self._reader
        if reader is None or channel is None:
            self.abort()  # it may be being opened just now
            return
        channel.say_goodbye()
        reader.join(GOODBYE_GRACE)
        channel.drop()
        reader.join(GOODBYE_GRACE)

    def _open(self, headers: dict[str, str]) -> tuple[Channel, bytes]:
        """Connect and shake hands; return the channel, and what came behind the handshake."""
        deadline = Deadline(self._open_timeout)
        uri = self._endpoint.uri
        try:
            channel = self._channel = Channel(connect(self._endpoint, deadline), self._frames)
            try:
                if uri.secure:
                    context = self._ssl_context or ssl.create_default_context()
                    channel.secure(context, uri.host, deadline)
                return channel, channel.open(headers, deadline)
            except BaseException:
                channel.close()
                raise
        except (OSError, UnicodeError) as error:
            raise self._frames.unreachable(error, self._open_timeout) from error

    def _deliver(self, channel: Channel, receive: Callable[[bytes], None]) -> OSError | None:
        """Hand on what arrives until the end; return what the operating system said of it."""
        goodbye: Deadline | None = None
        while not self._frames.ended:
            if goodbye is None and self._frames.closing:
                goodbye = Deadline(GOODBYE_GRACE)
            if goodbye is not None and not goodbye.remaining():
                break  # it says goodbye, but does not hang up
            try:
                lines = channel.read(goodbye or Deadline(PING_INTERVAL))
            except DeadlinePassed:
                channel.ping()
            except OSError as error:
                return error
            else:
                if lines:
                    receive(lines)
        return None


class WebSocketTransport(_SocketTransport):
    """Speaks with an app-server that listens on ``ws://`` or ``wss://``.

    Needs the extra ``websocket``, which is the package websockets.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        headers: Mapping[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        allow_plaintext_token: bool = False,
        max_size: int = DEFAULT_MAX_SIZE,
        max_send_size: int = DEFAULT_MAX_SEND_SIZE,
        open_timeout: float = DEFAULT_OPEN_TIMEOUT,
    ) -> None:
        """Keep where to connect; nothing is opened before ``start``.

        Proxies that the environment names are not used.

        Args:
            url: Where the server listens, for example ``ws://127.0.0.1:4500``.
            token: The bearer token to show, or a function that returns it, called once for
                the connection.
            headers: More headers of the opening request. The app-server answers every request
                that has an ``Origin`` with 403, so none is sent.
            ssl_context: How to check the server of a ``wss://`` URL; ``None`` for the
                authorities that this system trusts.
            allow_plaintext_token: Whether a token may go over ``ws://`` to another machine,
                where everybody on the way can read it.
            max_size: The longest message to take, in bytes; a longer one ends the connection.
            max_send_size: The longest message to send, in bytes.
            open_timeout: How long the opening may take, in seconds; the time to look up the
                host's name does not count.

        Raises:
            InvalidArgumentError: The URL or a header is malformed, or the token would go
                unencrypted to another machine.
            UsageError: The extra is not installed.
        """
        from codex_app_server_rpc.transports._websocket.endpoint import Endpoint
        from codex_app_server_rpc.transports._websocket.frames import Frames

        endpoint = Endpoint.of_url(
            url,
            headers or {},
            has_token=token is not None,
            allow_plaintext=allow_plaintext_token,
        )
        frames = Frames(endpoint, max_size=max_size, max_send_size=max_send_size)
        super().__init__(endpoint, frames, token, open_timeout, ssl_context)


class UnixSocketTransport(_SocketTransport):
    """Speaks with an app-server that listens on a unix socket (``unix://PATH``).

    Needs the extra ``websocket``, which is the package websockets.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        token: str | Callable[[], str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_size: int = DEFAULT_MAX_SIZE,
        max_send_size: int = DEFAULT_MAX_SEND_SIZE,
        open_timeout: float = DEFAULT_OPEN_TIMEOUT,
    ) -> None:
        """Keep where to connect; nothing is opened before ``start``.

        Args:
            path: The socket's path.
            token: The bearer token to show, or a function that returns it, called once for
                the connection; for a socket that is forwarded to a server that asks for one.
            headers: More headers of the opening request.
            max_size: The longest message to take, in bytes; a longer one ends the connection.
            max_send_size: The longest message to send, in bytes.
            open_timeout: How long the opening may take, in seconds.

        Raises:
            InvalidArgumentError: A header is malformed.
            UsageError: The extra is not installed, or this Python has no unix sockets.
        """
        from codex_app_server_rpc.transports._websocket.endpoint import Endpoint
        from codex_app_server_rpc.transports._websocket.frames import Frames

        endpoint = Endpoint.of_socket(path, headers or {})
        frames = Frames(endpoint, max_size=max_size, max_send_size=max_send_size)
        super().__init__(endpoint, frames, token, open_timeout)


def not_taken(timeout: float | None) -> CodexTimeoutError:
    """Make the error for a message that the server did not take in time."""
    limit = timeout or 0.0
    text = f"the app-server did not take a message within {limit:g} s"
    return CodexTimeoutError(text, timeout=limit)
