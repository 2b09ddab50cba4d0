"""The span of a turn, from the request that starts it to its ``turn/completed``.

Whoever follows the turn shows it the notifications, so that whatever takes the finished spans runs
where the program waits for its turn, and never on the reader.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from opentelemetry.trace import SpanKind

from openai_codex.tracing.items import UNTOLD, ItemFacts

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue, TurnError
    from opentelemetry.context import Context

    from openai_codex.results import TurnCollector, TurnResult
    from openai_codex.tracing.running import RunningTurns
    from openai_codex.tracing.spans import GuardedSpan, Spans

__all__ = ["TurnSpan"]

_NS_IN_MS: Final = 1_000_000


class TurnSpan:
    """The span of a turn, and those of its items.

    Attributes:
        thread_id: The thread of the turn.
        turn_id: The turn; ``None`` until it has started.
        context: The context in which that span is the current one.
    """

    def __init__(
        self, spans: Spans, thread_id: str, attributes: Mapping[str, str], running: RunningTurns
    ) -> None:
        """Begin the span, as a child of the caller's current one.

        Args:
            spans: Makes the spans.
            thread_id: The thread of the turn.
            attributes: What is known of the turn before it runs.
            running: Where the turn is to be found from its start to the end of its span.
        """
        self.thread_id: str = thread_id
        self.turn_id: str | None = None
        self._spans = spans
        self._running = running
        self._started: dict[str, int] = {}
        self._began = time.time_ns()
        self._span: GuardedSpan = spans.begin(
            "invoke_agent codex", attributes, kind=SpanKind.CLIENT, start_time=self._began
        )
        self._failed = False
        self._ended = False
        self.context: Context = self._span.context

    @contextmanager
    def current(self) -> Generator[None]:
        """Have it be the current span for a while."""
        with self._span.current():
            yield

    def name(self, turn_id: str) -> None:
        """Tell the turn's id, once it has started."""
        self.turn_id = turn_id
        self._span.tell({"codex.turn.id": turn_id})
        self._running.add(turn_id, self)

    def note(self, notification: Notification, collector: TurnCollector) -> None:
        """Take notice of a notification of the turn."""
        params = notification.params
        if self._ended or not isinstance(params, dict):
            return
        item = params.get("item")
        if notification.method == "turn/completed":
            with self._spans.guard:
                self._tell_result(collector.so_far())
            self._end(_ns(notification.emitted_at_ms))
        elif not isinstance(item, dict):
            return
        elif notification.method == "item/started":
            self._started[str(item.get("id"))] = _ns(params.get("startedAtMs"))
        elif notification.method == "item/completed":
            with self._spans.guard:
                self._tell_item(item, _ns(params.get("completedAtMs")))

    def overtime(self, error: type[Exception]) -> None:
        """Take notice that the turn takes too long; it is being stopped."""
        self._failed = True
        self._span.fail(error.__name__)

    def fail(self, error: BaseException) -> None:
        """End it because of an error of this side, or because nobody waits any more."""
        if self._ended:
            return
        if not isinstance(error, Exception):
            self._span.tell({"codex.turn.status": "interrupted"})
        elif not self._failed:
            self._span.fail_by(error)
        self._end()

    def drop(self) -> None:
        """Have it never been: there is no such turn."""
        self._ended = True
        self._running.remove(self)

    def leave(self, status: str) -> None:
        """End it, if it has not ended, although the turn's own end was not seen.

        Args:
            status: What is known of the turn.
        """
        if not self._ended:
            self._span.tell({"codex.turn.status": status})
            self._end()

    def _tell_item(self, item: Mapping[str, JsonValue], end: int) -> None:
        start = self._started.pop(str(item.get("id")), end)
        if item.get("type") in UNTOLD:
            return
        facts = ItemFacts.of(item, content=self._spans.content)
        span = self._spans.begin(
            facts.name, facts.attributes, context=self.context, start_time=start
        )
        if facts.error is not None:
            span.fail(facts.error)
        span.end(max(start, end))

    def _tell_result(self, result: TurnResult[Any]) -> None:
        usage = result.turn_usage
        self._span.tell({"codex.turn.status": result.status.value})
        if usage is not None:
            self._span.tell(
                {
                    "gen_ai.usage.input_tokens": usage.input_tokens,
                    "gen_ai.usage.output_tokens": usage.output_tokens,
                }
            )
        if result.status == "failed" and not self._failed:
            reason = result.error
            self._span.fail(
                "turn_failed",
                kind=None if reason is None else _kind_of(reason),
                text="" if reason is None else reason.message,
            )
        if self._spans.content and result.final_response is not None:
            from openai_codex.tracing.messages import said

            said_last = said("assistant", result.final_response)
            self._span.tell({"gen_ai.output.messages": said_last})

    def _end(self, at: int | None = None) -> None:
        self._ended = True
        self._span.end(None if at is None else max(at, self._began))
        self._running.remove(self)


def _kind_of(error: TurnError) -> str | None:
    """Give the kind of a failure (``codexErrorInfo``) in a word; ``None`` if none is told."""
    info = error.to_wire().get("codexErrorInfo")
    return next(iter(info), None) if isinstance(info, dict) else cast("str | None", info)


def _ns(milliseconds: JsonValue) -> int:
    """Give a time of the protocol in nanoseconds; now, if there is none."""
    return milliseconds * _NS_IN_MS if isinstance(milliseconds, int) else time.time_ns()
