"""What the session core makes of the bytes that the server sent: typed inbound events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

from codex_app_server_rpc.errors import ProtocolError
from codex_app_server_rpc.generated.server_requests import SERVER_REQUESTS
from codex_app_server_rpc.notification import Notification, address_of
from codex_app_server_rpc.params import first_reason

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_types import JsonValue, WireModel

__all__ = [
    "LATER",
    "Failure",
    "Inbound",
    "Later",
    "Resolved",
    "Result",
    "ServerRequest",
    "Skipped",
]


@dataclass(slots=True)
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


@dataclass(slots=True)
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

    @property
    def address(self) -> tuple[str | None, str | None]:
        """The thread and the turn that the request names, each ``None`` if it does not."""
        return address_of(self.params)

    def decode(self) -> WireModel:
        """Build the typed params.

        Raises:
            ProtocolError: They do not fit their type, or this version does not know the method.
        """
        import codex_app_server_types as types
        from codex_app_server_types.lenient import decode_leniently

        kind = SERVER_REQUESTS.get(self.method)
        if kind is None:
            raise ProtocolError(f"{self.method} is no request that this version knows")
        found = getattr(types, kind.params)
        validate = getattr(found, "model_validate", None) or found.validate_python
        try:
            return cast("WireModel", decode_leniently(validate, self.params))
        except ValueError as error:  # pydantic's ValidationError is one
            reason = first_reason(error)
        # Not out of pydantic's error, which shows the values.
        raise ProtocolError(f"the params of {self.method} do not fit their type: {reason}")


class Later(Enum):
    """The type of `LATER`."""

    LATER = "later"
    """The one value."""


LATER: Final = Later.LATER
"""What a handler gives to leave its request open: somebody answers it by ``Client.respond``."""


class Resolved(Notification):
    """``serverRequest/resolved``: a request of the server wants no reply (any more).

    Attributes:
        request: The request that was withdrawn; ``None`` if it was replied to before, or is
            not known.
    """

    __slots__ = ("request",)

    def __init__(self, notification: Notification, request: ServerRequest | None) -> None:
        """Keep the notification beside the request that it is about."""
        super().__init__(
            notification.method,
            notification.params,
            notification.emitted_at_ms,
            notification.size,
        )
        self.request: ServerRequest | None = request


@dataclass(frozen=True)
class Skipped:
    """A line that is not a message of the protocol, or answers nothing that was asked.

    Attributes:
        reason: What is wrong with it, in a few words.
        excerpt: Its first bytes, decoded leniently.
        late: Whether nothing is wrong with it: it answers a request that was given up, or repeats
            one of the server that is open.
    """

    reason: str
    excerpt: str
    late: bool = False


Inbound: TypeAlias = Result | Failure | Notification | ServerRequest | Skipped
