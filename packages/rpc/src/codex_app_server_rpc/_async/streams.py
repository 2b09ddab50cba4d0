"""What a consumer of notifications holds in its hand."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING
from weakref import ref

from codex_app_server_types import UNSET, Unset

from codex_app_server_rpc._async.interruption import AsyncInterruption
from codex_app_server_rpc._primitives import AsyncSignal
from codex_app_server_rpc._stopping import report, turn_in
from codex_app_server_rpc.core.backlog import Gap
from codex_app_server_rpc.core.feed import Feed
from codex_app_server_rpc.core.inbound import Result
from codex_app_server_rpc.deadline import Deadline
from codex_app_server_rpc.defaults import STOP_GRACE
from codex_app_server_rpc.errors import (
    CodexError,
    CodexTimeoutError,
    RequestTimeoutError,
    SlowConsumerError,
    TransportClosedError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from types import TracebackType

    from typing_extensions import Self

    from codex_app_server_rpc._async.link import AsyncLink, AsyncPendingRequest
    from codex_app_server_rpc._primitives import AsyncJob
    from codex_app_server_rpc.core.routing import IfBusy
    from codex_app_server_rpc.notification import Notification
    from codex_app_server_rpc.starting import TurnStart

__all__ = ["AsyncNotificationStream", "AsyncTurnStream"]


class AsyncNotificationStream:
    """An async iterator over notifications; each is delivered once, to whoever asks first.

    It ends when it is closed; if the connection is lost, `TransportClosedError` is raised once
    everything that had arrived was read. A consumer that falls far behind gets text deltas
    merged, and beyond that `SlowConsumerError` in the place of what was dropped. Made by
    `AsyncClient.subscribe`. One that is forgotten is closed.
    """

    def __init__(
        self,
        link: AsyncLink,
        *,
        thread_id: str | None = None,
        methods: Collection[str] | None = None,
    ) -> None:
        """Prepare to listen; use `AsyncClient.subscribe`."""
        self._link = link
        self._signal = AsyncSignal()
        self._active_at = monotonic()
        self._feed = Feed(
            partial(_wake, ref(self)),  # so that a stream can be forgotten that nobody has closed
            thread_id=thread_id,
            methods=methods,
            losses=link.connection.router.losses,
        )

    def open(self) -> Self:
        """Begin to listen; the client has done so."""
        try:
            with self._link.lock:
                self._register()
        except BaseException:  # Ctrl-C
            self._release()
            raise
        return self

    @property
    def active_at(self) -> float:
        """When something last happened that belongs here, on the clock of `time.monotonic`."""
        return self._active_at

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will arrive; what has arrived can still be read."""
        return self._feed.ended

    def __aiter__(self) -> AsyncIterator[Notification]:
        """Iterate over what comes."""
        return self

    async def __anext__(self) -> Notification:
        """Wait for the next notification, without a deadline."""
        notification = await self.next()
        if notification is None:
            raise StopAsyncIteration
        return notification

    async def next(self, timeout: float | None = None) -> Notification | None:
        """Wait for the next notification.

        Args:
            timeout: How long to wait at most, in seconds; ``None`` for no limit.

        Returns:
            The notification, or ``None`` at the end of the stream.

        Raises:
            CodexTimeoutError: Nothing came in time.
            SlowConsumerError: Notifications were dropped here; the stream goes on.
            TransportClosedError: The connection is gone.
        """
        taken = self._feed.taken
        deadline: Deadline | None = None
        while True:
            try:
                waiting = taken.popleft()
            except IndexError:
                pass
            else:
                if isinstance(waiting, Gap):
                    raise SlowConsumerError(waiting.dropped, only_deltas=waiting.only_deltas)
                return waiting
            if self._take():
                self._end()
                return None
            self._link.home.check()
            if taken:
                continue
            if deadline is None:
                deadline = Deadline(timeout)
            if not await self._signal.wait(deadline.remaining()):
                assert timeout is not None
                raise CodexTimeoutError(f"no notification within {timeout:g} s", timeout=timeout)

    async def close(self) -> None:
        """Stop listening; idempotent."""
        self._release()

    async def __aenter__(self) -> Self:
        """Return the stream itself."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self.close()

    def __del__(self) -> None:
        """Stop listening."""
        feed: Feed | None = getattr(self, "_feed", None)  # Ctrl-C may have come before it was made
        if feed is not None and not feed.ended:
            self._link.serving.do_later(self.close)

    def _register(self) -> None:
        self._link.connection.router.subscribe(self._feed)

    def _release(self) -> None:
        with self._link.lock:
            self._link.connection.router.release(self._feed)

    def _take(self) -> bool:
        """Take what has arrived.

        Returns:
            Whether that is nothing, and nothing more will come.
        """
        feed = self._feed
        with self._link.lock:
            feed.take()
            ended = feed.ended
        if len(feed.taken) > 1 or ended:
            self._signal.notify()  # others may wait as well
        return ended and not feed.taken

    def _end(self) -> None:
        self._signal.notify()  # if others wait as well, they learn of the end one by one
        if isinstance(self._feed.error, TransportClosedError):
            raise self._feed.error.again()

    def wake(self) -> None:
        """Take notice of an event."""
        self._active_at = monotonic()
        if self._feed.ended or len(self._feed.backlog):
            self._signal.notify()


def _wake(stream: ref[AsyncNotificationStream]) -> None:
    """Wake a stream, if somebody still has it."""
    listening = stream()
    if listening is not None:
        listening.wake()


class AsyncTurnStream(AsyncNotificationStream):
    """The notifications of one turn, ended by its ``turn/completed``.

    Made by `AsyncClient.start_turn`. Or made by `AsyncClient.turn_stream` before a request that
    starts a turn is sent, so that no event is lost, and bound when the response names the turn.

    Attributes:
        stop_if_forgotten: Whether the turn is stopped when nobody has the stream any more.
    """

    stop_if_forgotten: bool = False
    _is_left = False  # to what goes on in the background

    @property
    def thread_id(self) -> str:
        """The thread on which the turn runs."""
        assert self._feed.thread_id is not None
        return self._feed.thread_id

    @property
    def turn_id(self) -> str | None:
        """The turn, once it is known."""
        return self._feed.turn_id

    @property
    def is_over(self) -> bool:
        """Whether the turn itself is over; a stream may be closed before that."""
        return self._feed.turn_over

    @property
    def waits_for_client(self) -> bool:
        """Whether a request that the server made for this turn waits for this side's reply."""
        turn_id = self._feed.turn_id
        with self._link.lock:
            return turn_id is not None and self._link.connection.waits_for_client(
                self.thread_id, turn_id
            )

    async def enter(self, if_busy: IfBusy, deadline: Deadline, start: TurnStart) -> None:
        """Begin to listen to a turn that is about to be started.

        Args:
            if_busy: What to do if another turn of the thread runs, or is being started. The end of
                one that is being stopped is waited for, rather than to refuse.
            deadline: How long to wait for the thread to be free.
            start: What is about to be sent.

        Raises:
            ThreadBusyError: The thread is busy, and that is refused.
            RequestTimeoutError: It was not free in time.
            TransportClosedError: The connection is gone.
        """
        signal = AsyncSignal()
        router = self._link.connection.router
        self._feed.compacting = start.compacts
        with self._link.lock:
            router.reserve(self._feed, if_busy)
            self._feed.watch(signal.notify)
        if if_busy == "refuse":
            deadline = deadline.within(STOP_GRACE)
        try:
            while not self._may_start:
                if await signal.wait(deadline.remaining()):
                    continue
                if if_busy == "refuse":
                    with self._link.lock:
                        raise router.busy(self.thread_id)
                assert deadline.limit is not None
                raise RequestTimeoutError(start.method, timeout=deadline.limit, phase="thread")
        finally:
            with self._link.lock:
                self._feed.unwatch(signal.notify)
        if self._feed.ended:
            self._end()

    async def begun(self, method: str, deadline: Deadline) -> str:
        """Wait for a turn to start on the thread, and give its id.

        Args:
            method: What was sent to start it, for the error.
            deadline: How long to wait.

        Raises:
            RequestTimeoutError: None was started in time.
            TransportClosedError: The connection is gone.
        """
        turn_id = await self._begun(deadline)
        if turn_id is None:
            if self._feed.ended:
                self._end()
            assert deadline.limit is not None
            raise RequestTimeoutError(method, timeout=deadline.limit)
        return turn_id

    def bind(self, turn_id: str) -> None:
        """Give the stream its turn.

        Args:
            turn_id: The id in the response to ``turn/start``.
        """
        with self._link.lock:
            self._link.connection.router.bind(self._feed, turn_id)

    def follow(self, turn_id: str) -> None:
        """Give the stream a turn that runs already; if it does not any more, the stream ends.

        Args:
            turn_id: The turn's id.
        """
        with self._link.lock:
            self._link.connection.router.follow(self._feed, turn_id)

    async def interrupt(self, *, timeout: float | None | Unset = UNSET) -> None:
        """Ask the server to stop the turn (``turn/interrupt``).

        The turn is over when its ``turn/completed`` comes; if that is sooner than the answer,
        which the server may even leave out, it will do.

        Args:
            timeout: How long to wait, in seconds; ``None`` for no limit.

        Raises:
            JsonRpcError: The server refused; most likely the turn was over.
            RequestTimeoutError: Neither came in time.
            TransportClosedError: The server is gone.
            UsageError: The stream has no turn yet.
        """
        deadline = Deadline(self._link.timeout if isinstance(timeout, Unset) else timeout)
        interruption = self.interruption(deadline)
        was_stopping, self._feed.stopping = self._feed.stopping, True
        try:
            await interruption.begin()
            await interruption.agreed()
            self._link.withdraw_items_of(self._feed)
        except BaseException:
            self._feed.stopping = was_stopping  # somebody else may be stopping it
            raise
        finally:
            interruption.close()

    async def stop(self, timeout: float = STOP_GRACE) -> bool:
        """Interrupt the turn, wait for its end, and stop listening.

        What has arrived can still be read. Nothing is raised if the turn cannot be stopped: that
        is logged. Whoever is cancelled in this, stops waiting; the stopping goes on in the
        background.

        Args:
            timeout: How long all of it may take, in seconds.

        Returns:
            Whether the turn is over.
        """
        self._link.home.check_end()
        if not self._is_left:
            self._feed.stopping = True
            try:
                await self._stop(Deadline(timeout))
            except BaseException:
                if not self._leave_to(self._stop_and_close):
                    self._release()
                raise
            self._release()
        return self.is_over

    def stop_later(self) -> None:
        """Let the turn be stopped soon, in the background; may be called from a finaliser."""
        self._feed.stopping = True
        self._leave_to(self._stop_and_close)

    async def give_up(self, starts: list[AsyncPendingRequest], *, interrupt: bool) -> None:
        """Let go of a turn whose ``turn/start`` was given up; bounded in time.

        Whoever is cancelled in this, stops waiting; it goes on in the background.

        Args:
            starts: The requests that were made for the turn, of which the last one counts.
            interrupt: Whether to stop the turn, if it has started.
        """
        try:
            if interrupt and starts:
                self._feed.stopping = True
                await self._undo(starts[-1])
        except BaseException:
            if not self._leave_to(partial(self._undo_and_close, starts)):
                self._let_go(starts)
            raise
        self._let_go(starts)

    def interruption(self, deadline: Deadline) -> AsyncInterruption:
        """Prepare to end the turn.

        Raises:
            UsageError: The stream has no turn yet.
        """
        if self.turn_id is None:
            raise UsageError("the stream is not bound to a turn: there is nothing to interrupt")
        return AsyncInterruption(self._link, self._feed, deadline)

    @property
    def _may_start(self) -> bool:
        """Whether the turn need not wait for others of its thread, or will never start."""
        return self._feed.ended or not self._feed.waits

    def _register(self) -> None:
        self._link.connection.router.reserve(self._feed)

    def __del__(self) -> None:
        """Stop listening, and the turn if that is wished."""
        if self.stop_if_forgotten and not self._is_left and not self._feed.ended:
            self.stop_later()
        elif not self._is_left:
            super().__del__()

    def _leave_to(self, job: AsyncJob) -> bool:
        """Let the background end what was begun here: whoever is cancelled again waits no more.

        Returns:
            Whether it will; there is none any more if the connection is gone.
        """
        self._is_left = self._link.serving.do_later(job)
        return self._is_left

    async def _undo_and_close(self, starts: list[AsyncPendingRequest]) -> None:
        try:
            await self._undo(starts[-1])
        finally:
            self._let_go(starts)

    async def _undo(self, start: AsyncPendingRequest) -> None:
        """Stop the turn that a given up ``turn/start`` may have started."""
        deadline = Deadline(STOP_GRACE)
        turn_id = await self._started_by(start, deadline)
        if turn_id is not None:
            with self._link.lock:
                router = self._link.connection.router
                if not router.is_bound(self._feed):
                    router.bind(self._feed, turn_id)
            await self._stop(deadline)

    def _let_go(self, starts: list[AsyncPendingRequest]) -> None:
        self._release()
        for start in starts:
            start.close()

    async def _stop_and_close(self) -> None:
        try:
            await self._stop(Deadline(STOP_GRACE))
        finally:
            self._release()

    async def _stop(self, deadline: Deadline) -> None:
        """Interrupt the turn, if it runs, and wait for its end; log what goes wrong."""
        if self.turn_id is None or self._feed.ended:
            return
        interruption = self.interruption(deadline)
        try:
            await interruption.begin()
            await interruption.agreed()
            if not await interruption.finished():
                report(self.thread_id, self.turn_id, f"not within {deadline.limit:g} s")
        except CodexError as error:
            report(self.thread_id, self.turn_id, error)
        finally:
            interruption.close()

    async def _started_by(self, start: AsyncPendingRequest, deadline: Deadline) -> str | None:
        """Find out which turn a request that was given up has started, if any."""
        if not start.was_sent:
            return None
        try:
            answer = await start.wait(deadline)
        except RequestTimeoutError as error:
            with self._link.lock:
                turn_id = self._link.connection.router.started_turn(self._feed)
            if turn_id is None:
                report(self.thread_id, None, error)
            return turn_id
        if not isinstance(answer, Result):
            return None
        return turn_in(answer) or await self._begun(deadline)

    async def _begun(self, deadline: Deadline) -> str | None:
        """Wait for a turn to start on the thread; ``None`` if none does in time."""
        feed = self._feed
        signal = AsyncSignal()
        with self._link.lock:
            feed.watch(signal.notify)
        try:
            while True:
                with self._link.lock:
                    turn_id = self._link.connection.router.started_turn(feed)
                if turn_id is not None or feed.ended:
                    return turn_id
                if not await signal.wait(deadline.remaining()):
                    return None
        finally:
            with self._link.lock:
                feed.unwatch(signal.notify)
