"""What comes of a turn, and how it is put together from the turn's events.

The result is made of the events, not of the payload of ``turn/completed``: that one carries
only a summary of the items.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, cast

from codex_app_server_rpc import UnknownNotification
from codex_app_server_rpc.loggers import logger
from codex_app_server_types import UNSET

from openai_codex.errors import IncompleteTurnError, UsageError
from openai_codex.usage import TOKEN_USAGE_UPDATED, used_since

if TYPE_CHECKING:
    from codex_app_server_rpc import Notification, SlowConsumerError
    from codex_app_server_types import (
        JsonValue,
        ThreadItem,
        ThreadTokenUsage,
        TokenUsageBreakdown,
        Turn,
        TurnError,
        TurnStatus,
        UnknownThreadItem,
        Unset,
        WireModel,
    )
    from typing_extensions import TypeVar

__all__ = ["COLLECTED", "OutputT_co", "TurnCollector", "TurnResult", "get_ready"]

if TYPE_CHECKING:
    OutputT_co = TypeVar("OutputT_co", covariant=True, default=object)
    """The type of a turn's output; ``None`` where none was asked for."""
else:  # the default is for checkers, and `typing_extensions` takes as long to load as all of this
    OutputT_co = typing.TypeVar("OutputT_co", covariant=True)

_logger = logger("turns")

ITEM_COMPLETED: Final = "item/completed"
ERROR: Final = "error"
TURN_COMPLETED: Final = "turn/completed"

COLLECTED: Final = frozenset({ITEM_COMPLETED, ERROR, TOKEN_USAGE_UPDATED, TURN_COMPLETED})
"""The notifications that a result is made of; all others may be left out."""


@dataclass(frozen=True)
class TurnResult(Generic[OutputT_co]):
    """What came of a turn.

    Attributes:
        id: The turn's id.
        status: How it ended: ``completed``, ``interrupted`` or ``failed``.
        error: What the server said of a failure.
        started_at: When it began, in seconds of Unix time.
        completed_at: When it ended, in seconds of Unix time.
        duration_ms: How long it took, in milliseconds.
        final_response: The text of the last final-answer message, else of the last message
            without a phase; ``None`` if no such message was completed. Never commentary.
        items: Every item that was completed, in the order of completion; of a turn that was
            steered, those completed since then. What was under way when a turn was stopped is not
            among them: streams give it as it comes.
        usage: The thread's token usage as last reported in this turn.
        turn_usage: What the turn itself used: the difference that it made to the thread's totals.
        retries: What went wrong in the turn and was tried again by the runtime (``error`` with
            ``willRetry``), in order.
    """

    id: str
    status: TurnStatus
    error: TurnError | None
    started_at: int | None
    completed_at: int | None
    duration_ms: int | None
    final_response: str | None
    items: list[ThreadItem] = field(default_factory=list["ThreadItem"])
    usage: ThreadTokenUsage | None = None
    turn_usage: TokenUsageBreakdown | None = None
    retries: list[TurnError] = field(default_factory=list["TurnError"])
    _output: OutputT_co | None | Unset = field(default=None, repr=False)

    @property
    def output(self) -> OutputT_co:
        """The final answer as a value of the ``output_type`` of its turn; else ``None``.

        Raises:
            UsageError: The turn had an ``output_type``, but was not completed.
        """
        if self._output is UNSET:
            raise UsageError(f"turn {self.id} has no output: it is {self.status}")
        return cast("OutputT_co", self._output)


def get_ready() -> None:
    """Build the types that a result is made of, while the model thinks.

    A type of the protocol is built when it is first used, which takes some milliseconds.
    """
    import codex_app_server_types as types

    for name in ("ItemCompletedNotification", "TurnCompletedNotification"):
        model: type[WireModel] = getattr(types, name)
        if not model.__pydantic_complete__:
            model.model_rebuild()


class TurnCollector:
    """Puts a turn's result together from its notifications, without IO."""

    def __init__(
        self, thread_id: str, turn_id: str, used_before: dict[str, int] | None = None
    ) -> None:
        """Collect for one turn.

        Args:
            thread_id: Its thread.
            turn_id: The turn.
            used_before: What the thread had used before; ``None`` if that is not known.
        """
        self._thread_id = thread_id
        self._turn_id = turn_id
        self._used_before = used_before
        self._kept: list[Notification] = []
        self._missed = 0

    def miss(self, error: SlowConsumerError) -> None:
        """Take note of events that were dropped; text deltas are not what a result is made of."""
        if not error.only_deltas:
            self._missed += error.dropped

    def add(self, notification: Notification) -> None:
        """Keep one notification of the turn, if the result is made of it; builds nothing yet."""
        if notification.method in COLLECTED:
            self._kept.append(notification)

    def result(self) -> TurnResult[None]:
        """Give the result, once the turn is over.

        An item that does not fit its type is kept as an ``UnknownThreadItem``; a report of usage
        that does not is passed over with a warning in the log.

        Of a turn that has failed or was interrupted, this is what there is.

        Raises:
            IncompleteTurnError: ``turn/completed`` never came, or does not fit its type. Or the
                turn is completed, but an item does not say its type, events were dropped, or an
                item that it names never came.
        """
        from codex_app_server_types import TurnStatus

        parts = self._parts()
        has_failed = parts.error is not None  # before it began, so that its end was not told
        if parts.turn is not None:
            has_failed = parts.turn.status != TurnStatus.completed
        if not has_failed:
            self._check_complete(parts)
        return self._result(parts)

    def so_far(self) -> TurnResult[None]:
        """Give what came of the turn until now, whatever is missing; its status tells."""
        return self._result(self._parts())

    def _check_complete(self, parts: _Parts) -> None:
        if parts.defect is not None:
            reason = f"its {parts.defect.method} does not fit its type"
            raise self._incomplete(reason, parts) from parts.defect.error
        if parts.turn is None:
            raise self._incomplete("its events ended before turn/completed came", parts)
        seen = {_item_id(item) for item in parts.items}
        named = [_item_id(item) for item in parts.turn.items]
        missing = [str(item_id) for item_id in named if item_id not in seen]
        if missing:
            raise self._incomplete(f"no item/completed came for {', '.join(missing)}", parts)
        if self._missed:
            raise self._incomplete(f"{self._missed} of its events were dropped unread", parts)

    def _parts(self) -> _Parts:
        """Take apart what was kept."""
        from codex_app_server_types import (
            ErrorNotification,
            ItemCompletedNotification,
            ThreadTokenUsageUpdatedNotification,
            TurnCompletedNotification,
        )

        parts = _Parts()
        for notification in self._kept:
            match notification.payload:
                case ItemCompletedNotification(item=item):
                    parts.items.append(item)
                case ErrorNotification(error=error, will_retry=will_retry):
                    parts.note_error(error, will_retry=will_retry)
                case ThreadTokenUsageUpdatedNotification(token_usage=reported):
                    parts.first_usage = parts.first_usage or reported
                    parts.usage = reported
                case TurnCompletedNotification(turn=completed):
                    parts.turn = completed
                case UnknownNotification(method=method, error=unfit) if method in (
                    TOKEN_USAGE_UPDATED,
                    ERROR,
                ):
                    # Not worth losing the answer for.
                    _logger.warning(
                        "turn %s: its %s does not fit: %s", self._turn_id, method, unfit
                    )
                case UnknownNotification(method=method, params=params) as unknown:
                    odd = _unfit_item(params) if method == ITEM_COMPLETED else None
                    if odd is not None:
                        parts.items.append(odd)
                    else:
                        parts.defect = parts.defect or unknown
                case _:
                    pass  # nothing else is kept
        return parts

    def _result(self, parts: _Parts) -> TurnResult[None]:
        from codex_app_server_types import TurnStatus

        turn = parts.turn
        status = TurnStatus.in_progress if turn is None else turn.status
        if turn is None and parts.error is not None:
            status = TurnStatus.failed  # it has never begun, so that its end was not told
        reason = None if turn is None else turn.error
        if status == TurnStatus.failed:
            reason = reason or parts.error
        return TurnResult(
            id=self._turn_id,
            status=status,
            error=reason,
            started_at=None if turn is None else turn.started_at,
            completed_at=None if turn is None else turn.completed_at,
            duration_ms=None if turn is None else turn.duration_ms,
            final_response=final_response(parts.items),
            items=parts.items,
            usage=parts.usage,
            turn_usage=(
                None
                if parts.first_usage is None or parts.usage is None
                else used_since(self._used_before, parts.first_usage, parts.usage)
            ),
            retries=parts.retries,
        )

    def _incomplete(self, reason: str, parts: _Parts) -> IncompleteTurnError:
        return IncompleteTurnError(
            reason, thread_id=self._thread_id, turn_id=self._turn_id, items=parts.items
        )


@dataclass
class _Parts:
    """What a result is made of, as far as it has come."""

    items: list[ThreadItem] = field(default_factory=list["ThreadItem"])
    first_usage: ThreadTokenUsage | None = None
    usage: ThreadTokenUsage | None = None
    retries: list[TurnError] = field(default_factory=list["TurnError"])
    error: TurnError | None = None  # the last one that was not tried again
    turn: Turn | None = None
    defect: UnknownNotification | None = None  # what should have been one of these

    def note_error(self, error: TurnError, *, will_retry: bool) -> None:
        """Keep what went wrong."""
        if will_retry:
            self.retries.append(error)
        else:
            self.error = error


def _unfit_item(params: JsonValue) -> UnknownThreadItem | None:
    """Keep an item that does not fit its type as one of unknown type, if it says its type."""
    from codex_app_server_types import UnknownThreadItem

    item = params.get("item") if isinstance(params, dict) else None
    if isinstance(item, dict) and isinstance(item.get("type"), str):
        return UnknownThreadItem.from_wire(item)
    return None


def _item_id(item: ThreadItem) -> object:
    """Give an item's id, be its type known or not."""
    from codex_app_server_types import UnknownThreadItem

    if isinstance(item, UnknownThreadItem):
        return (item.model_extra or {}).get("id")
    return item.id


def final_response(items: list[ThreadItem]) -> str | None:
    """Pick the text of the final answer.

    Args:
        items: The completed items of a turn, in order.

    Returns:
        The last message of phase ``final_answer``, else the last one without a phase, else
        ``None``.
    """
    from codex_app_server_types import AgentMessageThreadItem, MessagePhase

    phaseless: str | None = None
    for item in reversed(items):
        if isinstance(item, AgentMessageThreadItem):
            if item.phase == MessagePhase.final_answer:
                return item.text
            if item.phase is None and phaseless is None:
                phaseless = item.text
    return phaseless
