"""The async client's ways to a server that runs already: a WebSocket, or a unix socket.

As `websocket`, on the event loop: no thread, but for a moment the one that looks up the name of
a host, and no executor.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import ssl
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import TransportClosedError, UsageError
from codex_app_server_rpc.threads import in_thread
from codex_app_server_rpc.transports._websocket.async_channel import AsyncChannel
from codex_app_server_rpc.transports.websocket import (
    DEFAULT_MAX_SEND_SIZE,
    DEFAULT_MAX_SIZE,
    DEFAULT_OPEN_TIMEOUT,
    GOODBYE_GRACE,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Awaitable, Callable, Mapping

    from codex_app_server_rpc.transports._websocket.endpoint import Endpoint
    from codex_app_server_rpc.transports._websocket.frames import Frames

    Token = str | Callable[[], str | Awaitable[str]]

__all__ = ["AsyncUnixSocketTransport", "AsyncWebSocketTransport"]


class _AsyncSocketTransport:
    """What both have in common."""

    def __init__(
        self,
        endpoint: Endpoint,
        frames: Frames,
        token: Token | None,
        open_timeout: float,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._frames = frames
        self._token = token
        self._open_timeout = open_timeout
        self._ssl_context = ssl_context
        self._channel: AsyncChannel | None = None
        self._opening: asyncio.Task[None] | None = None
        self._open = False

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Open the connection and begin to deliver; see `AsyncTransport.start`.

        Raises:
            TransportClosedError: The server cannot be reached, refuses (the message has its
                HTTP status and reason), or does not answer within ``open_timeout``.
            InvalidArgumentError: The token cannot be sent.
        """
        if self._opening is not None:
            raise UsageError("a transport is started once; make another one")
        failed = False

        def end(reason: Exception | None) -> None:
            # Not when `start` is going to raise, or has: then nothing was opened.
            if not failed and (self._open or not self._frames.left):
                closed(self._frames.closed_error(reason))

        opening = self._opening = asyncio.ensure_future(self._connect(receive, end))
        try:
            # Not `wait_for`, which on Python 3.10 and 3.11 may swallow a cancellation.
            await asyncio.wait({opening}, timeout=self._open_timeout)
            if self._frames.left:
                raise self._frames.closed_error()
            if not opening.done():
                raise self._frames.unreachable(TimeoutError(), self._open_timeout)
            opening.result()
            self._open = True
        except (OSError, UnicodeError) as error:
            raise self._frames.unreachable(error, self._open_timeout) from error
        finally:
            if not self._open:
                failed = True
                await self._give_up(opening)

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Send messages; see `AsyncTransport.send`.

        Raises:
            TransportClosedError: The connection is closed.
            CodexTimeoutError: There was no room in time; nothing was sent.
            InvalidArgumentError: A message is longer than ``max_send_size``; nothing was sent.
        """
        channel = self._channel
        if channel is None or not self._open or self._frames.left:
            raise TransportClosedError()
        self._frames.check(data)
        await channel.send(data, timeout)

    def abort(self) -> None:
        """Drop the connection at once, without waiting; idempotent, callable from anywhere."""
        self._frames.left = True
        if self._channel is not None:
            self._channel.drop()
        opening = self._opening
        if opening is not None and not self._open:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                # `start` is at work, and cleans up after itself.
                opening.get_loop().call_soon_threadsafe(opening.cancel)

    async def close(self) -> None:
        """Close the connection: say so, wait for the server, drop it; bounded, idempotent."""
        channel = self._channel
        if channel is None or not self._open:
            self.abort()
            return
        self._frames.left = True
        try:
            channel.say_goodbye()
            await channel.wait_for_end(GOODBYE_GRACE)
        finally:  # also when this is cancelled
            channel.drop()
        await channel.wait_for_end(GOODBYE_GRACE)

    async def _connect(
        self, receive: Callable[[bytes], None], end: Callable[[Exception | None], None]
    ) -> None:
        """Connect and shake hands."""
        token = self._token() if callable(self._token) else self._token
        if inspect.isawaitable(token):
            token = await token
        headers = self._endpoint.request_headers(token)
        channel = self._channel = AsyncChannel(self._frames, headers, receive, end)
        await self._dial(channel)
        failure = await channel.opened
        if failure is not None:
            raise failure

    async def _dial(self, channel: AsyncChannel) -> None:
        """Connect, trying the addresses in turn."""
        loop = asyncio.get_running_loop()
        uri, path = self._endpoint.uri, self._endpoint.path
        if path is not None:
            await loop.create_unix_connection(lambda: channel, path)
            return
        context: ssl.SSLContext | None = None
        if uri.secure:
            context = self._ssl_context or ssl.create_default_context()
        failure: OSError | None = None
        for address in await self._addresses():
            try:
                await loop.create_connection(
                    lambda: channel,
                    address,
                    uri.port,
                    ssl=context,
                    server_hostname=uri.host if context else None,
                )
            except ssl.SSLError:
                raise  # it was reached
            except OSError as error:
                failure = failure or error
            else:
                return
        raise failure or OSError("the host has no address")

    async def _addresses(self) -> tuple[str, ...]:
        """Look up the host; in a thread of its own, and only if that asks anybody."""
        known = self._endpoint.known_addresses()
        if known is not None:
            return known
        return await in_thread(type(self._endpoint).addresses, self._endpoint, name="codex-lookup")

    async def _give_up(self, opening: asyncio.Task[None]) -> None:
        """Let go of what was opened."""
        opening.cancel()
        if self._channel is not None:
            self._channel.drop()
        await asyncio.wait({opening}, timeout=GOODBYE_GRACE)
        if opening.done() and not opening.cancelled():
            opening.exception()  # it was told already, or nobody wants to hear of it
        if self._channel is not None:
            self._channel.drop()  # it may have been connected in the meantime
            await self._channel.wait_for_end(GOODBYE_GRACE)


class AsyncWebSocketTransport(_AsyncSocketTransport):
    """Speaks with an app-server that listens on ``ws://`` or ``wss://``.

    Needs the extra ``websocket``, which is the package websockets.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token | None = None,
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
            token: The bearer token to show, or a function, also an async one, that returns it,
                called once for the connection.
            headers: More headers of the opening request. The app-server answers every request
                that has an ``Origin`` with 403, so none is sent.
            ssl_context: How to check the server of a ``wss://`` URL; ``None`` for the
                authorities that this system trusts.
            allow_plaintext_token: Whether a token may go over ``ws://`` to another machine,
                where everybody on the way can read it.
            max_size: The longest message to take, in bytes; a longer one ends the connection.
            max_send_size: The longest message to send, in bytes.
            open_timeout: How long the opening may take, in seconds.

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


class AsyncUnixSocketTransport(_AsyncSocketTransport):
    """Speaks with an app-server that listens on a unix socket (``unix://PATH``).

    Needs the extra ``websocket``, which is the package websockets.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        token: Token | None = None,
        headers: Mapping[str, str] | None = None,
        max_size: int = DEFAULT_MAX_SIZE,
        max_send_size: int = DEFAULT_MAX_SEND_SIZE,
        open_timeout: float = DEFAULT_OPEN_TIMEOUT,
    ) -> None:
        """Keep where to connect; nothing is opened before ``start``.

        Args:
            path: The socket's path.
            token: The bearer token to show, or a function, also an async one, that returns it,
                called once for the connection; for a socket that is forwarded to a server that
                asks for one.
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
