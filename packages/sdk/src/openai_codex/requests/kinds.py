"""From what the raw client receives to the typed request, and from JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias, TypeVar, overload

from codex_app_server_types.lenient import decode_leniently

from openai_codex.errors import InvalidArgumentError
from openai_codex.requests.approvals import (
    ApprovalRequest,
    CommandApproval,
    FileChangeApproval,
    McpToolApproval,
    PermissionsApproval,
)
from openai_codex.requests.elicitations import Elicitation, elicitation_class
from openai_codex.requests.pending import PendingRequest
from openai_codex.requests.questions import QuestionRequest

if TYPE_CHECKING:
    from codex_app_server_rpc import ServerRequest
    from codex_app_server_types import JsonValue

    from openai_codex.requests.changes import FileChanges

__all__ = ["RuntimeRequest", "request_from_json", "request_of"]

RequestT = TypeVar("RequestT", bound=PendingRequest)

RuntimeRequest: TypeAlias = ApprovalRequest | QuestionRequest | Elicitation
"""What can be asked of a person."""


def request_of(request: ServerRequest, changes: FileChanges) -> RuntimeRequest | None:
    """Make the typed request of what the raw client has received.

    Args:
        request: The request.
        changes: The changes of files that are in progress.

    Returns:
        The typed request; ``None`` if it is of a kind that no person is asked.

    Raises:
        ProtocolError: The params do not fit their type.
    """
    kind = _kind(request.method, request.params)
    if kind is FileChangeApproval and isinstance(request.params, dict):
        item = (str(request.params.get("threadId")), str(request.params.get("itemId")))
        return FileChangeApproval.of(request, changes=changes.of(*item))
    return None if kind is None else kind.of(request)


@overload
def request_from_json(text: str | bytes) -> RuntimeRequest: ...
@overload
def request_from_json(text: str | bytes, kind: type[RequestT]) -> RequestT: ...
def request_from_json(
    text: str | bytes, kind: type[PendingRequest] | None = None
) -> PendingRequest:
    """Make a request of what its ``to_json`` gave.

    Args:
        text: The JSON.
        kind: The class that it has to be of, such as `CommandApproval`; ``None`` for any.

    Returns:
        The request. What the JSON claims is trusted for nothing: ``codex.respond`` takes it for one
        that waits only if it is that one, word for word.

    Raises:
        InvalidArgumentError: It is no such request.
    """
    request: PendingRequest | None = None
    try:
        fields = json.loads(text)
        found = _kind(fields.pop("method"), fields)
        request = None if found is None else decode_leniently(found.model_validate, fields)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        pass  # not out of this error: it may show the text
    if request is None or not isinstance(request, kind or PendingRequest):
        wanted = "request" if kind is None else kind.__name__
        raise InvalidArgumentError(f"the JSON is not that of a {wanted}")
    return request


def _kind(method: object, params: JsonValue) -> type[RuntimeRequest] | None:
    for kind in (CommandApproval, FileChangeApproval, PermissionsApproval, QuestionRequest):
        if method == kind.method:
            return kind
    if method != McpToolApproval.method:
        return None
    meta = params.get("_meta") if isinstance(params, dict) else None
    if isinstance(meta, dict) and meta.get("codex_approval_kind") == "mcp_tool_call":
        return McpToolApproval
    return elicitation_class(params)
