"""A notification of the server, and the typed payload that its reader builds on demand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from codex_app_server_rpc.generated.notifications import NOTIFICATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_types import JsonValue

    from codex_app_server_rpc.generated.notifications import NotificationPayload

__all__ = ["Notification", "UnknownNotification", "address_of"]


@dataclass(frozen=True)
class UnknownNotification:
    """The payload of a notification that this version has no type for, or that does not fit it.

    Attributes:
        method: The method as it came.
        params: The ``params`` member, decoded from JSON, whole.
        error: Why a known notification did not fit its type; ``None`` for an unknown method.
    """

    method: str
    params: JsonValue
    error: Exception | None = None


def address_of(params: JsonValue) -> tuple[str | None, str | None]:
    """Give the thread (``threadId``) and the turn (``turnId`` or ``turn.id``) that params name."""
    if not isinstance(params, dict):
        return None, None
    thread_id = params.get("threadId")
    turn_id = params.get("turnId")
    if turn_id is None:
        turn = params.get("turn")
        if isinstance(turn, dict):
            turn_id = turn.get("id")
    return (
        thread_id if isinstance(thread_id, str) else None,
        turn_id if isinstance(turn_id, str) else None,
    )


class Notification:
    """One notification of the server.

    The payload is built when it is first looked at; whoever only needs the method pays nothing
    for it.

    Attributes:
        method: The protocol method, for example ``item/agentMessage/delta``.
        params: The ``params`` member as it was decoded from JSON.
        emitted_at_ms: When the server sent it, in milliseconds of Unix time, if it said so.
        size: How long the message was, in bytes; 0 if it did not come over a wire.
    """

    __slots__ = ("_payload", "emitted_at_ms", "method", "params", "size")

    def __init__(
        self,
        method: str,
        params: JsonValue = None,
        emitted_at_ms: int | None = None,
        size: int = 0,
    ) -> None:
        """Keep the message as it was decoded."""
        self.method: str = method
        self.params: JsonValue = params
        self.emitted_at_ms: int | None = emitted_at_ms
        self.size: int = size
        self._payload: NotificationPayload | None = None

    @property
    def payload(self) -> NotificationPayload:
        """The typed payload.

        Never raises: a method that is not known, or params that do not fit their type, give an
        `UnknownNotification` that holds everything.
        """
        payload = self._payload
        if payload is None:
            decode = _decoders.get(self.method) or _decoder(self.method)
            try:
                payload = decode(self.params)
            except ValueError as error:  # pydantic's ValidationError is one
                payload = UnknownNotification(self.method, self.params, error)
            self._payload = payload
        return payload

    @property
    def address(self) -> tuple[str | None, str | None]:
        """The thread and the turn that the notification names, each ``None`` if it does not."""
        return address_of(self.params)

    @property
    def thread_id(self) -> str | None:
        """The thread that the notification names (``threadId``), if any."""
        return self.address[0]

    @property
    def turn_id(self) -> str | None:
        """The turn that the notification names (``turnId`` or ``turn.id``), if any."""
        return self.address[1]

    def __eq__(self, other: object) -> bool:
        """Compare method, params and time."""
        if not isinstance(other, Notification):
            return NotImplemented
        return (self.method, self.params, self.emitted_at_ms) == (
            other.method,
            other.params,
            other.emitted_at_ms,
        )

    __hash__: ClassVar[None]  # type: ignore[assignment]  # params are a mutable JSON tree

    def __repr__(self) -> str:
        """Show method and params."""
        return f"Notification(method={self.method!r}, params={self.params!r})"


_decoders: dict[str, Callable[[object], NotificationPayload]] = {}


def _decoder(method: str) -> Callable[[object], NotificationPayload]:
    """Find what builds the payloads of a method, and keep it."""
    import codex_app_server_types as types
    from codex_app_server_types.lenient import decode_leniently

    name = NOTIFICATIONS.get(method)
    if name is None:
        return partial(_unknown, method)
    model: type[types.WireModel] | object = getattr(types, name)
    if isinstance(model, type) and issubclass(model, types.WireModel):
        model.model_rebuild()
        # What `model_validate` calls: this is done for each of many thousand deltas.
        decode: object = model.__pydantic_validator__.validate_python
    else:
        decode = getattr(types, f"{name}Adapter").validate_python
    strict = cast("Callable[[object], NotificationPayload]", decode)
    _decoders[method] = found = partial(decode_leniently, strict)
    return found


def _unknown(method: str, params: object) -> UnknownNotification:
    return UnknownNotification(method, cast("JsonValue", params))
