"""The span of a turn, from the request that starts it to its ``turn/completed``.

Whoever follows the turn shows it the notifications, so that whatever takes the finished spans runs
where the program waits for its turn, and never on the reader.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from openai_codex.tracing.items import UNTOLD, ItemFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from codex_app_server_rpc import Notification
    from codex_app_server_types import JsonValue
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from openai_codex.results import TurnCollector, TurnResult

__all__ = ["TurnSpan"]

_NS_IN_MS: Final = 1_000_000


class TurnSpan:
    """The span of a turn, and those of its items.

    Attributes:
        context: The context in which that span is the current one.
    """

    def __init__(
        self,
        tracer: trace.Tracer,
        attributes: Mapping[str, str],
        *,
        content: bool,
        over: Callable[[TurnSpan], None],
    ) -> None:
        """Begin the span, as a child of the caller's current one.

        Args:
            tracer: Makes the spans.
            attributes: What is known of the turn before it runs.
            content: Whether the spans carry what was said.
            over: Called when the span has ended.
        """
        self._tracer = tracer
        self._content = content
        self._over = over
        self._started: dict[str, int] = {}
        self._began = time.time_ns()
        self._span: Span = tracer.start_span(
            "invoke_agent codex",
            kind=SpanKind.CLIENT,
            attributes=dict(attributes),
            start_time=self._began,
        )
        self._failed = False
        self._ended = False
        self.context: Context = trace.set_span_in_context(self._span)

    @contextmanager
    def current(self) -> Generator[None]:
        """Have it be the current span for a while."""
        with trace.use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield

    def name(self, turn_id: str) -> None:
        """Tell the turn's id, once it is known."""
        self._span.set_attribute("codex.turn.id", turn_id)

    def note(self, notification: Notification, collector: TurnCollector) -> None:
        """Take notice of a notification of the turn."""
        params = notification.params
        if self._ended or not isinstance(params, dict):
            return
        item = params.get("item")
        if notification.method == "turn/completed":
            self._complete(collector.so_far(), _ns(notification.emitted_at_ms))
        elif not isinstance(item, dict):
            return
        elif notification.method == "item/started":
            self._started[str(item.get("id"))] = _ns(params.get("startedAtMs"))
        elif notification.method == "item/completed":
            self._tell(item, _ns(params.get("completedAtMs")))

    def overtime(self, error: type[Exception]) -> None:
        """Take notice that the turn takes too long; it is being stopped."""
        self._mark(error.__name__)

    def fail(self, error: BaseException) -> None:
        """End it because of an error of this side, or because nobody waits any more."""
        if not self._ended:
            if isinstance(error, Exception):
                self._mark(type(error).__name__)
            else:
                self._span.set_attribute("codex.turn.status", "interrupted")
            self._end()

    def leave(self, status: str) -> None:
        """End it, if it has not ended, although the turn's own end was not seen.

        Args:
            status: What is known of the turn.
        """
        if not self._ended:
            self._span.set_attribute("codex.turn.status", status)
            self._end()

    def _tell(self, item: Mapping[str, JsonValue], end: int) -> None:
        start = self._started.pop(str(item.get("id")), end)
        if item.get("type") in UNTOLD:
            return
        facts = ItemFacts.of(item, content=self._content)
        span = self._tracer.start_span(
            facts.name,
            context=self.context,
            attributes=facts.attributes,
            start_time=start,
        )
        if facts.error is not None:
            _mark(span, facts.error)
        span.end(max(start, end))

    def _complete(self, result: TurnResult[Any], end: int) -> None:
        span, usage = self._span, result.turn_usage
        span.set_attribute("codex.turn.status", result.status.value)
        if usage is not None:
            span.set_attribute("gen_ai.usage.input_tokens", usage.input_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", usage.output_tokens)
        if self._content and result.final_response is not None:
            from openai_codex.tracing.messages import said

            span.set_attribute("gen_ai.output.messages", said("assistant", result.final_response))
        if result.status == "failed":
            self._mark("turn_failed", "" if result.error is None else result.error.message)
        self._end(end)

    def _mark(self, error: str, message: str = "") -> None:
        if not self._failed:
            self._failed = True
            _mark(self._span, error, message)

    def _end(self, at: int | None = None) -> None:
        self._ended = True
        self._span.end(None if at is None else max(at, self._began))
        self._over(self)


def _mark(span: Span, error: str, message: str = "") -> None:
    span.set_attribute("error.type", error)
    span.set_status(Status(StatusCode.ERROR, message or error))


def _ns(milliseconds: JsonValue) -> int:
    """Give a time of the protocol in nanoseconds; now, if there is none."""
    return milliseconds * _NS_IN_MS if isinstance(milliseconds, int) else time.time_ns()
