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

    from codex_app_server_rpc._async.client import AsyncClient
    from codex_app_server_rpc._async.streams import (
        AsyncNotificationStream,
        AsyncTurnStream,
    )
    from codex_app_server_rpc._sync.client import Client
    from codex_app_server_rpc._sync.streams import (
        NotificationStream,
        TurnStream,
    )
    from codex_app_server_rpc.compatibility import (
        MINIMUM_RUNTIME,
        TESTED_RUNTIME,
        UntestedRuntimeWarning,
    )
    from codex_app_server_rpc.core.inbound import (
        LATER,
        Later,
        ServerRequest,
    )
    from codex_app_server_rpc.core.session import (
        Session,
        SessionCounters,
        SessionState,
    )
    from codex_app_server_rpc.defaults import (
        CLOSE_GRACE,
        DEFAULT_MAX_IN_FLIGHT,
        DEFAULT_REQUEST_TIMEOUT,
    )
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
    from codex_app_server_rpc.generated.server_requests import (
        AsyncServerRequestHandlers,
        ServerRequestHandlers,
    )
    from codex_app_server_rpc.handshake import ClientIdentity
    from codex_app_server_rpc.notification import (
        Notification,
        UnknownNotification,
    )
    from codex_app_server_rpc.recording import TranscriptRecorder
    from codex_app_server_rpc.retries import OverloadRetry
    from codex_app_server_rpc.server_version import ServerInfo
    from codex_app_server_rpc.stats import ClientStats
    from codex_app_server_rpc.trace_context import TraceContext
    from codex_app_server_rpc.transcripts import (
        TranscriptEnd,
        TranscriptHead,
        TranscriptMessage,
        TranscriptRecord,
        TranscriptSkip,
        read_transcript,
        write_transcript,
    )
    from codex_app_server_rpc.transports.async_stdio import AsyncStdioTransport
    from codex_app_server_rpc.transports.async_websocket import (
        AsyncUnixSocketTransport,
        AsyncWebSocketTransport,
    )
    from codex_app_server_rpc.transports.protocols import (
        AsyncTransport,
        Transport,
    )
    from codex_app_server_rpc.transports.recording import (
        AsyncRecordingTransport,
        RecordingTransport,
    )
    from codex_app_server_rpc.transports.stdio import StdioTransport
    from codex_app_server_rpc.transports.websocket import (
        UnixSocketTransport,
        WebSocketTransport,
    )

__all__ = [
    "CLOSE_GRACE",
    "DEFAULT_MAX_IN_FLIGHT",
    "DEFAULT_REQUEST_TIMEOUT",
    "LATER",
    "MINIMUM_RUNTIME",
    "TESTED_RUNTIME",
    "UNSET",
    "AsyncClient",
    "AsyncNotificationStream",
    "AsyncRecordingTransport",
    "AsyncServerRequestHandlers",
    "AsyncStdioTransport",
    "AsyncTransport",
    "AsyncTurnStream",
    "AsyncUnixSocketTransport",
    "AsyncWebSocketTransport",
    "Client",
    "ClientIdentity",
    "ClientStats",
    "CodexError",
    "CodexRpcError",
    "CodexTimeoutError",
    "InternalRpcError",
    "InvalidArgumentError",
    "InvalidParamsError",
    "InvalidRequestError",
    "InvalidResponseError",
    "JsonRpcError",
    "Later",
    "LaunchError",
    "MethodNotFoundError",
    "Notification",
    "NotificationStream",
    "OverloadRetry",
    "ParseError",
    "ProtocolError",
    "RecordingTransport",
    "RequestResolvedError",
    "RequestTimeoutError",
    "RetryLimitExceededError",
    "RuntimeTooOldError",
    "ServerBusyError",
    "ServerInfo",
    "ServerRequest",
    "ServerRequestHandlers",
    "Session",
    "SessionCounters",
    "SessionState",
    "SlowConsumerError",
    "StdioTransport",
    "ThreadBusyError",
    "TraceContext",
    "TranscriptEnd",
    "TranscriptError",
    "TranscriptHead",
    "TranscriptMessage",
    "TranscriptRecord",
    "TranscriptRecorder",
    "TranscriptSkip",
    "Transport",
    "TransportClosedError",
    "TransportError",
    "TurnStream",
    "UnixSocketTransport",
    "UnknownNotification",
    "Unset",
    "UnsupportedMethodError",
    "UntestedRuntimeWarning",
    "UsageError",
    "WebSocketTransport",
    "read_transcript",
    "write_transcript",
]

_HOMES: Final = {
    "AsyncClient": "codex_app_server_rpc._async.client",
    "AsyncNotificationStream": "codex_app_server_rpc._async.streams",
    "AsyncRecordingTransport": "codex_app_server_rpc.transports.recording",
    "AsyncServerRequestHandlers": "codex_app_server_rpc.generated.server_requests",
    "AsyncStdioTransport": "codex_app_server_rpc.transports.async_stdio",
    "AsyncTransport": "codex_app_server_rpc.transports.protocols",
    "AsyncTurnStream": "codex_app_server_rpc._async.streams",
    "AsyncUnixSocketTransport": "codex_app_server_rpc.transports.async_websocket",
    "AsyncWebSocketTransport": "codex_app_server_rpc.transports.async_websocket",
    "CLOSE_GRACE": "codex_app_server_rpc.defaults",
    "Client": "codex_app_server_rpc._sync.client",
    "ClientIdentity": "codex_app_server_rpc.handshake",
    "ClientStats": "codex_app_server_rpc.stats",
    "DEFAULT_MAX_IN_FLIGHT": "codex_app_server_rpc.defaults",
    "DEFAULT_REQUEST_TIMEOUT": "codex_app_server_rpc.defaults",
    "LATER": "codex_app_server_rpc.core.inbound",
    "Later": "codex_app_server_rpc.core.inbound",
    "MINIMUM_RUNTIME": "codex_app_server_rpc.compatibility",
    "Notification": "codex_app_server_rpc.notification",
    "NotificationStream": "codex_app_server_rpc._sync.streams",
    "OverloadRetry": "codex_app_server_rpc.retries",
    "RecordingTransport": "codex_app_server_rpc.transports.recording",
    "ServerInfo": "codex_app_server_rpc.server_version",
    "ServerRequest": "codex_app_server_rpc.core.inbound",
    "ServerRequestHandlers": "codex_app_server_rpc.generated.server_requests",
    "Session": "codex_app_server_rpc.core.session",
    "SessionCounters": "codex_app_server_rpc.core.session",
    "SessionState": "codex_app_server_rpc.core.session",
    "StdioTransport": "codex_app_server_rpc.transports.stdio",
    "TESTED_RUNTIME": "codex_app_server_rpc.compatibility",
    "TraceContext": "codex_app_server_rpc.trace_context",
    "TranscriptEnd": "codex_app_server_rpc.transcripts",
    "TranscriptHead": "codex_app_server_rpc.transcripts",
    "TranscriptMessage": "codex_app_server_rpc.transcripts",
    "TranscriptRecord": "codex_app_server_rpc.transcripts",
    "TranscriptRecorder": "codex_app_server_rpc.recording",
    "TranscriptSkip": "codex_app_server_rpc.transcripts",
    "Transport": "codex_app_server_rpc.transports.protocols",
    "TurnStream": "codex_app_server_rpc._sync.streams",
    "UNSET": "codex_app_server_types",
    "UnixSocketTransport": "codex_app_server_rpc.transports.websocket",
    "UnknownNotification": "codex_app_server_rpc.notification",
    "Unset": "codex_app_server_types",
    "UntestedRuntimeWarning": "codex_app_server_rpc.compatibility",
    "WebSocketTransport": "codex_app_server_rpc.transports.websocket",
    "read_transcript": "codex_app_server_rpc.transcripts",
    "write_transcript": "codex_app_server_rpc.transcripts",
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
