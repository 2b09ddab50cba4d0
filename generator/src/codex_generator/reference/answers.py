"""The raw client's safe answers, as the reference tells them.

They are made by handwritten code of the raw client; a test holds this table equal to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Answer(NamedTuple):
    """What answers a kind of server request when nobody else does."""

    words: str
    result: str = ""
    """As JSON; `""` where it is an error, or differs from time to time."""


_DECLINED: Final = Answer("it is declined:", '{"decision": "decline"}')
_DENIED: Final = Answer(
    "it is denied:",
    '{"decision": {"denied": {"rejection": "the client has no handler for this"}}}',
)
_ERROR: Final = Answer("the JSON-RPC error -32603, as no harmless result exists.")
UNKNOWN: Final = Answer("the JSON-RPC error -32601, as to every kind that is not known.")

ANSWERS: Final[Mapping[str, Answer]] = MappingProxyType(
    {
        "account/chatgptAuthTokens/refresh": _ERROR,
        "applyPatchApproval": _DENIED,
        "attestation/generate": _ERROR,
        "currentTime/read": Answer("the time of this machine's clock, in seconds."),
        "execCommandApproval": _DENIED,
        "item/commandExecution/requestApproval": _DECLINED,
        "item/fileChange/requestApproval": _DECLINED,
        "item/permissions/requestApproval": Answer("nothing is granted:", '{"permissions": {}}'),
        "item/tool/call": Answer(
            "the tool fails, in words for the model:",
            '{"success": false, "contentItems": [{"type": "inputText", "text": "This tool is not '
            'available: the client has no handler for it."}]}',
        ),
        "item/tool/requestUserInput": Answer("no question is answered:", '{"answers": {}}'),
        "mcpServer/elicitation/request": Answer("the form is declined:", '{"action": "decline"}'),
    }
)
"""By the wire name of the server request."""
