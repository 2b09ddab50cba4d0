"""The spans that a test has made, and providers that fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler, SamplingResult

TURN = "invoke_agent codex"


class Spans:
    """The spans that were made, once they have ended."""

    def __init__(self) -> None:
        self.provider = TracerProvider()
        self._exporter = InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def named(self, name: str) -> list[ReadableSpan]:
        return [one for one in self._exporter.get_finished_spans() if one.name == name]

    def one(self, name: str) -> ReadableSpan:
        [span] = self.named(name)
        return span

    def turn(self, turn_id: str) -> ReadableSpan:
        [span] = [one for one in self.named(TURN) if told(one).get("codex.turn.id") == turn_id]
        return span

    def written(self) -> str:
        """All that would be sent somewhere."""
        return "".join(one.to_json() for one in self._exporter.get_finished_spans())


def told(span: ReadableSpan) -> dict[str, Any]:
    """Give a span's attributes."""
    return dict(span.attributes or {})


def is_in(span: ReadableSpan, parent: ReadableSpan) -> bool:
    """Tell whether a span is a child of another."""
    assert parent.context is not None
    return span.parent is not None and span.parent.span_id == parent.context.span_id


class Broken(SpanProcessor, Sampler):
    """A processor or sampler that fails, in one place."""

    def __init__(self, place: str) -> None:
        self._place = place

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        self._fail("on_start")

    def on_end(self, span: ReadableSpan) -> None:
        self._fail("on_end")

    def should_sample(self, *_: object, **__: object) -> SamplingResult:
        self._fail("should_sample")
        raise AssertionError("it is no sampler")

    def get_description(self) -> str:
        return "broken"

    def _fail(self, place: str) -> None:
        if place == self._place:
            raise RuntimeError(f"{place} is broken")


def broken_provider(place: str) -> TracerProvider:
    """Make a provider that fails in ``on_start``, ``on_end`` or ``should_sample``."""
    broken = Broken(place)
    if place == "should_sample":
        return TracerProvider(sampler=broken)
    provider = TracerProvider()
    provider.add_span_processor(broken)
    return provider


PLACES: Sequence[str] = ("on_start", "on_end", "should_sample")
