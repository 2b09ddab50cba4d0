"""Stopping a turn: what both drivers share.

A turn is stopped by ``turn/interrupt``, and it has stopped when its ``turn/completed`` comes; the
answer to the interrupt itself says little, and may even stay away. If the turn's id is not known
yet, because ``turn/start`` was given up while it was in flight, it is in the answer that may still
come, or else in the ``turn/started`` that came meanwhile.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.core.inbound import Result
from codex_app_server_rpc.errors import JsonRpcError, TransportClosedError
from codex_app_server_rpc.loggers import CONNECTION, logger

if TYPE_CHECKING:
    from codex_app_server_rpc.core.connection import Answer

__all__ = ["INTERRUPT", "interrupt_params", "report", "turn_in"]

INTERRUPT: Final = "turn/interrupt"

_logger = logger(CONNECTION)


def interrupt_params(thread_id: str, turn_id: str) -> bytes:
    """Make the params of ``turn/interrupt``."""
    return json.dumps({"threadId": thread_id, "turnId": turn_id}).encode()


def turn_in(answer: Answer | None) -> str | None:
    """Give the id of the turn that an answer to ``turn/start`` names, if it names one."""
    if isinstance(answer, Result) and isinstance(answer.result, dict):
        turn = answer.result.get("turn")
        turn_id = turn.get("id") if isinstance(turn, dict) else None
        if isinstance(turn_id, str):
            return turn_id
    return None


def report(thread_id: str, turn_id: str | None, reason: object) -> None:
    """Log that a turn did not end, or that nobody knows.

    Args:
        thread_id: The thread.
        turn_id: The turn, if it is known.
        reason: What went wrong.
    """
    name = f"turn {turn_id}" if turn_id else "the turn that was being started"
    # A refusal says that it was over already; and with a server that is gone, it is over as well.
    certain = isinstance(reason, (JsonRpcError, TransportClosedError))
    level = logging.INFO if certain else logging.WARNING
    _logger.log(level, "%s of thread %s was not seen to end: %s", name, thread_id, reason)
