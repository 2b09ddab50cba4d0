"""Every real difference between the async and the sync half, as pairs of names.

The sync half is derived from the async one by renaming ``AsyncX`` to ``X`` and ``async_x`` to
``x``; what cannot be said by a rename stands here, twice. A program uses one half: what only one
half needs is imported where it is used, so that sync programs do not load asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from codex_app_server_rpc import ClientIdentity

from openai_codex.errors import RuntimeTooOldError, TransportClosedError
from openai_codex.launch import command_line, environment
from openai_codex.metadata import Metadata, check_runtime

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from codex_app_server_rpc import AsyncClient, Client

    from openai_codex.config import CodexConfig

__all__ = ["AsyncStarted", "Started", "async_connect", "connect"]

StartedT = TypeVar("StartedT")


class AsyncStarted(Generic[StartedT]):
    """Something that is started by whoever needs it first, once."""

    def __init__(self, start: Callable[[], Awaitable[StartedT]]) -> None:
        """Keep what starts it; nothing happens yet."""
        import asyncio

        self._start = start
        self._lock = asyncio.Lock()
        self._starting: asyncio.Future[StartedT] | None = None
        self._value: StartedT | None = None
        self._closed = False

    @property
    def value(self) -> StartedT | None:
        """What was started; ``None`` before, and after `take`."""
        return self._value

    async def get(self) -> StartedT:
        """Start it if nobody has, and give it.

        Raises:
            TransportClosedError: It was taken away to be closed.
        """
        if self._value is not None:
            return self._value
        async with self._lock:
            if self._closed:
                raise TransportClosedError("this client is closed")
            if self._value is None:
                self._value = await self._finish_start()
            return self._value

    async def take(self) -> StartedT | None:
        """Give what was started, if anything, for good: nobody gets it after this.

        A start that is in work is given up.
        """
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
        async with self._lock:
            value, self._value = self._value, None
            return value

    async def _finish_start(self) -> StartedT:
        import asyncio

        # In a task of its own, to be given up without cancelling the caller's.
        starting = self._starting = asyncio.ensure_future(self._start())
        try:
            return await starting
        except asyncio.CancelledError:
            if self._closed:
                raise TransportClosedError("this client was closed while it started") from None
            raise
        finally:
            self._starting = None


class Started(Generic[StartedT]):
    """Something that is started at once."""

    def __init__(self, start: Callable[[], StartedT]) -> None:
        """Start it."""
        self._value: StartedT | None = start()

    @property
    def value(self) -> StartedT | None:
        """What was started; ``None`` after `take`."""
        return self._value

    def get(self) -> StartedT:
        """Give it.

        Raises:
            TransportClosedError: It was taken away to be closed.
        """
        if self._value is None:
            raise TransportClosedError("this client is closed")
        return self._value

    def take(self) -> StartedT | None:
        """Give what was started, if anything, for good: nobody gets it after this."""
        value, self._value = self._value, None
        return value


async def async_connect(config: CodexConfig) -> AsyncClient:
    """Start the runtime and perform the handshake."""
    from codex_app_server_rpc import AsyncClient, AsyncStdioTransport

    argv = command_line(config)
    client = AsyncClient(
        AsyncStdioTransport(argv, env=environment(config), cwd=config.cwd),
        identity=_identity(config),
        experimental_api=config.experimental_api,
        request_timeout=config.request_timeout,
        max_in_flight=config.max_in_flight,
        overload_retry=config.overload_retry,
    )
    await client.start()
    try:
        check_runtime(Metadata.of(client.server), argv)
    except RuntimeTooOldError:
        await client.close()
        raise
    return client


def connect(config: CodexConfig) -> Client:
    """Start the runtime and perform the handshake."""
    from codex_app_server_rpc import Client, StdioTransport

    argv = command_line(config)
    client = Client(
        StdioTransport(argv, env=environment(config), cwd=config.cwd),
        identity=_identity(config),
        experimental_api=config.experimental_api,
        request_timeout=config.request_timeout,
        max_in_flight=config.max_in_flight,
        overload_retry=config.overload_retry,
    )
    client.start()
    try:
        check_runtime(Metadata.of(client.server), argv)
    except RuntimeTooOldError:
        client.close()
        raise
    return client


def _identity(config: CodexConfig) -> ClientIdentity:
    return ClientIdentity(
        name=config.client_name, version=config.client_version, title=config.client_title
    )
