"""The Python SDK of the Codex app-server.

    from openai_codex import Codex

    with Codex() as codex:
        thread = codex.thread_start()
        result = thread.run("What does this project do?")
        print(result.final_response)

`AsyncCodex` mirrors `Codex` name for name, with ``await``. `Codex` starts its runtime at once,
`AsyncCodex` when its context is entered, or with the first call that needs it. A *thread* is a
conversation; a *turn* is one run of the model inside it, made of *items* (messages, commands, file
changes).

Everything here is loaded when it is first touched: importing the package builds nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from openai_codex._version import __version__

if TYPE_CHECKING:
    from codex_app_server_rpc import ClientStats, Notification, OverloadRetry
    from codex_app_server_types import UNSET, Unset

    from openai_codex._async.codex import AsyncCodex
    from openai_codex._async.thread import AsyncThread
    from openai_codex._async.turn import AsyncTurnEvents, AsyncTurnHandle
    from openai_codex._sync.codex import Codex
    from openai_codex._sync.thread import Thread
    from openai_codex._sync.turn import TurnEvents, TurnHandle
    from openai_codex.config import CodexConfig
    from openai_codex.errors import (
        ArgumentTypeError,
        CodexError,
        CodexRpcError,
        CodexTimeoutError,
        IncompleteTurnError,
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
        RuntimeNotFoundError,
        RuntimeTooOldError,
        ServerBusyError,
        SlowConsumerError,
        ThreadArchivedError,
        ThreadBusyError,
        ThreadInUseError,
        ThreadNotFoundError,
        TransportClosedError,
        TransportError,
        TurnFailedError,
        TurnIdleTimeoutError,
        TurnTimeoutError,
        UsageError,
    )
    from openai_codex.inputs import RunInput
    from openai_codex.metadata import Metadata, ServerInfo
    from openai_codex.results import TurnResult

__all__ = [
    "UNSET",
    "ArgumentTypeError",
    "AsyncCodex",
    "AsyncThread",
    "AsyncTurnEvents",
    "AsyncTurnHandle",
    "ClientStats",
    "Codex",
    "CodexConfig",
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
    "Metadata",
    "MethodNotFoundError",
    "Notification",
    "OverloadRetry",
    "ParseError",
    "ProtocolError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "RunInput",
    "RuntimeNotFoundError",
    "RuntimeTooOldError",
    "ServerBusyError",
    "ServerInfo",
    "SlowConsumerError",
    "Thread",
    "ThreadArchivedError",
    "ThreadBusyError",
    "ThreadInUseError",
    "ThreadNotFoundError",
    "TransportClosedError",
    "TransportError",
    "TurnEvents",
    "TurnFailedError",
    "TurnHandle",
    "TurnIdleTimeoutError",
    "TurnResult",
    "TurnTimeoutError",
    "Unset",
    "UsageError",
    "__version__",
]

_HOMES: Final = {
    "AsyncCodex": "openai_codex._async.codex",
    "AsyncThread": "openai_codex._async.thread",
    "AsyncTurnEvents": "openai_codex._async.turn",
    "AsyncTurnHandle": "openai_codex._async.turn",
    "Codex": "openai_codex._sync.codex",
    "ClientStats": "codex_app_server_rpc",
    "CodexConfig": "openai_codex.config",
    "Metadata": "openai_codex.metadata",
    "Notification": "codex_app_server_rpc",
    "OverloadRetry": "codex_app_server_rpc",
    "RunInput": "openai_codex.inputs",
    "ServerInfo": "openai_codex.metadata",
    "Thread": "openai_codex._sync.thread",
    "TurnEvents": "openai_codex._sync.turn",
    "TurnHandle": "openai_codex._sync.turn",
    "TurnResult": "openai_codex.results",
    "UNSET": "codex_app_server_types",
    "Unset": "codex_app_server_types",
}
"""Where the public names live that are not errors; those live in `openai_codex.errors`."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first touched (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "openai_codex.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
