"""The real differences between the async and the sync half, as pairs of names.

The sync half (``_sync``) is derived from the async one (``_async``) by renaming ``AsyncX`` to
``X`` and ``async_x`` to ``x``; what cannot be said by a rename stands here, twice. A program uses
one half: what only one half needs is imported where it is used, so that sync programs do not load
asyncio.
"""

from __future__ import annotations

import contextlib
import threading
import time
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final, TypeVar

from codex_app_server_rpc.errors import InvalidArgumentError, UsageError
from codex_app_server_rpc.threads import acquire

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import TypeAlias

    from codex_app_server_rpc._async.link import AsyncLink
    from codex_app_server_rpc._serving.async_serving import AsyncServing
    from codex_app_server_rpc._serving.serving import Serving
    from codex_app_server_rpc._sync.link import Link
    from codex_app_server_rpc.generated.server_requests import (
        AsyncServerRequestHandlers,
        ServerRequestHandlers,
    )

    AsyncJob: TypeAlias = Callable[[], Coroutine[None, None, object]]
    Job: TypeAlias = Callable[[], object]

__all__ = [
    "AsyncHome",
    "AsyncJob",
    "AsyncServing",
    "AsyncSignal",
    "AsyncStateLock",
    "Home",
    "Job",
    "Serving",
    "Signal",
    "StateLock",
    "async_check_transport",
    "async_give_way",
    "async_retry",
    "async_serving",
    "check_transport",
    "give_way",
    "retry",
    "serving",
]

BREATHER: Final = 0.001
"""How long a reader gives way, in seconds."""

ResultT = TypeVar("ResultT")


class AsyncStateLock:
    """Guards a connection's state, which in one event loop needs no guard."""

    def __enter__(self) -> None:
        """Enter."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave."""


StateLock = threading.Lock
"""Guards a connection's state, which the reader and any number of callers touch.

It is never held while something blocks or is logged.
"""


class AsyncHome:
    """The event loop that a client belongs to. In another one, nobody would wake who waits."""

    def __init__(self) -> None:
        """Belong to none yet."""
        self._running: Callable[[], AbstractEventLoop] | None = None
        self._loop: AbstractEventLoop | None = None

    def settle(self) -> None:
        """Belong to the running loop."""
        from asyncio import get_running_loop

        self._running = get_running_loop
        self._loop = get_running_loop()

    def check(self) -> None:
        """Refuse to be used in another loop.

        Raises:
            UsageError: This is another loop.
        """
        if self._running is not None and self._running() is not self._loop:
            raise UsageError(
                "this client belongs to another event loop: make one client in each loop, or hand "
                "calls over with asyncio.run_coroutine_threadsafe"
            )

    def check_end(self) -> None:
        """Refuse to be ended in another loop, unless one's own is closed.

        Raises:
            UsageError: This is another loop.
        """
        if self._loop is not None and not self._loop.is_closed():
            self.check()


class Home:
    """Where a client belongs: a sync one may be used from any thread."""

    def settle(self) -> None:
        """Belong everywhere."""

    def check(self) -> None:
        """Refuse nothing."""

    def check_end(self) -> None:
        """Refuse nothing."""


class AsyncSignal:
    """Wakes whoever waits. May wake for nothing: what was waited for is to be looked at again."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._waiting: list[Future[bool]] = []

    def notify(self) -> None:
        """Wake everybody who waits now."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                _settle(future, True)

    async def wait(self, timeout: float | None) -> bool:
        """Wait to be woken.

        Not by `asyncio.wait_for`, which before Python 3.12 can swallow a cancellation, nor by
        `asyncio.wait`, which costs as much as a whole round trip should.

        Args:
            timeout: How long to wait at most, in seconds; ``None`` for no limit.

        Returns:
            Whether it was woken in time.
        """
        from asyncio import get_running_loop

        loop = get_running_loop()
        future: Future[bool] = loop.create_future()
        timer = None if timeout is None else loop.call_later(timeout, _settle, future, False)
        self._waiting.append(future)
        try:
            return await future
        finally:
            if timer is not None:
                timer.cancel()
            if future in self._waiting:  # the time was up, or the waiting was cancelled
                self._waiting.remove(future)


def _settle(future: Future[bool], woken: bool) -> None:
    if not future.done():
        future.set_result(woken)


class Signal:
    """Wakes whoever waits, one thread at a time. May wake for nothing, as `AsyncSignal`."""

    __slots__ = ("_flag",)

    def __init__(self) -> None:
        """Start with nobody woken."""
        self._flag = threading.Lock()
        self._flag.acquire()

    def notify(self) -> None:
        """Wake one who waits, or the next one who will."""
        with contextlib.suppress(RuntimeError):  # somebody is being woken already
            self._flag.release()

    def wait(self, timeout: float | None) -> bool:
        """Wait to be woken.

        Args:
            timeout: How long to wait at most, in seconds; ``None`` for no limit.

        Returns:
            Whether it was woken in time.
        """
        return acquire(self._flag, timeout)


def async_check_transport(transport: object) -> None:
    """Refuse a transport of the sync client.

    Raises:
        InvalidArgumentError: It is one, or no transport at all.
    """
    if not iscoroutinefunction(getattr(transport, "start", None)):
        raise InvalidArgumentError(
            f"AsyncClient takes an AsyncTransport, such as AsyncStdioTransport; not {transport!r}"
        )


def check_transport(transport: object) -> None:
    """Refuse a transport of the async client.

    Raises:
        InvalidArgumentError: It is one, or no transport at all.
    """
    start = getattr(transport, "start", None)
    if not callable(start) or iscoroutinefunction(start):
        raise InvalidArgumentError(
            f"Client takes a Transport, such as StdioTransport; not {transport!r}"
        )


def async_give_way() -> None:
    """Do nothing: in an event loop the consumers have their turn as it is."""


def give_way() -> None:
    """Let consumers run before the thread that reads goes on.

    It lets go of the interpreter for each piece that it reads, but has taken it again before a
    consumer wakes up, and would hold it for the whole of a switch interval: some thousand events.
    """
    time.sleep(BREATHER)


async def async_retry(
    attempt: Callable[[], Coroutine[Any, Any, ResultT]],
    rules: dict[str, Any],
    pause: Callable[[float], Coroutine[Any, Any, None]],
) -> ResultT:
    """Make an attempt, and others while the server is overloaded; see `OverloadRetry.rules`."""
    from tenacity import AsyncRetrying

    return await AsyncRetrying(**rules, sleep=pause)(attempt)


def retry(
    attempt: Callable[[], ResultT], rules: dict[str, Any], pause: Callable[[float], None]
) -> ResultT:
    """Make an attempt, and others while the server is overloaded; see `OverloadRetry.rules`."""
    from tenacity import Retrying

    return Retrying(**rules, sleep=pause)(attempt)


def async_serving(
    link: AsyncLink, handlers: AsyncServerRequestHandlers | None, timeout: float | None
) -> AsyncServing:
    """Make what answers the server's requests on a link."""
    from codex_app_server_rpc._serving.async_serving import AsyncServing
    from codex_app_server_rpc.generated.server_requests import AsyncServerRequestHandlers

    return AsyncServing(link, handlers or AsyncServerRequestHandlers(), timeout=timeout)


def serving(link: Link, handlers: ServerRequestHandlers | None, timeout: float | None) -> Serving:
    """Make what answers the server's requests on a link."""
    from codex_app_server_rpc._serving.serving import Serving
    from codex_app_server_rpc.generated.server_requests import ServerRequestHandlers

    return Serving(link, handlers or ServerRequestHandlers(), timeout=timeout)
