"""One connection's state, without IO: what the sync and the async client share.

Above the session stands what waits for it: callers for their answers, consumers for their
notifications. A driver feeds bytes in, sends the bytes that come out, serves the server's
requests, and says when the connection is lost; how its callers wait is its own affair, hidden
behind `Waiter`.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from codex_app_server_rpc.core.backlog import TURN_COMPLETED
from codex_app_server_rpc.core.inbound import Failure, Resolved, Result, ServerRequest, Skipped
from codex_app_server_rpc.core.routing import Router
from codex_app_server_rpc.core.session import Session
from codex_app_server_rpc.core.window import Guest, Window
from codex_app_server_rpc.defaults import DEFAULT_MAX_IN_FLIGHT
from codex_app_server_rpc.errors import InvalidResponseError, TransportClosedError, rpc_error
from codex_app_server_rpc.notification import Notification
from codex_app_server_rpc.params import first_reason
from codex_app_server_rpc.stats import ClientStats

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.core.inbound import Inbound

__all__ = [
    "MAX_SERVER_REQUESTS",
    "Answer",
    "Arrivals",
    "Connection",
    "Sleeper",
    "Waiter",
    "get_ready",
    "result_of",
]

MAX_SERVER_REQUESTS: Final = 16_384
"""How many requests of the server wait for replies at most; one more ends the connection.

Each of them must get its reply, so none can be dropped. A server that has asked that often has not
read the replies.
"""

_OF_ITEMS: Final = "item/"

Answer: TypeAlias = Result | Failure | TransportClosedError
"""How a request can end: the two kinds of response, or the end of the connection."""

ResultT = TypeVar("ResultT")


class Sleeper(Protocol):
    """Somebody to be woken."""

    def wake(self) -> None:
        """Wake whoever waits here. Must not block."""
        ...


class Waiter(Guest, Sleeper, Protocol):
    """The place where one caller waits, first for its turn and then for its answer."""

    def resolve(self, answer: Answer) -> None:
        """Take the answer; `wake` follows."""
        ...


class Arrivals:
    """What the driver has to see to, of the input that the connection took in.

    Attributes:
        sleepers: Who is to be woken. By the driver, once it has let go of the connection: else
            they would wake up only to wait for that.
        requests: The server's requests, to be served.
        withdrawn: Requests of the server that want no reply any more.
        skipped: Lines that were no message, to be logged.
        crowded: Whether a consumer has begun to fall behind.
        fault: Why the connection must be ended now; ``None`` if all is well.
    """

    __slots__ = ("crowded", "fault", "requests", "skipped", "sleepers", "withdrawn")

    def __init__(self) -> None:
        """Start with nothing to see to."""
        self.sleepers: list[Sleeper] = []
        self.requests: list[ServerRequest] = []
        self.withdrawn: list[ServerRequest] = []
        self.skipped: list[Skipped] = []
        self.crowded: bool = False
        self.fault: TransportClosedError | None = None

    def withdraw(self, request: ServerRequest) -> None:
        """See to it that nobody works on a request any more."""
        self.withdrawn.append(request)
        # It may have come with this very input: then nobody need begin with it.
        self.requests = [one for one in self.requests if one is not request]


class Connection:
    """A session with its waiters and consumers. Not safe for several threads by itself.

    Attributes:
        session: The session core.
        router: Where notifications go.
        window: How many requests may be in flight.
        closed: Why the connection ended; ``None`` while it lives.
        retries: How often a request was sent again because the server was overloaded.
    """

    def __init__(self, *, max_in_flight: int = DEFAULT_MAX_IN_FLIGHT) -> None:
        """Start a connection that nobody waits on yet.

        Args:
            max_in_flight: How many requests may wait for their answers at once.
        """
        self.session: Session = Session()
        self.router: Router = Router()
        self.window: Window = Window(max_in_flight)
        self.closed: TransportClosedError | None = None
        self.retries: int = 0
        self._waiters: dict[int, Waiter] = {}

    def initialize(self, params: bytes, waiter: Waiter) -> tuple[int, bytes]:
        """Open the handshake.

        Args:
            params: The JSON text of ``InitializeParams``.
            waiter: Who waits for the answer.

        Returns:
            The request's id, and the bytes to send.
        """
        self.check_open()
        self._waiters[self.session.next_id] = waiter
        return self.session.initialize(params)

    def initialized(self) -> bytes:
        """Close the handshake.

        Returns:
            The bytes to send.

        Raises:
            TransportClosedError: The connection has ended.
        """
        self.check_open()
        return self.session.initialized()

    def enter(self, waiter: Waiter) -> bool:
        """Get in line for a place among the requests in flight.

        Returns:
            Whether there was one at once; if not, `Waiter.admit` is called in its time.

        Raises:
            TransportClosedError: The connection has ended.
        """
        self.check_open()
        return self.window.enter(waiter)

    def request(
        self, method: str, params: bytes | None, waiter: Waiter, trace: bytes | None = None
    ) -> tuple[int, bytes]:
        """Make a request.

        Whoever makes many requests takes a place in the `window` first.

        Args:
            method: The protocol method.
            params: The JSON text of its params; ``None`` to send none.
            waiter: Who waits for the answer.
            trace: The JSON text of the trace that it belongs to; ``None`` to send none.

        Returns:
            The request's id, and the bytes to send.

        Raises:
            TransportClosedError: The connection has ended.
        """
        self.check_open()
        # Known before the session makes it, for a Ctrl-C may come between any two steps.
        self._waiters[self.session.next_id] = waiter
        return self.session.request(method, params, trace)

    def give_up(self, waiter: Waiter, request_id: int | None) -> None:
        """Forget a request that was not answered, or not even sent; idempotent.

        Args:
            waiter: Who waited for it.
            request_id: Its id; ``None`` if the waiter was interrupted before it was told.
        """
        self.window.leave(waiter)
        if request_id is None:
            request_id = next((one for one, of in self._waiters.items() if of is waiter), None)
        if request_id is not None:
            self._waiters.pop(request_id, None)
            self.session.forget(request_id)

    def receive(self, data: bytes) -> Arrivals:
        """Take the next bytes of the server: wake callers, route notifications.

        Args:
            data: Any piece of the stream.

        Returns:
            What the driver has to see to.
        """
        if self.closed is not None:
            return Arrivals()
        return self._dispatch(self.session.receive(data))

    def lose(self, error: TransportClosedError) -> Arrivals:
        """End the connection: everybody who waits is told the error; idempotent.

        Returns:
            What the driver has to see to.
        """
        if self.closed is not None:
            return Arrivals()
        arrivals = self._dispatch(self.session.receive_eof())
        self.closed = error
        self.session.close()
        self.window.close()
        for waiter in self._waiters.values():
            self.window.leave(waiter)
            waiter.resolve(error)
            arrivals.sleepers.append(waiter)
        self._waiters.clear()
        self.router.close(error)
        arrivals.requests.clear()  # nobody can be told the answer
        return arrivals

    def stats(self) -> ClientStats:
        """Take a snapshot of the connection's numbers."""
        counters, router = self.session.counters, self.router
        feeds = list(router.feeds())
        return ClientStats(
            in_flight=self.session.pending,
            waiting=self.window.waiting,
            server_requests=len(self.session.server_requests),
            active_turns=len(router.active),
            consumers=len(feeds),
            queued=sum(map(len, feeds)),
            received=counters.received,
            dropped=router.unconsumed + router.losses.missed,
            missed=router.losses.missed,
            merged=router.losses.merged,
            skipped=counters.skipped,
            unknown=counters.unknown,
            unmatched=counters.unmatched,
            retries=self.retries,
        )

    def reply(self, request: ServerRequest, result: bytes) -> bytes:
        """Answer a request of the server; its turn is not idle any more.

        Args:
            request: The request.
            result: The JSON text of the result.

        Returns:
            The bytes to send; empty if the request is no longer open.
        """
        self._touch(request)
        return self.session.reply(request, result)

    def reply_error(self, request: ServerRequest, code: int, message: str) -> bytes:
        """Answer a request of the server with an error; see `reply` and `Session.reply_error`."""
        self._touch(request)
        return self.session.reply_error(request, code, message)

    def waits_for_client(self, thread_id: str, turn_id: str) -> bool:
        """Tell whether a request of the server, made for a turn, waits for this side's reply."""
        return self.session.server_requests.wait_in(thread_id, turn_id)

    def withdraw_items_of(self, thread_id: str, turn_id: str) -> list[ServerRequest]:
        """Give up what was asked for the items of a turn that the server is about to end.

        Returns:
            The requests, at which handlers may be at work.
        """
        withdrawn = self._open_of_items(thread_id, turn_id)
        for request in withdrawn:
            self.session.withdraw(request)
        return withdrawn

    def check_open(self) -> None:
        """Raise the error that ended the connection, if it has ended."""
        if self.closed is not None:
            raise self.closed.again()

    def _touch(self, request: ServerRequest) -> None:
        thread_id = request.address[0]
        if thread_id is not None:
            self.router.touch(thread_id)
            for feed in self.router.touched():
                feed.wake()

    def _dispatch(self, events: list[Inbound]) -> Arrivals:
        route = self.router.route
        arrivals = Arrivals()
        for event in events:
            if type(event) is Notification:
                route(event)
                if event.method == TURN_COMPLETED and self.session.server_requests:
                    self._withdraw_items_of(event, events, arrivals)
            else:
                self._keep(event, arrivals)
        touched = self.router.touched()
        arrivals.sleepers += touched
        arrivals.crowded = any(feed.backlog.is_crowded for feed in touched)
        return arrivals

    def _keep(self, event: Inbound, arrivals: Arrivals) -> None:
        if isinstance(event, (Result, Failure)):
            waiter = self._waiters.pop(event.id, None)
            if waiter is not None:
                self.window.leave(waiter)
                waiter.resolve(event)
                arrivals.sleepers.append(waiter)
        elif isinstance(event, ServerRequest):
            arrivals.requests.append(event)
            if len(self.session.server_requests) > MAX_SERVER_REQUESTS:
                arrivals.fault = TransportClosedError(
                    f"the app-server does not read: {MAX_SERVER_REQUESTS} of its requests wait "
                    "for replies"
                )
        elif isinstance(event, Skipped):
            arrivals.skipped.append(event)
        elif isinstance(event, Resolved):
            self.router.route(event)
            if event.request is not None:
                arrivals.withdraw(event.request)

    def _withdraw_items_of(
        self, ended: Notification, events: list[Inbound], arrivals: Arrivals
    ) -> None:
        """Give up what was asked for the items of a turn that is over: nobody waits for replies.

        The runtime does not say so of a tool call. What is asked for no item may well be waited
        for: the elicitation of an MCP server only happens to come in a turn.
        """
        # The session knows the whole input by now, and so what is asked after the turn's end.
        later = list(takewhile(lambda event: event is not ended, reversed(events)))
        for request in self._open_of_items(*ended.address):
            if not any(request is event for event in later):
                self.session.withdraw(request)
                arrivals.withdraw(request)

    def _open_of_items(self, thread_id: str | None, turn_id: str | None) -> list[ServerRequest]:
        """List the requests that were made for items of a turn, and that wait for replies."""
        if thread_id is None or turn_id is None:
            return []
        return [
            request
            for request in self.session.server_requests
            if request.address == (thread_id, turn_id) and request.method.startswith(_OF_ITEMS)
        ]


_ready: set[object] = set()


def get_ready(decode: Callable[[object], object]) -> None:
    """Build the type that a request's answer will have, while the server is at work on it.

    A type of the protocol is built when it is first used, which takes some milliseconds.

    Args:
        decode: What will build the typed result: a model's ``model_validate``, or another.
    """
    if decode not in _ready:
        _ready.add(decode)
        rebuild = getattr(getattr(decode, "__self__", None), "model_rebuild", None)
        if rebuild is not None:
            rebuild()


def result_of(
    method: str,
    answer: Answer,
    decode: Callable[[object], ResultT],
    server_version: str | None = None,
) -> ResultT:
    """Turn the answer to a request into its typed result.

    Args:
        method: The method that was requested.
        answer: How the request ended.
        decode: Builds the typed result from JSON values.
        server_version: The server's version, if it is known.

    Returns:
        The typed result.

    Raises:
        JsonRpcError: The server answered with an error; the class follows from its code.
        UnsupportedMethodError: It does not know the method.
        TransportClosedError: The connection ended first.
        InvalidResponseError: The result does not fit its type.
    """
    if isinstance(answer, TransportClosedError):
        raise answer.again()
    if isinstance(answer, Failure):
        from codex_app_server_rpc.availability import told_apart  # not before there is an error

        error = rpc_error(answer.code, answer.message, answer.data, method=method)
        raise told_apart(error, server_version)
    from codex_app_server_types.lenient import decode_leniently

    try:
        return decode_leniently(decode, answer.result)
    except ValueError as error:  # pydantic's ValidationError is one
        reason = first_reason(error)
    # Not out of pydantic's error, which shows the values: they may be the secrets of a login.
    raise InvalidResponseError(method, answer.result, reason)
