"""Numbers that settle in the end, when what goes on in the background has had its time."""

from __future__ import annotations

import gc
from time import monotonic
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from openai_codex import Codex

__all__ = ["in_the_end"]

SOON = 5
"""How long what is let go of may take to go, in seconds."""


def in_the_end(codex: Codex, name: Literal["active_turns", "consumers"]) -> int:
    """Give one of the client's numbers once it is 0, or once it should have been."""
    gc.collect()  # asyncio's tasks and their errors hold each other
    deadline = monotonic() + SOON
    while getattr(codex.stats(), name) and monotonic() < deadline:
        codex.account()  # meanwhile things can happen
    number: int = getattr(codex.stats(), name)
    return number
