"""Every error this library raises, under one root.

::

    CodexError
    ├── TransportError                 the way to the runtime
    │   ├── LaunchError                the program could not be started
    │   │   ├── RuntimeNotFoundError   there is no program to start
    │   │   └── RuntimeTooOldError     the program is older than this library can use
    │   └── TransportClosedError       the runtime is gone
    ├── ProtocolError                  the runtime sent what the protocol does not allow
    │   ├── InvalidResponseError       a result that does not fit its type
    │   └── IncompleteTurnError        a turn ended without the events that make its result
    ├── JsonRpcError                   the runtime answered with an error
    │   └── CodexRpcError
    │       ├── ParseError             -32700
    │       ├── InvalidRequestError    -32600
    │       │   ├── ThreadNotFoundError    there is no such thread, or it is not loaded
    │       │   ├── ThreadArchivedError    the thread is archived
    │       │   ├── ThreadInUseError       another process works on the thread
    │       │   └── UnsupportedMethodError    the runtime's version does not have the method
    │       ├── MethodNotFoundError    -32601
    │       │   └── UnsupportedMethodError    the same: it is both
    │       ├── InvalidParamsError     -32602
    │       ├── InternalRpcError       -32603
    │       └── ServerBusyError        -32001, not executed: may be sent again
    │           └── RetryLimitExceededError
    ├── TurnFailedError                the turn failed; carries its whole result
    ├── OutputValidationError          the answer is not of the type that was asked for
    ├── CodexTimeoutError              a deadline passed (also a TimeoutError)
    │   ├── RequestTimeoutError        no answer to a request
    │   └── TurnTimeoutError           a turn took too long; carries what came of it
    │       └── TurnIdleTimeoutError   nothing happened in a turn for too long
    ├── SlowConsumerError              events were dropped, because nobody read them in time
    ├── RequestResolvedError           the runtime waits for no reply to a request of its own
    ├── TranscriptError                a transcript cannot be read or written
    ├── ToolError                      raised by tools, to tell the model what went wrong
    └── UsageError                     the call itself was wrong
        ├── ArgumentTypeError          an input or keyword of the wrong kind (also a TypeError)
        ├── InvalidArgumentError       an argument of the wrong type or value (also a ValueError)
        └── ThreadBusyError            another turn of the thread is still running
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import (
    CodexError,
    CodexRpcError,
    CodexTimeoutError,
    InternalRpcError,
    InvalidArgumentError,
    InvalidParamsError,
    InvalidRequestError,
    InvalidResponseError,
    JsonRpcError,
    LaunchError,
    MethodNotFoundError,
    ParseError,
    ProtocolError,
    RequestResolvedError,
    RequestTimeoutError,
    RetryLimitExceededError,
    RuntimeTooOldError,
    ServerBusyError,
    SlowConsumerError,
    ThreadBusyError,
    TranscriptError,
    TransportClosedError,
    TransportError,
    UnsupportedMethodError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_app_server_types import CodexErrorInfo, ThreadItem, TurnError

    from openai_codex.results import TurnResult

__all__ = [
    "ArgumentTypeError",
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "IncompleteTurnError",
    "InternalRpcError",
    "InvalidArgumentError",
    "InvalidParamsError",
    "InvalidRequestError",
    "InvalidResponseError",
    "JsonRpcError",
    "LaunchError",
    "MethodNotFoundError",
    "OutputValidationError",
    "ParseError",
    "ProtocolError",
    "RequestResolvedError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "RuntimeNotFoundError",
    "RuntimeTooOldError",
    "ServerBusyError",
    "SlowConsumerError",
    "ThreadArchivedError",
    "ThreadBusyError",
    "ThreadInUseError",
    "ThreadNotFoundError",
    "ToolError",
    "TranscriptError",
    "TransportClosedError",
    "TransportError",
    "TurnFailedError",
    "TurnIdleTimeoutError",
    "TurnTimeoutError",
    "UnsupportedMethodError",
    "UsageError",
]


class RuntimeNotFoundError(LaunchError):
    """No runtime program is to be found where it was looked for."""


class ArgumentTypeError(UsageError, TypeError):
    """An input of a type that is not accepted, or a keyword that does not exist."""


class ThreadNotFoundError(InvalidRequestError):
    """There is no thread of this id, or the runtime has not loaded it."""


class ThreadArchivedError(InvalidRequestError):
    """The thread is archived."""


class ThreadInUseError(InvalidRequestError):
    """Another process works on the thread; one at a time may."""


class IncompleteTurnError(ProtocolError):
    """A turn is over, but events that its result is made of never came.

    Attributes:
        thread_id: The thread.
        turn_id: The turn.
        items: The items that were completed, in order.
    """

    def __init__(
        self, reason: str, *, thread_id: str, turn_id: str, items: Sequence[ThreadItem] = ()
    ) -> None:
        """Name the turn beside the reason."""
        super().__init__(f"turn {turn_id} of thread {thread_id}: {reason}")
        self.thread_id: str = thread_id
        self.turn_id: str = turn_id
        self.items: list[ThreadItem] = list(items)


class TurnFailedError(CodexError):
    """A turn ended with status ``failed``.

    Attributes:
        result: The whole result: what the turn did before it failed.
    """

    def __init__(self, result: TurnResult) -> None:
        """Say what the server said of the failure."""
        reason = result.error.message if result.error is not None else "the server gave no reason"
        super().__init__(f"turn {result.id} failed: {reason}")
        self.result = result

    @property
    def error(self) -> TurnError | None:
        """What the server said of the failure; ``None`` if it gave no reason."""
        return self.result.error

    @property
    def info(self) -> CodexErrorInfo | None:
        """What kind of failure it was (``codexErrorInfo``); ``None`` if the server did not say."""
        return None if self.result.error is None else self.result.error.codex_error_info or None

    @property
    def http_status(self) -> int | None:
        """The HTTP status that the model's provider answered with, where the runtime tells it.

        It does for 401, 403, 404, 429 and 503, and an old one for 429 alone; of others only
        ``error.message`` has it, if any.
        """
        return http_status(self.info)


class OutputValidationError(CodexError):
    """A turn is completed, but its final answer is not of the ``output_type`` that was asked for.

    Attributes:
        result: The whole result; it has no ``output``.
        errors: What is wrong, each as ``PLACE: REASON``.
    """

    def __init__(self, result: TurnResult, errors: Sequence[str]) -> None:
        """Say what is wrong with the answer."""
        reasons = "; ".join(errors)
        super().__init__(f"the answer of turn {result.id} is not of its output_type: {reasons}")
        self.result: TurnResult = result
        self.errors: tuple[str, ...] = tuple(errors)

    @property
    def text(self) -> str | None:
        """The answer as the model gave it; ``None`` if there is no final answer."""
        return self.result.final_response


class ToolError(CodexError):
    """Raised by a tool of this program, to tell the model what went wrong in its own words."""


def http_status(info: CodexErrorInfo | None) -> int | None:
    """Give the HTTP status in what the server says of a failure, if there is one."""
    from codex_app_server_types import WireModel

    if not isinstance(info, WireModel):
        return None
    for details in info.to_wire().values():
        status = details.get("httpStatusCode") if isinstance(details, dict) else None
        if isinstance(status, int):
            return status
    return None


class TurnTimeoutError(CodexTimeoutError):
    """A turn took longer than its ``timeout``, and was interrupted.

    Attributes:
        result: What came of the turn. Its status is ``interrupted``; or ``completed`` if its end
            came first, or ``inProgress`` if the runtime confirmed neither in time.
    """

    def __init__(self, result: TurnResult, *, timeout: float) -> None:
        """Say which turn it was and how long it was waited for."""
        trouble = f"; it was retrying: {result.retries[-1].message}" if result.retries else ""
        super().__init__(self._reason(result.id, timeout) + trouble, timeout=timeout)
        self.result = result

    def _reason(self, turn_id: str, timeout: float) -> str:
        return f"turn {turn_id} was not over within {timeout:g} s"


class TurnIdleTimeoutError(TurnTimeoutError):
    """Nothing happened in a turn for longer than its ``idle_timeout``; it was interrupted."""

    def _reason(self, turn_id: str, timeout: float) -> str:
        return f"nothing happened in turn {turn_id} for {timeout:g} s"
