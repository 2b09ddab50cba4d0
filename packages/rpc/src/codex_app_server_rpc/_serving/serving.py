"""Who answers the server's requests in the sync client: handlers, each in a thread of its own.

The reader only hands the requests over. What has no handler is answered by one helper thread,
which also watches the handlers' deadlines, and starts what a finaliser may not do itself, such as
interrupting a turn. It starts when it is first needed.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections import deque
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, cast

from codex_app_server_rpc._primitives import Signal
from codex_app_server_rpc._serving.answering import MAX_WAITING, Answering, named
from codex_app_server_rpc._serving.helper import JOIN_GRACE, HelperThread
from codex_app_server_rpc.core.inbound import LATER
from codex_app_server_rpc.errors import (
    RequestResolvedError,
    RequestTimeoutError,
    TransportClosedError,
)
from codex_app_server_rpc.loggers import REQUESTS, logger
from codex_app_server_rpc.threads import discard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from codex_app_server_rpc._sync.link import Link
    from codex_app_server_rpc.core.inbound import ServerRequest
    from codex_app_server_rpc.deadline import Deadline
    from codex_app_server_rpc.generated.server_requests import ServerRequestHandlers

__all__ = ["Serving"]

_logger = logger(REQUESTS)


class Serving:
    """Serves the server's requests of one link."""

    def __init__(
        self, link: Link, handlers: ServerRequestHandlers, *, timeout: float | None
    ) -> None:
        """Serve by a set of handlers.

        Args:
            link: The connection.
            handlers: Who answers.
            timeout: How long a handler may take, its time in line included, in seconds; ``None``
                for no limit.
        """
        self._link = link
        self._answering = Answering(link.connection, handlers, link.lock)
        self._timeout = timeout
        self._helper = HelperThread()
        self._lock = threading.Lock()
        self._at_work = 0
        self._line: deque[ServerRequest] = deque()
        # By identity: the server may use an id again while its first handler is still at work.
        self._cancels: dict[int, Callable[[], None]] = {}
        self._deadlines: dict[int, Callable[[], None]] = {}
        self._threads: set[threading.Thread] = set()  # all but the helper

    def serve(self, requests: Iterable[ServerRequest]) -> None:
        """See to it that requests are answered; does not block."""
        for request in requests:
            if self._answering.handler(request) is None:
                self._later(request, self._answering.safe_reply)
            elif self._take_on(request):
                self._run(partial(self._work, request), name=f"codex-{request.method}")

    def withdraw(self, requests: Iterable[ServerRequest]) -> None:
        """Cancel the handlers of requests that want no reply any more, where that can be done.

        A coroutine is cancelled. A plain function cannot be: it runs on, and its answer is dropped.
        """
        for request in requests:
            self._deadlines.pop(id(request), _nothing)()
            cancel = self._cancels.get(id(request))
            if cancel is not None:
                cancel()

    def respond(self, request: ServerRequest, response: object, deadline: Deadline) -> None:
        """Answer a request in place of its handler; see `Client.respond`."""
        data = self._answering.reply(request, response)
        if not data:
            self._link.connection.check_open()  # its end would be the reason
            raise RequestResolvedError(request.method, request.id)
        self.withdraw([request])
        sending = _Sending(partial(self._send, request, data))
        if not self._helper.put(sending):  # the connection was lost meanwhile
            raise (self._link.connection.closed or TransportClosedError()).again()
        if not sending.over.wait(deadline.remaining()):
            assert deadline.limit is not None
            raise RequestTimeoutError(request.method, timeout=deadline.limit, phase="sending")
        if sending.error is not None:
            raise sending.error

    def prepare(self) -> None:
        """Start the helper thread: needed before `do_later`."""
        self._helper.start()

    def do_later(self, job: Callable[[], object]) -> bool:
        """Let something be done soon, in a thread of its own; may be called from a finaliser.

        Returns:
            Whether it will be done.
        """
        # The helper's other jobs shall not wait for what may take seconds.
        return self._helper.put_from_finaliser(lambda: self._run(job, name="codex-aside"))

    def lose(self) -> None:
        """Give up all that is at work or waits: the connection is lost. Does not wait."""
        self._line.clear()
        self._deadlines.clear()
        for cancel in list(self._cancels.values()):
            cancel()
        self._helper.end()

    def close(self) -> None:
        """Give up all that is at work or waits, and wait a moment for the threads to end."""
        self.lose()
        self._helper.close()
        end = monotonic() + JOIN_GRACE
        for thread in list(self._threads):
            if thread is not threading.current_thread():  # a handler may close its client
                thread.join(max(0.0, end - monotonic()))

    def _run(self, job: Callable[[], object], *, name: str) -> None:
        """Do something in a thread of its own."""

        def run() -> None:
            try:
                job()
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError:  # the interpreter exits: no new threads
            self._threads.discard(thread)
            job()

    def _take_on(self, request: ServerRequest) -> bool:
        """Tell whether a thread should be started for a request; else it waits in line."""
        if self._timeout is not None:
            self._deadlines[id(request)] = self._helper.put_after(
                self._timeout, lambda: self._overdue(request)
            )
        with self._lock:
            if self._at_work < self._answering.places(request):
                self._at_work += 1
                return True
            if len(self._line) < MAX_WAITING:
                self._line.append(request)
                return False
        self._deadlines.pop(id(request), _nothing)()
        self._later(request, self._answering.refused)
        return False

    def _work(self, request: ServerRequest) -> None:
        """Serve one request, and then what waits in line."""
        current: ServerRequest | None = request
        while current is not None:
            if self._answering.is_open(current):
                self._send(current, self._reply_to(current))
            if not self._answering.is_open(current):  # else it is answered later
                self._deadlines.pop(id(current), _nothing)()
            with self._lock:
                current = None
                self._at_work -= 1
                if self._line and self._at_work < self._answering.places(self._line[0]):
                    self._at_work += 1
                    current = self._line.popleft()

    def _reply_to(self, request: ServerRequest) -> bytes:
        answering = self._answering
        handler = answering.handler(request)
        assert handler is not None  # `serve` has seen to that
        try:
            response = handler(answering.argument(request))
            if inspect.isawaitable(response):
                response = self._result_of(request, response)
            return answering.outcome(request, response)
        except BaseException as error:  # the thread is the handler's own: nobody else hears it
            return answering.failed(request, error)

    def _result_of(self, request: ServerRequest, awaitable: object) -> object:
        """Run what an async handler returned, on an event loop of its own.

        Returns:
            `LATER`, for the answer is sent already.
        """
        import asyncio  # not needed by a program whose handlers are plain functions

        own = threading.get_ident()

        async def wait() -> object:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            assert task is not None

            def cancel() -> None:
                if threading.get_ident() == own:  # the handler itself has brought it about
                    return
                with contextlib.suppress(RuntimeError):  # it has just ended, and its loop with it
                    loop.call_soon_threadsafe(task.cancel)

            self._cancels[id(request)] = cancel
            try:
                if not self._answering.is_open(request):  # it was withdrawn before this
                    discard(awaitable)
                    raise asyncio.CancelledError
                response = await cast("Awaitable[object]", awaitable)
                # Now: the loop does not end before what the handler has left on it, such as a
                # task that will not be cancelled.
                self._send(request, self._answering.outcome(request, response))
                return LATER
            finally:
                del self._cancels[id(request)]

        return asyncio.run(wait())

    def _overdue(self, request: ServerRequest) -> None:
        assert self._timeout is not None
        data = self._answering.overdue(request, self._timeout)
        if data:
            self.withdraw([request])
            self._send(request, data)
        else:
            self._deadlines.pop(id(request), _nothing)()

    def _later(self, request: ServerRequest, make_reply: Callable[[ServerRequest], bytes]) -> None:
        self._helper.put(lambda: self._send(request, make_reply(request)))

    def _send(self, request: ServerRequest, data: bytes) -> Exception | None:
        """Send a reply, and give what went wrong, which is logged too: nobody may wait for it."""
        if not data:
            return None
        try:
            self._link.transport.send(data)
        except TransportClosedError as error:
            _logger.info("the connection closed before the reply to %s", named(request))
            return error
        except Exception as error:  # there are others to be served
            _logger.exception("the reply to %s was lost", named(request))
            return error
        return None


class _Sending:
    """A reply that is being sent, whether or not anybody waits for that."""

    def __init__(self, send: Callable[[], Exception | None]) -> None:
        self.over = Signal()
        self.error: Exception | None = None
        self._send = send

    def __call__(self) -> None:
        self.error = self._send()
        self.over.notify()


def _nothing() -> None:
    """Call off a deadline that there is not."""
