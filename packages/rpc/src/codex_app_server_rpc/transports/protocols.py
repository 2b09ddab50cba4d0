"""What a client needs of the way to the server.

A transport moves bytes and knows nothing of the protocol. It pushes what arrives into the
callbacks that the client hands to ``start``; both are called from one thread (sync) or from the
event loop (async), and ``closed`` exactly once, last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.errors import TransportClosedError

__all__ = ["AsyncTransport", "PreparesClose", "StartsProgram", "Transport"]


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

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Send bytes, whole and in the order of the calls; callable from any thread.

        A message that could not be sent in time is either not begun, or its rest is sent before
        anything else: the server never sees half of one.

        Args:
            data: One whole message.
            timeout: How long to wait for the way to take it, in seconds; ``None`` for no limit.

        Raises:
            TransportClosedError: The server is gone.
            CodexTimeoutError: The way did not take the bytes in time.
        """
        ...

    def abort(self) -> None:
        """End the connection at once, without waiting for anything; idempotent.

        Callable from any thread and from a finaliser. ``close`` still works afterwards, and
        waits until everything is let go of.
        """
        ...

    def close(self) -> None:
        """End the connection and everything that serves it, in bounded time; idempotent.

        Callable from any thread, several at once too.
        """
        ...


@runtime_checkable
class PreparesClose(Protocol):
    """A transport, sync or async, that has to look around before anything is ended."""

    def prepare_close(self) -> None:
        """Look at what belongs to the server, while all of it is alive; does not wait.

        Called before the turns that run are interrupted, which may end what would have to be seen.
        """
        ...


@runtime_checkable
class StartsProgram(Protocol):
    """A transport, sync or async, that starts the server's program itself."""

    @property
    def argv(self) -> tuple[str, ...]:
        """The command line, the program first."""
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

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Send bytes, whole and in the order of the calls.

        Does not suspend while the way has room. Else it waits for room before it writes, so a
        call that is cancelled while it waits leaves nothing of its message behind.

        Args:
            data: One whole message.
            timeout: How long to wait for room, in seconds; ``None`` for no limit.

        Raises:
            TransportClosedError: The server is gone.
            CodexTimeoutError: There was no room in time; nothing of the message was sent.
        """
        ...

    def abort(self) -> None:
        """End the connection at once, without waiting for anything; as `Transport.abort`.

        Callable from a finaliser, and also when the event loop is closed.
        """
        ...

    async def close(self) -> None:
        """End the connection and everything that serves it, in bounded time; idempotent.

        Callable from any task, several at once too. If it is cancelled, the connection is aborted.
        """
        ...
