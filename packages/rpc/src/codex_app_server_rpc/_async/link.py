"""What the parts of a client share: the connection, its lock and the way to the server.

The transport knows the link and not the client, so that a client that everybody has forgotten can
be collected, and warn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc._primitives import (
    AsyncHome,
    AsyncSignal,
    AsyncStateLock,
    async_give_way,
    async_serving,
)
from codex_app_server_rpc._skipped import SkippedLog
from codex_app_server_rpc.core.connection import Connection
from codex_app_server_rpc.errors import (
    CodexTimeoutError,
    RequestTimeoutError,
    TransportClosedError,
)
from codex_app_server_rpc.trace_context import trace_member

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from codex_app_server_rpc._primitives import AsyncServing
    from codex_app_server_rpc.core.connection import Answer, Arrivals
    from codex_app_server_rpc.core.feed import Feed
    from codex_app_server_rpc.deadline import Deadline
    from codex_app_server_rpc.generated.server_requests import AsyncServerRequestHandlers
    from codex_app_server_rpc.trace_context import TraceProvider
    from codex_app_server_rpc.transports.protocols import AsyncTransport

__all__ = ["AsyncLink", "AsyncPendingRequest"]


class AsyncLink:
    """A connection that many use.

    Attributes:
        transport: The way to the server.
        timeout: How long a request waits for its answer unless told otherwise, in seconds.
        connection: The state of the connection.
        lock: Guards it.
        home: Where it may be used.
        serving: Who answers the server's requests.
        trace: Tells which trace a request of the caller belongs to; ``None`` for nobody.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        *,
        timeout: float | None,
        max_in_flight: int,
        handlers: AsyncServerRequestHandlers | None,
        handler_timeout: float | None,
        trace: TraceProvider | None = None,
    ) -> None:
        """Prepare a connection over a transport that is not started yet."""
        self.transport: AsyncTransport = transport
        self.timeout: float | None = timeout
        self.connection: Connection = Connection(max_in_flight=max_in_flight)
        self.lock: AsyncStateLock = AsyncStateLock()
        self.home: AsyncHome = AsyncHome()
        self.serving: AsyncServing = async_serving(self, handlers, handler_timeout)
        self.trace: TraceProvider | None = trace
        self._ended = AsyncSignal()
        self._skipped = SkippedLog()
        self._closing = False

    def receive(self, data: bytes) -> None:
        """Take the next bytes of the server; called by the transport."""
        with self.lock:
            arrivals = self.connection.receive(data)
        self._see_to(arrivals)
        if arrivals.crowded:
            async_give_way()

    def lose(self, error: TransportClosedError) -> None:
        """End the connection: everybody who waits is told; idempotent."""
        with self.lock:
            arrivals = self.connection.lose(error)
        self._ended.notify()
        self._see_to(arrivals)
        if not self._closing:  # which it may be by a handler, and sees to the others itself
            self.serving.lose()

    def withdraw_items_of(self, feed: Feed) -> None:
        """Give up what the server has asked for the items of a turn that it is about to end."""
        if feed.thread_id is not None and feed.turn_id is not None:
            with self.lock:
                withdrawn = self.connection.withdraw_items_of(feed.thread_id, feed.turn_id)
            self.serving.withdraw(withdrawn)

    async def pause(self, seconds: float) -> None:
        """Wait some time, but not beyond the end of the connection."""
        if self.connection.closed is None and await self._ended.wait(seconds):
            self._ended.notify()  # others may wait as well

    async def close(self) -> None:
        """End the connection and everything that serves it; idempotent, bounded in time."""
        self._closing = True
        try:
            await self.transport.close()
        finally:
            self.lose(TransportClosedError("this client is closed"))
            await self.serving.close()

    def _see_to(self, arrivals: Arrivals) -> None:
        if arrivals.fault is not None:
            self.lose(arrivals.fault)
            self.transport.abort()
        for sleeper in arrivals.sleepers:
            sleeper.wake()
        if arrivals.skipped:
            self._skipped.write(arrivals.skipped)
        if arrivals.withdrawn:
            self.serving.withdraw(arrivals.withdrawn)
        if arrivals.requests and arrivals.fault is None:
            self.serving.serve(arrivals.requests)


class AsyncPendingRequest:
    """One request of a caller, from its place in line to its answer.

    Attributes:
        answer: How it ended; ``None`` until then.
    """

    __slots__ = (
        "_admitted",
        "_deadline",
        "_id",
        "_link",
        "_method",
        "_notice",
        "_signal",
        "_was_sent",
        "answer",
    )

    def __init__(
        self,
        link: AsyncLink,
        method: str,
        deadline: Deadline,
        *,
        notice: Callable[[], None] | None = None,
    ) -> None:
        """Prepare a request; nothing is sent yet.

        Args:
            link: Where to send it.
            method: The protocol method.
            deadline: When to give up.
            notice: Called when the answer is there; must not block.
        """
        self.answer: Answer | None = None
        self._link = link
        self._method = method
        self._deadline = deadline
        self._notice = notice
        self._id: int | None = None
        self._admitted = False
        self._was_sent = False
        self._signal = AsyncSignal()

    async def initialize(self, params: bytes) -> None:
        """Send it as the one request that may come before the handshake (``initialize``)."""
        with self._link.lock:
            self._id, data = self._link.connection.initialize(params, self)
        await self._send(data)

    async def conclude(self) -> None:
        """Say that the handshake, which this request has opened, is complete."""
        with self._link.lock:
            data = self._link.connection.initialized()
        await self._send(data)

    async def send(self, params: bytes | None, *, urgent: bool = False) -> None:
        """Send it.

        Args:
            params: The JSON text of the params.
            urgent: Whether to pass the line of those who wait for a place in flight.

        Raises:
            RequestTimeoutError: It could not be sent in time.
            TransportClosedError: The server is gone.
        """
        self._link.home.check()
        connection = self._link.connection
        trace = trace_member(self._link.trace)
        data: bytes | None = None
        with self._link.lock:
            self._admitted = urgent or connection.enter(self)
            if self._admitted:
                self._id, data = connection.request(self._method, params, self, trace)
        if data is None:
            while not self._admitted:
                if not await self._signal.wait(self._deadline.remaining()):
                    raise self.timeout("queue")
            with self._link.lock:
                self._id, data = connection.request(self._method, params, self, trace)
        await self._send(data)

    async def wait(self, deadline: Deadline | None = None) -> Answer:
        """Wait for the answer.

        Args:
            deadline: When to give up, in place of the request's own deadline.

        Raises:
            RequestTimeoutError: It did not come in time.
        """
        deadline = deadline or self._deadline
        while self.answer is None:
            if not await self._signal.wait(deadline.remaining()):
                raise self.timeout("answer", deadline)
        return self.answer

    @property
    def was_sent(self) -> bool:
        """Whether the server may know of it."""
        return self._was_sent

    def close(self) -> None:
        """Forget it, if it was not answered: an answer that still comes is counted and dropped."""
        if self.answer is None:
            with self._link.lock:
                self._link.connection.give_up(self, self._id)

    def admit(self) -> None:
        """Take notice that it is its turn."""
        self._admitted = True
        self._signal.notify()

    def resolve(self, answer: Answer) -> None:
        """Take the answer."""
        self.answer = answer

    def wake(self) -> None:
        """Wake the caller."""
        self._signal.notify()
        if self._notice is not None:
            self._notice()

    async def _send(self, data: bytes) -> None:
        self._was_sent = True
        try:
            await self._link.transport.send(data, timeout=self._deadline.remaining())
        except CodexTimeoutError as error:
            raise self.timeout("sending") from error
        except TransportClosedError as error:
            self.close()
            self.answer = self.answer or error  # there will be no other
            raise

    def timeout(
        self,
        phase: Literal["queue", "sending", "answer"],
        deadline: Deadline | None = None,
    ) -> RequestTimeoutError:
        """Make the error for a wait that took too long.

        Args:
            phase: What was waited for.
            deadline: Until when, if not until the request's own deadline.
        """
        limit = (deadline or self._deadline).limit
        assert limit is not None  # else the wait would have had no end
        return RequestTimeoutError(self._method, timeout=limit, phase=phase)
