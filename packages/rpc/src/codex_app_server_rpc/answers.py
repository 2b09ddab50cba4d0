"""The safe answer to each kind of server request, for when nobody else answers.

Approvals are declined, never accepted. A question gets no answer, a form is declined, a tool
that nobody registered fails in words that the model can read. The clock is simply read. Where
no harmless result exists (tokens, attestations), and for a kind that this version does not
know, the answer is a JSON-RPC error.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from codex_app_server_types import JsonValue

__all__ = ["ErrorAnswer", "ResultAnswer", "SafeAnswer", "safe_answer"]

METHOD_NOT_FOUND: Final = -32601
INTERNAL_ERROR: Final = -32603

_REFUSED: Final = "the client has no handler for this"


@dataclass(frozen=True)
class ResultAnswer:
    """An answer by a result.

    Attributes:
        result: The result, as JSON values.
    """

    result: JsonValue


@dataclass(frozen=True)
class ErrorAnswer:
    """An answer by a JSON-RPC error.

    Attributes:
        code: The error code.
        message: What went wrong, in words for the server's log.
    """

    code: int
    message: str


SafeAnswer: TypeAlias = ResultAnswer | ErrorAnswer


def safe_answer(method: str) -> SafeAnswer:
    """Give the answer that does no harm.

    Args:
        method: The server request's method.

    Returns:
        A result that is valid for the method, or an error where there is no harmless result
        (-32603) or the method is not known (-32601).
    """
    make = _ANSWERS.get(method)
    if make is None:
        return ErrorAnswer(METHOD_NOT_FOUND, f"this client does not know {method}")
    return make()


def _decline() -> SafeAnswer:
    return ResultAnswer({"decision": "decline"})


def _deny() -> SafeAnswer:
    return ResultAnswer({"decision": {"denied": {"rejection": _REFUSED}}})


def _grant_nothing() -> SafeAnswer:
    return ResultAnswer({"permissions": {}})


def _no_answers() -> SafeAnswer:
    return ResultAnswer({"answers": {}})


def _decline_form() -> SafeAnswer:
    return ResultAnswer({"action": "decline"})


def _failed_tool() -> SafeAnswer:
    text = "This tool is not available: the client has no handler for it."
    return ResultAnswer({"success": False, "contentItems": [{"type": "inputText", "text": text}]})


def _current_time() -> SafeAnswer:
    return ResultAnswer({"currentTimeAt": int(time.time())})


def _refuse() -> SafeAnswer:
    return ErrorAnswer(INTERNAL_ERROR, _REFUSED)


_ANSWERS: Final[Mapping[str, Callable[[], SafeAnswer]]] = {
    "item/commandExecution/requestApproval": _decline,
    "item/fileChange/requestApproval": _decline,
    "item/permissions/requestApproval": _grant_nothing,
    "item/tool/requestUserInput": _no_answers,
    "item/tool/call": _failed_tool,
    "mcpServer/elicitation/request": _decline_form,
    "attestation/generate": _refuse,
    "currentTime/read": _current_time,
    "account/chatgptAuthTokens/refresh": _refuse,
    "execCommandApproval": _deny,
    "applyPatchApproval": _deny,
}
