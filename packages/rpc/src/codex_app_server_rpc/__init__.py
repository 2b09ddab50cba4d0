"""The raw client of the Codex app-server: the whole protocol, typed, with no opinion.

    from codex_app_server_rpc import Client, ClientIdentity, StdioTransport

    transport = StdioTransport(["codex", "app-server"])
    with Client(transport, identity=ClientIdentity("my_tool", "1.0")) as client:
        print(client.model_list().data)

`Client` and `AsyncClient` have one keyword-only method for every request of the protocol:
``thread/name/set`` is ``thread_name_set``. Everything is loaded when it is first touched.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codex_app_server_types import UNSET, Unset

    from codex_app_server_rpc.async_client import AsyncClient
    from codex_app_server_rpc.async_stdio import AsyncStdioTransport
    from codex_app_server_rpc.async_streams import (
        AsyncNotificationStream,
        AsyncTurnStream,
    )
    from codex_app_server_rpc.client import Client
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
        TransportClosedError,
        TransportError,
        UsageError,
    )
    from codex_app_server_rpc.generated.server_requests import (
        AsyncServerRequestHandlers,
        ServerRequestHandlers,
    )
    from codex_app_server_rpc.handshake import ClientIdentity
    from codex_app_server_rpc.notification import (
        Notification,
        UnknownNotification,
    )
    from codex_app_server_rpc.session import (
        Session,
        SessionCounters,
        SessionState,
    )
    from codex_app_server_rpc.stdio import StdioTransport
    from codex_app_server_rpc.streams import (
        NotificationStream,
        TurnStream,
    )
    from codex_app_server_rpc.transport import (
        AsyncTransport,
        Transport,
    )

__all__ = [
    "UNSET",
    "AsyncClient",
    "AsyncNotificationStream",
    "AsyncServerRequestHandlers",
    "AsyncStdioTransport",
    "AsyncTransport",
    "AsyncTurnStream",
    "Client",
    "ClientIdentity",
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
    "Notification",
    "NotificationStream",
    "ParseError",
    "ProtocolError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "ServerBusyError",
    "ServerRequestHandlers",
    "Session",
    "SessionCounters",
    "SessionState",
    "StdioTransport",
    "Transport",
    "TransportClosedError",
    "TransportError",
    "TurnStream",
    "UnknownNotification",
    "Unset",
    "UsageError",
]

_HOMES: Final = {
    "AsyncClient": "codex_app_server_rpc.async_client",
    "AsyncNotificationStream": "codex_app_server_rpc.async_streams",
    "AsyncServerRequestHandlers": "codex_app_server_rpc.generated.server_requests",
    "AsyncStdioTransport": "codex_app_server_rpc.async_stdio",
    "AsyncTransport": "codex_app_server_rpc.transport",
    "AsyncTurnStream": "codex_app_server_rpc.async_streams",
    "Client": "codex_app_server_rpc.client",
    "ClientIdentity": "codex_app_server_rpc.handshake",
    "Notification": "codex_app_server_rpc.notification",
    "NotificationStream": "codex_app_server_rpc.streams",
    "ServerRequestHandlers": "codex_app_server_rpc.generated.server_requests",
    "Session": "codex_app_server_rpc.session",
    "SessionCounters": "codex_app_server_rpc.session",
    "SessionState": "codex_app_server_rpc.session",
    "StdioTransport": "codex_app_server_rpc.stdio",
    "Transport": "codex_app_server_rpc.transport",
    "TurnStream": "codex_app_server_rpc.streams",
    "UNSET": "codex_app_server_types",
    "UnknownNotification": "codex_app_server_rpc.notification",
    "Unset": "codex_app_server_types",
}
"""Where the public names live that are not errors; those live in `codex_app_server_rpc.errors`."""


def __getattr__(name: str) -> object:
    """Load a public name when it is first touched (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "codex_app_server_rpc.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
