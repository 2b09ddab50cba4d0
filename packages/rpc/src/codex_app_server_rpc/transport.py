"""What a client needs of the way to the server.

A transport moves bytes and knows nothing of the protocol. It pushes what arrives into the
callbacks that the client hands to ``start``; both are called from one thread (sync) or from the
event loop (async), and ``closed`` exactly once, last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.errors import TransportClosedError

__all__ = ["AsyncTransport", "Transport"]


class Transport(Protocol):
    """A way to the server for `codex_app_server_rpc.Client`."""

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Open the way and begin to deliver.

        Args:
            receive: Takes the next bytes of the server, in pieces of any length.
            closed: Takes the reason why no more will come.

        Raises:
            LaunchError: The server's program cannot be started.
            TransportClosedError: The server cannot be reached.
        """
        ...

    def send(self, data: bytes) -> None:
        """Send bytes, whole and in the order of the calls; callable from any thread.

        Raises:
            TransportClosedError: The server is gone.
        """
        ...

    def close(self) -> None:
        """End the connection and everything that serves it, in bounded time; idempotent."""
        ...


class AsyncTransport(Protocol):
    """A way to the server for `codex_app_server_rpc.AsyncClient`."""

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Open the way and begin to deliver; as `Transport.start`."""
        ...

    async def send(self, data: bytes) -> None:
        """Send bytes, whole and in the order of the calls; waits while the way is full.

        Raises:
            TransportClosedError: The server is gone.
        """
        ...

    async def close(self) -> None:
        """End the connection and everything that serves it, in bounded time; idempotent."""
        ...
