"""Answering the server's requests: what both drivers share.

Every request of the server gets exactly one reply. A handler's answer is used if it is of the
right type; without a handler, or when the handler fails, the safe answer of the request's kind
goes out (`codex_app_server_rpc.answers`). The session refuses a second reply, and one to a
request that the server has resolved meanwhile.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from codex_app_server_rpc.answers import ErrorAnswer, safe_answer
from codex_app_server_rpc.core.inbound import LATER
from codex_app_server_rpc.errors import InvalidArgumentError
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_app_server_rpc.loggers import REQUESTS, logger
from codex_app_server_rpc.params import encode_params

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from codex_app_server_types import WireModel

    from codex_app_server_rpc.core.connection import Connection
    from codex_app_server_rpc.core.inbound import ServerRequest
    from codex_app_server_rpc.generated.server_requests import (
        AsyncServerRequestHandlers,
        ServerRequestHandlers,
    )

__all__ = ["MAX_AT_WORK", "MAX_WAITING", "Answering", "named"]

MAX_AT_WORK: Final = 128
"""How many handlers of one client are at work at once; the next requests wait in line."""
RESERVED: Final = 32
"""How many more may be at work on what the server waits for a short time only."""
MAX_WAITING: Final = 1024
"""How many requests wait in line; the next ones get the safe answer at once."""
MAX_WARNED: Final = 256
"""How many methods without a handler are logged: a server may make up any number of names."""

_IDS: Final = ("threadId", "turnId", "itemId", "callId", "approvalId", "conversationId")
"""What the params of requests name things by."""

_HURRIED: Final = frozenset(
    {"account/chatgptAuthTokens/refresh", "attestation/generate", "currentTime/read"}
)
"""What the server waits for some seconds at most: it must not stand in line behind people."""

_logger = logger(REQUESTS)


class Answering:
    """Turns a server request into the call of a handler, and its outcome into bytes."""

    def __init__(
        self,
        connection: Connection,
        handlers: ServerRequestHandlers | AsyncServerRequestHandlers,
        lock: AbstractContextManager[object],
    ) -> None:
        """Answer the requests of one connection by one set of handlers.

        Args:
            connection: Where the requests come from.
            handlers: Who answers them.
            lock: Guards the connection; held only while a reply is taken from it.
        """
        self._connection = connection
        self._handlers = handlers
        self._lock = lock
        self._warned: set[str] = set()
        self._refusals = 0

    def handler(self, request: ServerRequest) -> Callable[[object], object] | None:
        """Find the handler of a request; its absence is logged once per method."""
        found = self._own_handler(request.method)
        methods = self._handlers.otherwise_for
        if found is None and (methods is None or request.method in methods):
            found = self._handlers.otherwise
        if found is None:
            self._warn_once(request.method)
        return cast("Callable[[object], object] | None", found)

    def places(self, request: ServerRequest) -> int:
        """Tell how many handlers may be at work when one begins with this request."""
        return MAX_AT_WORK + (RESERVED if request.method in _HURRIED else 0)

    def argument(self, request: ServerRequest) -> object:
        """Make what a request's handler takes: the typed params, or the request itself.

        Raises:
            ProtocolError: The params do not fit their type.
        """
        return request if self._own_handler(request.method) is None else request.decode()

    def outcome(self, request: ServerRequest, response: object) -> bytes:
        """Turn what a handler has given into bytes.

        Returns:
            The bytes to send; empty if the request is to be answered later, or no longer open.

        Raises:
            InvalidArgumentError: The answer is not of the type that the request wants.
        """
        if response is LATER:
            return b""
        if response is None and self._own_handler(request.method) is None:
            if request.method not in SERVER_REQUESTS:
                self._warn_once(request.method)
            return self.safe_reply(request)
        return self.reply(request, response)

    def reply(self, request: ServerRequest, response: object) -> bytes:
        """Turn an answer into bytes.

        Returns:
            The bytes to send; empty if the request is no longer open.

        Raises:
            InvalidArgumentError: The answer is not of the type that the request wants.
        """
        import codex_app_server_types as types

        kind = SERVER_REQUESTS.get(request.method)
        name = "WireModel" if kind is None else kind.response
        wanted: type[WireModel] = getattr(types, name)
        if not isinstance(response, wanted):
            raise InvalidArgumentError(
                f"{request.method} is answered by {name}, not {type(response).__name__}"
            )
        result = encode_params(response) or b"{}"
        with self._lock:
            return self._connection.reply(request, result)

    def safe_reply(self, request: ServerRequest) -> bytes:
        """Make the safe answer to a request.

        Returns:
            The bytes to send; empty if the request is no longer open.
        """
        answer = safe_answer(request.method)
        with self._lock:
            if isinstance(answer, ErrorAnswer):
                return self._connection.reply_error(request, answer.code, answer.message)
            return self._connection.reply(request, json.dumps(answer.result).encode())

    def failed(self, request: ServerRequest, error: BaseException) -> bytes:
        """Log a handler's failure and make the safe answer in its place."""
        data = self.safe_reply(request)
        if data:
            _logger.error(
                "the handler of %s failed: the server gets the safe answer",
                named(request),
                exc_info=error,
            )
        else:
            _logger.debug("%s wants no reply any more", named(request))
        return data

    def overdue(self, request: ServerRequest, timeout: float) -> bytes:
        """Make the safe answer to a request that was not answered in time, and log it."""
        data = self.safe_reply(request)
        if data:
            _logger.error(
                "the answer to %s took more than %g s: the server gets the safe one",
                named(request),
                timeout,
            )
        return data

    def refused(self, request: ServerRequest) -> bytes:
        """Make the safe answer to a request that is one too many; log ever fewer of them."""
        self._refusals += 1
        if self._refusals & (self._refusals - 1) == 0:
            _logger.error(
                "%d requests of the server wait already: %s gets the safe answer, as did %d "
                "before it",
                MAX_WAITING,
                named(request),
                self._refusals - 1,
            )
        return self.safe_reply(request)

    def is_open(self, request: ServerRequest) -> bool:
        """Tell whether a request still waits for its reply."""
        with self._lock:
            return self._connection.session.is_open(request)

    def _own_handler(self, method: str) -> object | None:
        """Find the handler that is for this method alone."""
        kind = SERVER_REQUESTS.get(method)
        return None if kind is None else getattr(self._handlers, kind.handler)

    def _warn_once(self, method: str) -> None:
        with self._lock:
            is_new = method not in self._warned and len(self._warned) < MAX_WARNED
            if is_new:
                self._warned.add(method)
        if is_new:
            _logger.warning("%s of the server has no handler: it gets the safe answer", method)


def named(request: ServerRequest) -> str:
    """Name a request for the log, by all that it can be found by, and by no content."""
    params = request.params if isinstance(request.params, dict) else {}
    ids = {"request": request.id, **{name: params.get(name) for name in _IDS}}
    found = [f"{name} {value!r}" for name, value in ids.items() if isinstance(value, (str, int))]
    return f"{request.method} ({', '.join(found)})"
