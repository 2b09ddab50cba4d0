"""What MCP servers ask of the user: forms to fill in, and addresses to visit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from codex_app_server_types import (
    FormMcpServerElicitationRequestParams,
    JsonValue,
    McpElicitationSchema,
    McpServerElicitationAction,
    McpServerElicitationRequestResponse,
    UrlMcpServerElicitationRequestParams,
)
from pydantic import Field

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.decisions import Accept, Cancel, Decline
from openai_codex.requests.fields import fields_of
from openai_codex.requests.forms import FormContent, check_value, plain_content
from openai_codex.requests.pending import Answerer, PendingRequest, shown

if TYPE_CHECKING:
    from openai_codex.requests.decisions import Park
    from openai_codex.requests.fields import FormField

__all__ = [
    "Elicitation",
    "ElicitationAnswer",
    "ElicitationHandler",
    "FormElicitation",
    "OpenaiFormElicitation",
    "Submit",
    "UrlElicitation",
    "elicitation_class",
]

_METHOD: Final = "mcpServer/elicitation/request"


@dataclass(frozen=True)
class Submit:
    """Send a form, filled in.

    Attributes:
        content: The values of its fields: a mapping, or a pydantic model or dataclass, whose
            fields that are ``None`` are left out. Not shown by ``repr``.
        meta: What the MCP server should know beside that.
    """

    content: FormContent = field(repr=False)
    meta: Mapping[str, JsonValue] | None = field(default=None, repr=False)


ElicitationAnswer: TypeAlias = Submit | Accept | Decline | Cancel
"""`Submit` for a form; `Accept` for an address, or for a form without content. `Decline` says that
the user does not want to, `Cancel` that nobody decided; neither ends the turn."""

ElicitationHandler: TypeAlias = Callable[
    ["Elicitation"],
    "ElicitationAnswer | Park | None | Awaitable[ElicitationAnswer | Park | None]",
]
"""Answers what MCP servers ask; ``None`` declines."""


class FormElicitation(PendingRequest, FormMcpServerElicitationRequestParams):
    """A form of an MCP server.

    ``mcpServer/elicitation/request`` of the mode ``form``; the fields are those of its params.
    """

    method: ClassVar[str] = _METHOD
    answerer: ClassVar[Answerer] = "elicitations"

    @property
    def fields(self) -> tuple[FormField, ...]:
        """The fields of the form, to be shown to people."""
        return fields_of(self.requested_schema)

    def response(self, answer: ElicitationAnswer | None) -> McpServerElicitationRequestResponse:
        """Say an answer in the protocol's words.

        Args:
            answer: The answer; ``None`` declines. `Accept` submits no content.

        Raises:
            InvalidArgumentError: It is of another kind, or the content does not fit the form:
                the error names the fields and the rules, not the values.
        """
        return _form_response(answer, self.requested_schema.to_wire(), self._check_names)

    def describe(self) -> str:
        """Say in a line what is asked."""
        return _form(self.server_name, self.message)

    def _check_names(self, content: JsonValue) -> None:
        # JSON Schema takes any further member, so a mistyped name of an optional field would go
        # unnoticed; the forms of MCP are lists of named fields.
        known = self.requested_schema.properties
        if isinstance(content, Mapping) and any(name not in known for name in content):
            names = ", ".join(shown(repr(name)) for name in known) or "none"
            raise InvalidArgumentError(f"the content is of other fields than the form has: {names}")


class OpenaiFormElicitation(PendingRequest):
    """A form of an MCP server, described by any JSON Schema.

    ``mcpServer/elicitation/request`` of the modes ``openai/form`` and ``openaiForm``; the fields
    are those of its params. It comes only to clients that declare the extension ``openai/form``.

    Attributes:
        mode: The mode, by either name.
        message: What the form is for, in words for people.
        requested_schema: The JSON Schema of what is asked.
        server_name: The MCP server that asks.
        thread_id: The thread on which it asks.
        meta: What the server adds for clients that know it.
        turn_id: The turn in which it asks, if that is known.
    """

    method: ClassVar[str] = _METHOD
    answerer: ClassVar[Answerer] = "elicitations"

    mode: Literal["openai/form", "openaiForm"]
    message: str
    requested_schema: JsonValue
    server_name: str
    thread_id: str
    meta: JsonValue = Field(default=None, validation_alias="_meta", serialization_alias="_meta")
    turn_id: str | None = None

    @property
    def fields(self) -> tuple[FormField, ...]:
        """The fields of the form, to be shown to people; empty if it is no list of fields."""
        try:
            return fields_of(McpElicitationSchema.from_wire(self.requested_schema))
        except ValueError:  # pydantic's ValidationError is one
            return ()

    def response(self, answer: ElicitationAnswer | None) -> McpServerElicitationRequestResponse:
        """Say an answer in the protocol's words.

        Args:
            answer: As for `FormElicitation`.

        Raises:
            InvalidArgumentError: As for `FormElicitation`.
        """
        return _form_response(answer, self.requested_schema, _check_nothing)

    def describe(self) -> str:
        """Say in a line what is asked."""
        return _form(self.server_name, self.message)


class UrlElicitation(PendingRequest, UrlMcpServerElicitationRequestParams):
    """An address that an MCP server wants the user to visit, such as that of a login page.

    ``mcpServer/elicitation/request`` of the mode ``url``; the fields are those of its params. Show
    the whole address, and visit it only if the user says so.
    """

    method: ClassVar[str] = _METHOD
    answerer: ClassVar[Answerer] = "elicitations"

    @property
    def host(self) -> str | None:
        """The host that the address leads to, in ASCII; ``None`` if it names none."""
        try:
            host = urlsplit(self.url).hostname
            return host and host.encode("idna").decode("ascii")
        except ValueError:
            return None

    def response(self, answer: ElicitationAnswer | None) -> McpServerElicitationRequestResponse:
        """Say an answer in the protocol's words.

        Args:
            answer: `Accept` if the user visits the address; ``None`` declines.

        Raises:
            InvalidArgumentError: It is of another kind.
        """
        refusal = _refusal(answer)
        if refusal is not None:
            return refusal
        if not isinstance(answer, Accept):
            raise _wrong_answer(answer, "Accept(), Decline() or Cancel()")
        return McpServerElicitationRequestResponse(action=McpServerElicitationAction.accept)

    def describe(self) -> str:
        """Say in a line what is asked."""
        # Not the whole address, in which there may be a secret.
        where = shown(self.host or "an address")
        return f"the MCP server {shown(self.server_name)}: {shown(self.message)} ({where})"


Elicitation: TypeAlias = FormElicitation | OpenaiFormElicitation | UrlElicitation
"""What an MCP server asks; to be told apart by ``isinstance`` or ``match``."""

_CLASSES: Final[Mapping[object, type[Elicitation]]] = {
    "form": FormElicitation,
    "openai/form": OpenaiFormElicitation,
    "openaiForm": OpenaiFormElicitation,
    "url": UrlElicitation,
}


def elicitation_class(params: JsonValue) -> type[Elicitation] | None:
    """Give the class of an elicitation with these params.

    Returns:
        The class; ``None`` for a mode that no person can be asked: a proof that the user is present
        (``openai/userVerification``), or one that this version does not know.
    """
    mode = params.get("mode") if isinstance(params, Mapping) else None
    return _CLASSES.get(mode) if isinstance(mode, str) else None


def _form_response(
    answer: ElicitationAnswer | None, schema: JsonValue, check_names: Callable[[JsonValue], None]
) -> McpServerElicitationRequestResponse:
    refusal = _refusal(answer)
    if refusal is not None:
        return refusal
    submitted = Submit({}) if isinstance(answer, Accept) else answer
    if not isinstance(submitted, Submit):
        raise _wrong_answer(answer, "Submit(content), Decline() or Cancel()")
    content = plain_content(submitted.content)
    check_names(content)
    check_value(content, schema)
    response = McpServerElicitationRequestResponse(
        action=McpServerElicitationAction.accept, content=content
    )
    if submitted.meta is not None:
        response.meta = plain_content(submitted.meta)
    return response


def _refusal(answer: object) -> McpServerElicitationRequestResponse | None:
    if answer is None or isinstance(answer, Decline):
        return McpServerElicitationRequestResponse(action=McpServerElicitationAction.decline)
    if isinstance(answer, Cancel):
        return McpServerElicitationRequestResponse(action=McpServerElicitationAction.cancel)
    return None


def _wrong_answer(answer: object, accepted: str) -> InvalidArgumentError:
    kind = type(answer).__name__
    return InvalidArgumentError(f"{_METHOD} is answered by {accepted}; not by a {kind}")


def _check_nothing(content: JsonValue) -> None:
    """Leave it to the schema which members there may be."""


def _form(server: str, message: str) -> str:
    return f"a form of the MCP server {shown(server)}: {shown(message)}"
