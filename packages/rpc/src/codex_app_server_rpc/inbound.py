"""What the session core makes of the bytes that the server sent: typed inbound events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codex_app_server_rpc.notification import Notification

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_types import JsonValue

__all__ = ["Failure", "Inbound", "Result", "ServerRequest", "Skipped"]


@dataclass(frozen=True)
class Result:
    """The answer to one of our requests.

    Attributes:
        id: The request's id.
        method: The method that was requested.
        result: The ``result`` member, decoded from JSON.
    """

    id: int
    method: str
    result: JsonValue


@dataclass(frozen=True)
class Failure:
    """The error answer to one of our requests.

    Attributes:
        id: The request's id.
        method: The method that was requested.
        code: The JSON-RPC error code.
        message: The server's message.
        data: The ``data`` member, decoded from JSON.
    """

    id: int
    method: str
    code: int
    message: str
    data: JsonValue


@dataclass(frozen=True)
class ServerRequest:
    """A request of the server to this client. It must get exactly one reply.

    Attributes:
        id: The server's id of the request; its ids are independent of ours.
        method: The protocol method, for example ``item/commandExecution/requestApproval``.
        params: The ``params`` member, decoded from JSON.
    """

    id: str | int
    method: str
    params: JsonValue


@dataclass(frozen=True)
class Skipped:
    """A line that is not a message of the protocol, or answers nothing that was asked.

    Attributes:
        reason: What is wrong with it, in a few words.
        excerpt: Its first bytes, decoded leniently.
    """

    reason: str
    excerpt: str


Inbound: TypeAlias = Result | Failure | Notification | ServerRequest | Skipped
