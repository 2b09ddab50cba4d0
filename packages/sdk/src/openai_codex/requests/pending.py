"""What all requests of the runtime have in common."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from codex_app_server_rpc.params import first_reason
from codex_app_server_types import WireModel
from codex_app_server_types.lenient import decode_leniently
from pydantic import ConfigDict

from openai_codex.errors import ProtocolError

if TYPE_CHECKING:
    from codex_app_server_rpc import ServerRequest
    from typing_extensions import Self

__all__ = ["Answerer", "PendingRequest", "shown"]

Answerer: TypeAlias = Literal["approvals", "questions", "elicitations"]
"""The keywords by which a program gives functions that answer requests."""


class PendingRequest(WireModel):
    """A request of the runtime that waits for an answer. It cannot be changed.

    Attributes:
        method: The protocol method.
        request_id: The runtime's id of the request, for as long as its process lives.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    method: ClassVar[str]
    answerer: ClassVar[Answerer] = "approvals"
    """By which keyword a program gives the function that answers it."""
    told_elsewhere: ClassVar[frozenset[str]] = frozenset()
    """Wire names of fields that are no part of the request itself."""

    request_id: str | int

    @classmethod
    def of(cls, request: ServerRequest, **more: object) -> Self:
        """Make it of what the raw client has received.

        Args:
            request: The request.
            more: Fields that are known from elsewhere.

        Raises:
            ProtocolError: The params do not fit their type.
        """
        params = request.params if isinstance(request.params, dict) else {}
        try:
            fields = {**params, "requestId": request.id, **more}
            return decode_leniently(cls.model_validate, fields)
        except ValueError as error:
            reason = first_reason(error)
        # Not out of pydantic's error, which shows the values.
        raise ProtocolError(f"the params of {request.method} do not fit their type: {reason}")

    @property
    def key(self) -> str:
        """A name for it that no other request has, such as for a database: 32 hex digits.

        It is made of all that the request tells: one with other contents has another key. When
        the runtime makes a request again, as when its thread is resumed, it has the same.
        """
        wire = {
            name: value for name, value in self.to_wire().items() if name not in self.told_elsewhere
        }
        told = json.dumps([self.method, wire], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @abstractmethod
    def response(self, answer: Any, /) -> WireModel:
        """Say an answer in the protocol's words; each kind of request has answers of its own.

        Args:
            answer: The answer.

        Raises:
            InvalidArgumentError: It is none for this request.
        """

    @abstractmethod
    def describe(self) -> str:
        """Say in a line what is asked."""

    def to_json(self) -> str:
        """Write it down, for a web page or a database; see `request_from_json`."""
        return json.dumps({"method": self.method, **self.to_wire()})


def shown(text: str, longest: int = 300) -> str:
    """Make text of the runtime fit for a line of a log or a terminal, whatever is in it."""
    line = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
    return line if len(line) <= longest else f"{line[:longest]}…"
