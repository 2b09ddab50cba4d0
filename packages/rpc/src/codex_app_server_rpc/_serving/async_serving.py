"""Who answers the server's requests in the async client: handlers, each in a task of its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections import deque
from contextlib import nullcontext
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from codex_app_server_rpc._serving.answering import MAX_WAITING, Answering, named
from codex_app_server_rpc.errors import (
    RequestResolvedError,
    RequestTimeoutError,
    TransportClosedError,
)
from codex_app_server_rpc.loggers import REQUESTS, logger
from codex_app_server_rpc.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

    from codex_app_server_rpc._async.link import AsyncLink
    from codex_app_server_rpc.core.inbound import ServerRequest
    from codex_app_server_rpc.deadline import Deadline
    from codex_app_server_rpc.generated.server_requests import AsyncServerRequestHandlers

__all__ = ["AsyncServing"]

CANCEL_GRACE: Final = 1.0
"""How long `AsyncServing.close` waits for the handlers that it cancelled, in seconds."""
LOOKING_INTERVAL: Final = 0.005
"""How often it looks whether plain handlers, which cannot be cancelled, have ended, in seconds."""

ResultT = TypeVar("ResultT")

_logger = logger(REQUESTS)


class AsyncServing:
    """Serves the server's requests of one link."""

    def __init__(
        self, link: AsyncLink, handlers: AsyncServerRequestHandlers, *, timeout: float | None
    ) -> None:
        """Serve by a set of handlers.

        Args:
            link: The connection.
            handlers: Who answers.
            timeout: How long a handler may take, its time in line included, in seconds; ``None``
                for no limit.
        """
        self._link = link
        self._answering = Answering(link.connection, handlers, nullcontext())
        self._timeout = timeout
        self._line: deque[ServerRequest] = deque()
        # By identity: the server may use an id again while its first handler is still at work.
        self._handling: dict[int, asyncio.Task[None]] = {}
        self._deadlines: dict[int, asyncio.TimerHandle] = {}
        self._unanswered: deque[tuple[ServerRequest, Callable[[ServerRequest], bytes]]] = deque()
        self._replying: asyncio.Task[object] | None = None
        self._others: set[asyncio.Task[object]] = set()
        self._threads: set[threading.Thread] = set()  # those of plain handlers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False

    def serve(self, requests: Iterable[ServerRequest]) -> None:
        """See to it that requests are answered; does not block."""
        for request in requests:
            if self._answering.handler(request) is None:
                self._later(request, self._answering.safe_reply)
                continue
            if self._timeout is not None:
                self._deadlines[id(request)] = asyncio.get_running_loop().call_later(
                    self._timeout, self._overdue, request
                )
            if len(self._handling) < self._answering.places(request):
                self._start(request)
            elif len(self._line) < MAX_WAITING:
                self._line.append(request)
            else:
                self._call_off(request)
                self._later(request, self._answering.refused)

    def withdraw(self, requests: Iterable[ServerRequest]) -> None:
        """Cancel the handlers of requests that want no reply any more.

        A plain function that runs in a thread cannot be stopped: its answer is dropped.
        """
        for request in requests:
            self._call_off(request)
            task = self._handling.get(id(request))
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    async def respond(self, request: ServerRequest, response: object, deadline: Deadline) -> None:
        """Answer a request in place of its handler; see `AsyncClient.respond`."""
        data = self._answering.reply(request, response)
        if not data:
            self._link.connection.check_open()  # its end would be the reason
            raise RequestResolvedError(request.method, request.id)
        self.withdraw([request])
        sending = self._task(self._send(request, data))  # whether or not anybody waits
        self._remember(sending)
        done, _ = await asyncio.wait({sending}, timeout=deadline.remaining())
        if not done:
            assert deadline.limit is not None
            raise RequestTimeoutError(request.method, timeout=deadline.limit, phase="sending")
        if sending.cancelled():  # by `close`: nobody has cancelled the caller
            raise (self._link.connection.closed or TransportClosedError()).again()
        error = sending.result()
        if error is not None:
            raise error

    def prepare(self) -> None:
        """Learn of the running loop: needed before `do_later`."""
        self._loop = asyncio.get_running_loop()

    def do_later(self, job: Callable[[], Coroutine[None, None, object]]) -> bool:
        """Let something be done in a task soon; may be called from a finaliser, in any thread.

        Returns:
            Whether it will be done.
        """
        if self._loop is None or self._loop.is_closed() or self._closing:
            return False
        self._loop.call_soon_threadsafe(lambda: self._keep(job()))
        return True

    def lose(self) -> None:
        """Give up all that is at work or waits: the connection is lost. Does not wait."""
        self._closing = True
        self._line.clear()
        self._unanswered.clear()
        for deadline in self._deadlines.values():
            deadline.cancel()
        self._deadlines.clear()
        for task in self._handling.values():
            if task is not asyncio.current_task():  # a handler may close its client
                task.cancel()

    async def close(self) -> None:
        """Give up all that is at work or waits, and wait a moment for tasks and threads to end."""
        self.lose()
        tasks = {*self._handling.values(), *self._others} - {asyncio.current_task()}
        for task in self._others:
            if task is not asyncio.current_task():
                task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_GRACE)
        end = monotonic() + CANCEL_GRACE
        while self._threads - {threading.current_thread()} and monotonic() < end:
            await asyncio.sleep(LOOKING_INTERVAL)

    def _start(self, request: ServerRequest) -> None:
        task = self._task(self._handle(request), name=f"codex-{request.method}")
        self._handling[id(request)] = task
        task.add_done_callback(lambda _: self._handled(request))

    def _handled(self, request: ServerRequest) -> None:
        """Serve the next in line."""
        del self._handling[id(request)]
        if not self._answering.is_open(request):  # else it is answered later
            self._call_off(request)
        while (
            self._line
            and not self._closing
            and len(self._handling) < self._answering.places(self._line[0])
        ):
            following = self._line.popleft()
            if self._answering.is_open(following):
                self._start(following)
                return
            self._call_off(following)

    def _call_off(self, request: ServerRequest) -> None:
        """Forget a request's deadline."""
        deadline = self._deadlines.pop(id(request), None)
        if deadline is not None:
            deadline.cancel()

    async def _handle(self, request: ServerRequest) -> None:
        await self._send(request, await self._reply_to(request))

    async def _reply_to(self, request: ServerRequest) -> bytes:
        answering = self._answering
        handler = answering.handler(request)
        assert handler is not None  # `serve` has seen to that
        try:
            argument = answering.argument(request)
            if inspect.iscoroutinefunction(handler):
                response: object = handler(argument)
            else:
                plain = partial(self._call_in_thread, handler)
                response = await in_thread(plain, argument, name=f"codex-{request.method}")
            if inspect.isawaitable(response):
                response = await cast("Awaitable[object]", response)
            return answering.outcome(request, response)
        except asyncio.CancelledError as error:
            if self._closing or not answering.is_open(request):
                raise
            return answering.failed(request, error)  # what the handler waited for was cancelled
        except (Exception, SystemExit) as error:  # what a handler raises ends here, with a reply
            return answering.failed(request, error)

    def _call_in_thread(self, handler: Callable[[object], object], params: object) -> object:
        thread = threading.current_thread()
        self._threads.add(thread)
        try:
            return handler(params)
        finally:
            self._threads.discard(thread)

    def _overdue(self, request: ServerRequest) -> None:
        assert self._timeout is not None
        data = self._answering.overdue(request, self._timeout)
        self._call_off(request)
        if data:
            self.withdraw([request])
            self._keep(self._send(request, data))

    def _later(self, request: ServerRequest, make_reply: Callable[[ServerRequest], bytes]) -> None:
        """Answer a request when those before it are answered, however slowly the server reads."""
        self._unanswered.append((request, make_reply))
        if self._replying is None:
            self._replying = self._keep(self._reply_to_all())

    async def _reply_to_all(self) -> None:
        try:
            while self._unanswered:
                request, make_reply = self._unanswered.popleft()
                await self._send(request, make_reply(request))
        finally:
            self._replying = None

    def _keep(self, coroutine: Coroutine[None, None, object]) -> asyncio.Task[object]:
        """Run something in a task that is not forgotten before its end."""
        task = self._task(coroutine)
        self._remember(task)
        return task

    def _remember(self, task: asyncio.Task[Any]) -> None:
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    def _task(
        self, coroutine: Coroutine[None, None, ResultT], name: str | None = None
    ) -> asyncio.Task[ResultT]:
        """Make a task that does not begin before the reader is through with its input.

        Which the loop's own factory may do: see `asyncio.eager_task_factory`.
        """
        return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), name=name)

    async def _send(self, request: ServerRequest, data: bytes) -> Exception | None:
        """Send a reply, and give what went wrong, which is logged too: nobody may wait for it."""
        if not data:
            return None
        try:
            await self._link.transport.send(data)
        except TransportClosedError as error:
            _logger.info("the connection closed before the reply to %s", named(request))
            return error
        except Exception as error:  # there are others to be served
            _logger.exception("the reply to %s was lost", named(request))
            return error
        return None
