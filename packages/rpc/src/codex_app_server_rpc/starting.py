"""Which requests start a turn: what both drivers share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from codex_app_server_rpc.errors import InvalidArgumentError

if TYPE_CHECKING:
    from typing import TypeAlias

    from codex_app_server_types import (
        ReviewStartParams,
        ReviewStartResponse,
        ThreadCompactStartParams,
        ThreadCompactStartResponse,
        TurnStartParams,
        TurnStartResponse,
    )

    TurnParams: TypeAlias = TurnStartParams | ReviewStartParams | ThreadCompactStartParams
    TurnResponse: TypeAlias = TurnStartResponse | ReviewStartResponse | ThreadCompactStartResponse

__all__ = ["TurnParams", "TurnStart", "named_turn", "start_of"]


class TurnStart(NamedTuple):
    """How a turn is started.

    Attributes:
        method: The method of the request.
        decode: Builds the answer from JSON values.
        compacts: Whether the turn is a compaction.
    """

    method: str
    decode: Callable[[object], TurnResponse]
    compacts: bool = False


def start_of(params: TurnParams) -> TurnStart:
    """Tell how a turn is started that is asked for with these params.

    Raises:
        InvalidArgumentError: They start no turn on the thread that they name.
    """
    import codex_app_server_types as types

    match params:
        case types.TurnStartParams():
            return TurnStart("turn/start", types.TurnStartResponse.model_validate)
        case types.ReviewStartParams() if not _is_detached(params.delivery):
            return TurnStart("review/start", types.ReviewStartResponse.model_validate)
        case types.ThreadCompactStartParams():
            decode = types.ThreadCompactStartResponse.model_validate
            return TurnStart("thread/compact/start", decode, compacts=True)
        case _:
            raise InvalidArgumentError(
                "a turn is started with TurnStartParams, ReviewStartParams that are not detached, "
                f"or ThreadCompactStartParams; not with {params!r}"
            )


def named_turn(answer: TurnResponse) -> str | None:
    """Give the id of the turn that an answer names; that to a compaction names none."""
    from codex_app_server_types import ThreadCompactStartResponse

    return None if isinstance(answer, ThreadCompactStartResponse) else answer.turn.id


def _is_detached(delivery: object) -> bool:
    """Tell whether a review starts on a thread of its own: newer protocols have no word for it."""
    return delivery == "detached"
