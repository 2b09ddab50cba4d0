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
    │       ├── MethodNotFoundError    -32601
    │       ├── InvalidParamsError     -32602
    │       ├── InternalRpcError       -32603
    │       └── ServerBusyError        -32001, not executed: may be sent again
    │           └── RetryLimitExceededError
    ├── TurnFailedError                the turn failed; carries its whole result
    ├── CodexTimeoutError              a deadline passed (also a TimeoutError)
    │   ├── RequestTimeoutError        no answer to a request
    │   └── TurnTimeoutError           a turn took too long; carries what came of it
    │       └── TurnIdleTimeoutError   nothing happened in a turn for too long
    ├── SlowConsumerError              events were dropped, because nobody read them in time
    └── UsageError                     the call itself was wrong
        └── InvalidArgumentError       an argument of the wrong type or value (also a ValueError)
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
    RequestTimeoutError,
    RetryLimitExceededError,
    ServerBusyError,
    SlowConsumerError,
    TransportClosedError,
    TransportError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codex_app_server_types import ThreadItem, TurnError

    from openai_codex.results import TurnResult

__all__ = [
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
    "ParseError",
    "ProtocolError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "RuntimeNotFoundError",
    "RuntimeTooOldError",
    "ServerBusyError",
    "SlowConsumerError",
    "TransportClosedError",
    "TransportError",
    "TurnFailedError",
    "TurnIdleTimeoutError",
    "TurnTimeoutError",
    "UsageError",
]


class RuntimeNotFoundError(LaunchError):
    """No runtime program is to be found where it was looked for."""


class RuntimeTooOldError(LaunchError):
    """The runtime answered the handshake, but is older than this library can use.

    Attributes:
        version: The runtime's version.
        minimum: The oldest version that will do.
    """

    def __init__(self, *, version: str, minimum: str, argv: Sequence[str] = ()) -> None:
        """Name both versions and what to do."""
        super().__init__(
            f"the Codex runtime is {version}, but this library needs {minimum} or newer: update "
            "it, or leave codex_bin out to use the one of the package openai-codex-cli-bin",
            argv=argv,
        )
        self.version: str = version
        self.minimum: str = minimum


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


class TurnTimeoutError(CodexTimeoutError):
    """A turn took longer than its ``timeout``, and was interrupted.

    Attributes:
        result: What came of the turn. Its status is ``interrupted``; or ``completed`` if its end
            came first, or ``inProgress`` if the runtime confirmed neither in time.
    """

    def __init__(self, result: TurnResult, *, timeout: float) -> None:
        """Say which turn it was and how long it was waited for."""
        super().__init__(self._reason(result.id, timeout), timeout=timeout)
        self.result = result

    def _reason(self, turn_id: str, timeout: float) -> str:
        return f"turn {turn_id} was not over within {timeout:g} s"


class TurnIdleTimeoutError(TurnTimeoutError):
    """Nothing happened in a turn for longer than its ``idle_timeout``; it was interrupted."""

    def _reason(self, turn_id: str, timeout: float) -> str:
        return f"nothing happened in turn {turn_id} for {timeout:g} s"
