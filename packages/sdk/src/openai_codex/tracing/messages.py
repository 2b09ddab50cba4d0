"""What was said, in the form of OpenTelemetry's conventions for generative AI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codex_app_server_rpc.starting import TurnParams

__all__ = ["asked", "said"]


def said(role: str, *texts: str) -> str:
    """Write one message as ``gen_ai.input.messages`` and ``gen_ai.output.messages`` have it."""
    parts = [{"type": "text", "content": text} for text in texts]
    return json.dumps([{"role": role, "parts": parts}], ensure_ascii=False)


def asked(params: TurnParams) -> str | None:
    """Write the text that a turn is started with; ``None`` if there is none."""
    from codex_app_server_types import TextUserInput, TurnStartParams

    if not isinstance(params, TurnStartParams):
        return None
    texts = [one.text for one in params.input if isinstance(one, TextUserInput)]
    return said("user", *texts) if texts else None
