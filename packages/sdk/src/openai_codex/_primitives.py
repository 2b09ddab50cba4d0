"""Every real difference between the async and the sync half, as pairs of names.

The sync half is derived from the async one by renaming ``AsyncX`` to ``X`` and ``async_x`` to
``x``; what cannot be said by a rename stands here, twice. A program uses one half: what only one
half needs is imported where it is used, so that sync programs do not load asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from openai_codex.errors import TransportClosedError, UsageError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

__all__ = ["AsyncStarted", "Started", "aside", "async_aside"]

__tracebackhide__ = True  # pytest shows the frames of users

ResultT = TypeVar("ResultT")
StartedT = TypeVar("StartedT")

_CLOSED: Final = "this client is closed: make another one"


async def async_aside(job: Callable[[], ResultT]) -> ResultT:
    """Do what blocks for a moment, such as reading a file, beside the event loop."""
    from codex_app_server_rpc.threads import in_thread

    return await in_thread(lambda _: job(), None, name="codex-aside")


def aside(job: Callable[[], ResultT]) -> ResultT:
    """Do what blocks for a moment."""
    return job()


class AsyncStarted(Generic[StartedT]):
    """Something that is started by whoever needs it first, once."""

    def __init__(self, start: Callable[[], Awaitable[StartedT]]) -> None:
        """Keep what starts it; nothing happens yet."""
        import asyncio

        self._start = start
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Task[None] | None = None
        self._value: StartedT | None = None
        self._closed = False

    @property
    def value(self) -> StartedT | None:
        """What was started, be it closed or not; ``None`` before."""
        return self._value

    @property
    def is_closed(self) -> bool:
        """Whether it was given to be closed."""
        return self._closed

    async def get(self) -> StartedT:
        """Start it if nobody has, and give it.

        Raises:
            TransportClosedError: It was given to be closed.
            UsageError: It belongs to another event loop.
        """
        if self._value is not None and not self._closed:
            return self._value
        self._settle()
        async with self._lock:
            if self._closed:
                raise TransportClosedError(_CLOSED)
            if self._value is None:
                await self._finish_start()
            assert self._value is not None
            return self._value

    async def end(self) -> StartedT | None:
        """Give what was started, if anything, to be closed: nobody else gets it after this.

        A start that is in work is given up.

        Raises:
            UsageError: It belongs to another event loop.
        """
        self._settle()
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
        async with self._lock:
            return self._value

    def _settle(self) -> None:
        """Belong to the running loop; refuse it while another one, still open, has it."""
        import asyncio

        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop) and not self._loop.is_closed():
            raise UsageError("this client belongs to another event loop: make one in each loop")
        self._loop = loop

    async def _finish_start(self) -> None:
        import asyncio

        # In a task of its own, to be given up without cancelling the caller's; and which keeps
        # what it has started even if the caller is cancelled at the same time.
        starting = self._starting = asyncio.ensure_future(self._keep())
        try:
            await starting
        except asyncio.CancelledError:
            if self._closed:
                raise TransportClosedError(
                    "this client was closed while it started: make another one"
                ) from None
            raise
        finally:
            self._starting = None

    async def _keep(self) -> None:
        self._value = await self._start()


class Started(Generic[StartedT]):
    """Something that is started at once."""

    def __init__(self, start: Callable[[], StartedT]) -> None:
        """Start it."""
        self._value = start()
        self._closed = False

    @property
    def value(self) -> StartedT | None:
        """What was started, be it closed or not."""
        return self._value

    @property
    def is_closed(self) -> bool:
        """Whether it was given to be closed."""
        return self._closed

    def get(self) -> StartedT:
        """Give it.

        Raises:
            TransportClosedError: It was given to be closed.
        """
        if self._closed:
            raise TransportClosedError(_CLOSED)
        return self._value

    def end(self) -> StartedT | None:
        """Give what was started to be closed: nobody else gets it after this."""
        self._closed = True
        return self._value
