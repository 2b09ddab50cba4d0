"""Spans that may fail without anything else failing, and that keep what was said to themselves."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from codex_app_server_rpc.redaction import redact_text
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from openai_codex.tracing.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from opentelemetry.context import Context
    from opentelemetry.util.types import AttributeValue

__all__ = ["GuardedSpan", "Spans"]


class Spans:
    """Makes the spans of one client.

    Attributes:
        content: Whether they carry what was said.
        guard: What reads, for a span, something that may be unfit goes in it.
    """

    def __init__(self, tracer: trace.Tracer, *, content: bool) -> None:
        """Make them by a tracer of OpenTelemetry."""
        self._tracer = tracer
        self.content = content
        self.guard: Guard = Guard()

    def begin(
        self,
        name: str,
        attributes: Mapping[str, AttributeValue],
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        context: Context | None = None,
        start_time: int | None = None,
    ) -> GuardedSpan:
        """Begin a span; one that cannot begin is replaced by nothing at all in its parent.

        Args:
            name: Its name.
            attributes: What is known of it.
            kind: Its kind.
            context: Where its parent is; ``None`` for the current context.
            start_time: When it began, in nanoseconds of Unix time; ``None`` for now.
        """
        parent = trace.get_current_span(context)
        span: trace.Span = trace.NonRecordingSpan(parent.get_span_context())
        with self.guard:
            span = self._tracer.start_span(
                name, context=context, kind=kind, attributes=attributes, start_time=start_time
            )
        return GuardedSpan(span, self.guard, content=self.content)


class GuardedSpan:
    """A span whose failures are logged, and concern nobody else. Made by `Spans`.

    Attributes:
        context: The context in which it was begun, with the span as the current one.
    """

    def __init__(self, span: trace.Span, guard: Guard, *, content: bool) -> None:
        """Guard a span that has begun."""
        self._span = span
        self._guard = guard
        self._content = content
        self.context: Context = trace.set_span_in_context(span)

    @contextmanager
    def current(self) -> Generator[None]:
        """Have it be the current span for a while; what is raised there is not told."""
        with trace.use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield

    def tell(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Add attributes."""
        with self._guard:
            self._span.set_attributes(dict(attributes))

    def fail(self, error: str, *, kind: str | None = None, text: str = "") -> None:
        """Say that it is an error.

        Args:
            error: What went wrong, in a word.
            kind: Of what kind that is, in a word; ``None`` if that is not known.
            text: What was said of it, which may be anything; told only if content is.
        """
        with self._guard:
            words = [error] if kind is None else [error, kind]
            if self._content and text:
                words.append(redact_text(text))
            self._span.set_attribute("error.type", error)
            self._span.set_status(Status(StatusCode.ERROR, ": ".join(words)))

    def fail_by(self, error: BaseException) -> None:
        """Say that it is an error by its exception; to be cancelled is none."""
        if isinstance(error, Exception):
            text = ""
            with self._guard:
                text = str(error)
            self.fail(type(error).__name__, text=text)

    def end(self, at: int | None = None) -> None:
        """End it.

        Args:
            at: When, in nanoseconds of Unix time; ``None`` for now.
        """
        with self._guard:
            self._span.end(at)
