"""Every error this package raises, under one root.

::

    CodexError
    ├── TransportError                 the way to the server
    │   ├── LaunchError                the program could not be started
    │   │   └── RuntimeTooOldError     the server is older than this library can use
    │   └── TransportClosedError       the server is gone
    ├── ProtocolError                  the server sent what the protocol does not allow
    │   └── InvalidResponseError       a result that does not fit its type
    ├── JsonRpcError                   the server answered with an error
    │   └── CodexRpcError
    │       ├── ParseError             -32700
    │       ├── InvalidRequestError    -32600
    │       │   └── UnsupportedMethodError    the server's version does not have the method
    │       ├── MethodNotFoundError    -32601
    │       │   └── UnsupportedMethodError    the same: it is both
    │       ├── InvalidParamsError     -32602
    │       ├── InternalRpcError       -32603
    │       └── ServerBusyError        -32001, not executed: may be sent again
    │           └── RetryLimitExceededError
    ├── CodexTimeoutError              a deadline passed (also a TimeoutError)
    │   └── RequestTimeoutError        no answer to a request
    ├── SlowConsumerError              notifications were dropped, because nobody read them
    ├── RequestResolvedError           the server waits for no reply to a request of its own
    ├── TranscriptError                a transcript cannot be read or written
    └── UsageError                     the call itself was wrong
        ├── InvalidArgumentError       an argument of the wrong type or value (also a ValueError)
        └── ThreadBusyError            another turn of the thread is still running

What the operating system, pydantic or asyncio raise below is mapped here, once, with the
original as ``__cause__``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codex_app_server_types import JsonValue

__all__ = [
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "InternalRpcError",
    "InvalidArgumentError",
    "InvalidParamsError",
    "InvalidRequestError",
    "InvalidResponseError",
    "JsonRpcError",
    "LaunchError",
    "MethodNotFoundError",
    "ParseError",
    "ProtocolError",
    "RequestResolvedError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "RuntimeTooOldError",
    "ServerBusyError",
    "SlowConsumerError",
    "ThreadBusyError",
    "TranscriptError",
    "TransportClosedError",
    "TransportError",
    "UnsupportedMethodError",
    "UsageError",
    "rpc_error",
]


class CodexError(Exception):
    """The root of every error of this library. Its errors can be pickled and copied."""

    def __reduce__(self) -> tuple[object, ...]:
        """Carry the attributes, which most errors take as keywords, beside the arguments."""
        return _restore, (type(self), self.args, self.__dict__.copy())


class TransportError(CodexError):
    """The way to the server failed."""


class LaunchError(TransportError):
    """The app-server program could not be started.

    Attributes:
        argv: The command line, as it was to be run.
    """

    def __init__(self, message: str, *, argv: Sequence[str] = ()) -> None:
        """Keep the message and the command line."""
        super().__init__(message)
        self.argv: tuple[str, ...] = tuple(argv)


class RuntimeTooOldError(LaunchError):
    """The server answered the handshake, but is older than this library can use.

    Attributes:
        version: The server's version.
        minimum: The oldest version that will do.
    """

    def __init__(self, *, version: str, minimum: str, argv: Sequence[str] = ()) -> None:
        """Name both versions and what to do; without `argv`, somebody else has started it."""
        from codex_app_server_types.origin import RUNTIME_VERSION

        needed = f"the Codex runtime is {version}, but this library needs {minimum} or newer"
        made_for = f"openai-codex-cli-bin=={RUNTIME_VERSION}, for which it is made"
        advice = f"connect to a newer one, best that of {made_for}"
        if argv:
            ours = "as `Codex` does without codex_bin and CODEX_BIN"
            advice = f"install {made_for}, and use its program, {ours}"
        super().__init__(f"{needed}: {advice}", argv=argv)
        self.version: str = version
        self.minimum: str = minimum


class TransportClosedError(TransportError):
    """The server is gone, or the connection was closed.

    Every waiter of a connection is woken with an error of this class.

    Attributes:
        message: What happened, without how the program ended.
        exit_code: The program's exit code; negative for the signal that ended it (POSIX);
            ``None`` if it is not known or there is no child process.
        stderr_tail: The last part of what the program wrote to stderr, decoded leniently.
        argv: The command line of the program, if this side started it.
    """

    def __init__(
        self,
        message: str = "the connection to the app-server is closed",
        *,
        exit_code: int | None = None,
        stderr_tail: str = "",
        argv: Sequence[str] = (),
    ) -> None:
        """Compose the message from the parts that are known."""
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.stderr_tail = stderr_tail
        self.argv: tuple[str, ...] = tuple(argv)

    def __str__(self) -> str:
        """Say what happened, how the program ended and what it last wrote."""
        parts = [self.message]
        if self.argv:
            parts.append(f"program: {self.argv[0]}")
        if self.exit_code is not None:
            how = (
                f"exit code {self.exit_code}"
                if self.exit_code >= 0
                else f"ended by signal {-self.exit_code}"
            )
            parts.append(how)
        if self.stderr_tail:
            parts.append(f"last lines of stderr:\n{self.stderr_tail}")
        return "; ".join(parts)

    def again(self) -> TransportClosedError:
        """Return an equal error with a traceback of its own, for another waiter."""
        return type(self)(
            self.message,
            exit_code=self.exit_code,
            stderr_tail=self.stderr_tail,
            argv=self.argv,
        )


class ProtocolError(CodexError):
    """The server sent something that the protocol does not allow."""


class InvalidResponseError(ProtocolError):
    """A result arrived that does not fit the type of its method.

    The server did execute the request; nothing of its answer is lost.

    Attributes:
        method: The protocol method that was called.
        result: The result as it was decoded from JSON.
    """

    def __init__(self, method: str, result: object, reason: str) -> None:
        """Keep the raw result beside the reason."""
        super().__init__(f"the result of {method} does not fit its type: {reason}")
        self.method = method
        self.result = result


class JsonRpcError(CodexError):
    """The server answered a request with a JSON-RPC error.

    Attributes:
        code: The JSON-RPC error code.
        message: The server's own words.
        data: What the server added, decoded from JSON; ``None`` if nothing.
        method: The protocol method that was called, if known.
    """

    def __init__(
        self, code: int, message: str, data: JsonValue = None, *, method: str | None = None
    ) -> None:
        """Keep code, message and data as they came."""
        where = f"{method}: " if method else ""
        super().__init__(f"{where}{message} (code {code})")
        self.code = code
        self.message = message
        self.data = data
        self.method = method


class CodexRpcError(JsonRpcError):
    """A JSON-RPC error of a code that the app-server is known to use."""


class ParseError(CodexRpcError):
    """The server could not parse the message (-32700)."""


class InvalidRequestError(CodexRpcError):
    """The request was not valid in the server's present state (-32600)."""


class MethodNotFoundError(CodexRpcError):
    """The server does not know the method, or its store lacks it (-32601)."""


class UnsupportedMethodError(MethodNotFoundError, InvalidRequestError):
    """The server does not know the method: its version of the protocol does not have it.

    The runtime answers so with the code of an invalid request (-32600), other servers with -32601.
    `Client.supports` tells beforehand.

    Attributes:
        server_version: The server's version; ``None`` if it does not say one.
        client_version: The version of the runtime that this library is made for.
        since: The version since which the protocol has the method, as far as is known; ``None`` if
            no version that is known has it.
        until: The version since which it is gone; ``None`` if it is not.
    """

    def __init__(
        self,
        code: int,
        message: str,
        data: JsonValue = None,
        *,
        method: str | None = None,
        server_version: str | None = None,
        client_version: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> None:
        """Keep what the server said, and both versions."""
        super().__init__(code, message, data, method=method)
        self.server_version = server_version
        self.client_version = client_version
        self.since = since
        self.until = until

    def __str__(self) -> str:
        """Say which versions there are, and what to do; not all methods that the server knows."""
        server = f"the server, version {self.server_version or 'unknown'},"
        if self.until is not None:
            known = f"there since {self.since} and gone since {self.until}"
            advice = "do without it"
        elif self.since is not None:
            known, advice = f"there since {self.since}", "use another runtime"
        else:
            known, advice = "in no version that is known", "is it spelt right?"
        return (
            f"{self.method}: {server} does not know this method, which is {known}; this library is "
            f"made for {self.client_version}: {advice}, or ask supports() first (code {self.code})"
        )


class InvalidParamsError(CodexRpcError):
    """The server refused the parameters (-32602)."""


class InternalRpcError(CodexRpcError):
    """The server failed internally (-32603)."""


class ServerBusyError(CodexRpcError):
    """The server is overloaded.

    With code -32001 it did not execute the request: sending it again is safe. Other errors are of
    this class if their ``data`` says so.
    """


class RetryLimitExceededError(ServerBusyError):
    """The server reports that its own limit of retries is used up."""


class CodexTimeoutError(CodexError, TimeoutError):
    """A deadline of the caller's passed.

    Attributes:
        timeout: The time that was waited, in seconds.
    """

    def __init__(self, message: str, *, timeout: float) -> None:
        """Keep the time that was waited."""
        super().__init__(message)
        self.timeout = timeout


class RequestTimeoutError(CodexTimeoutError):
    """A request was not answered in time.

    Attributes:
        method: The protocol method that was called.
        phase: What was waited for when the time was up: ``"queue"`` for its turn, because too
            many requests were in flight (it was not sent); ``"thread"`` for the end of other
            turns of the thread (it was not sent); ``"sending"`` for a server that does not read
            (it may have been sent in part); ``"answer"`` (the server may still execute it).
    """

    def __init__(
        self,
        method: str,
        *,
        timeout: float,
        phase: Literal["queue", "thread", "sending", "answer"] = "answer",
    ) -> None:
        """Name the method, the time that was waited, and what for."""
        super().__init__(_TIMEOUT_REASONS[phase].format(method, max(timeout, 0)), timeout=timeout)
        self.method = method
        self.phase: Literal["queue", "thread", "sending", "answer"] = phase


class SlowConsumerError(CodexError):
    """The consumer of a stream fell so far behind that notifications were dropped.

    It is raised in the place of the loss; the stream goes on after it, and the end of a turn is
    never lost.

    Attributes:
        dropped: How many notifications are missing here.
        only_deltas: Whether all of them are text deltas, whose text the completed items have too.
    """

    def __init__(self, dropped: int, *, only_deltas: bool = False) -> None:
        """Say how much is lost."""
        what = "text deltas" if only_deltas else "notifications"
        super().__init__(f"{dropped} {what} were dropped here, because they were not read in time")
        self.dropped = dropped
        self.only_deltas = only_deltas


class RequestResolvedError(CodexError):
    """The server waits for no reply to this request of its own, be it that it has one already.

    Attributes:
        method: The request's method.
        request_id: The server's id of the request.
    """

    def __init__(self, method: str, request_id: str | int) -> None:
        """Name the request."""
        super().__init__(f"request {request_id!r} of the server ({method}) waits for no reply")
        self.method = method
        self.request_id = request_id


class TranscriptError(CodexError):
    """A transcript cannot be read or written, or a line of it is no record.

    Attributes:
        reason: What is wrong.
        name: The file, or what else it comes from.
        line: The number of the line, from 1; ``None`` if it is about the whole.
    """

    def __init__(self, reason: str, *, name: str, line: int | None = None) -> None:
        """Compose a sentence that says where to look."""
        super().__init__(f"{name}{'' if line is None else f', line {line}'}: {reason}")
        self.reason = reason
        self.name = name
        self.line = line


class UsageError(CodexError):
    """The call itself was wrong: nothing was sent."""


class InvalidArgumentError(UsageError, ValueError):
    """An argument has the wrong type or value: nothing was sent."""


class ThreadBusyError(UsageError):
    """Another turn of the thread is still running, or is being started; nothing was sent.

    Attributes:
        thread_id: The thread.
        turn_id: The turn that runs; ``None`` if it is not known yet.
        compacting: Whether that turn is but a compaction, which this client has started.
    """

    def __init__(self, thread_id: str, turn_id: str | None, *, compacting: bool = False) -> None:
        """Say what there is to be done."""
        turn = "a turn that is being started" if turn_id is None else f"turn {turn_id}"
        super().__init__(
            f"thread {thread_id} is busy with {turn}: wait for its end, as with if_busy='wait', or "
            "interrupt it, or use another thread to work beside it"
        )
        self.thread_id = thread_id
        self.turn_id = turn_id
        self.compacting = compacting


def _restore(
    kind: type[CodexError], arguments: tuple[object, ...], attributes: dict[str, object]
) -> CodexError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(attributes)
    return error


_TIMEOUT_REASONS: Final = {
    "queue": "{0} was not sent within {1:g} s: too many requests are in flight",
    "thread": "{0} was not sent within {1:g} s: another turn of the thread is still running",
    "sending": "the server did not read {0} within {1:g} s",
    "answer": "no answer to {0} within {1:g} s",
}
OVERLOADED: Final = -32001
"""The code of an error that says that the request was not executed, for now."""

_BY_CODE: Final[Mapping[int, type[CodexRpcError]]] = {
    -32700: ParseError,
    -32600: InvalidRequestError,
    -32601: MethodNotFoundError,
    -32602: InvalidParamsError,
    -32603: InternalRpcError,
    OVERLOADED: ServerBusyError,
}
_OVERLOAD_MARKERS: Final = frozenset({"serverOverloaded", "server_overloaded"})
_RETRY_LIMIT_MARKERS: Final = frozenset({"retryLimitExceeded", "retry_limit_exceeded"})
_MARKER_KEYS: Final = ("codexErrorInfo", "codex_error_info", "reason", "type")


def rpc_error(
    code: int, message: str, data: JsonValue = None, *, method: str | None = None
) -> JsonRpcError:
    """Make the error of the right class for what the server answered.

    The class follows from the code; an overload marker in ``data`` makes it a
    `ServerBusyError` whatever the code is, but only -32001 says that nothing was executed.

    Args:
        code: The JSON-RPC error code.
        message: The server's message.
        data: The error's ``data`` member, decoded from JSON.
        method: The protocol method that was called.

    Returns:
        An error to raise; `JsonRpcError` itself for a code that is not known.
    """
    markers = _markers(data)
    if markers & _RETRY_LIMIT_MARKERS or (code == OVERLOADED and "retry limit" in message.lower()):
        return RetryLimitExceededError(code, message, data, method=method)
    if markers & _OVERLOAD_MARKERS:
        return ServerBusyError(code, message, data, method=method)
    return _BY_CODE.get(code, JsonRpcError)(code, message, data, method=method)


def _markers(data: JsonValue) -> set[str]:
    """Collect the words in ``data`` that may tell of an overload."""
    if isinstance(data, str):
        return {data}
    if not isinstance(data, dict):
        return set()
    words = {name for name, value in data.items() if value not in (None, False)}
    for key in _MARKER_KEYS:
        value = data.get(key)
        if isinstance(value, str):
            words.add(value)
        elif isinstance(value, dict):
            words.update(value)
    return words
