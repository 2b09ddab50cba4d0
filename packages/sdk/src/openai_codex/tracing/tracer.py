"""Makes the spans of one client."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from codex_app_server_rpc import LATER, TraceContext
from codex_app_server_rpc.threads import discard

from openai_codex._version import __version__
from openai_codex.errors import UsageError

try:
    from opentelemetry import trace
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError as _missing:
    raise UsageError(
        "tracing needs the package opentelemetry-api: pip install opentelemetry-api"
    ) from _missing

from openai_codex.tracing.running import RunningTurns
from openai_codex.tracing.spans import Spans
from openai_codex.tracing.turns import TurnSpan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from codex_app_server_rpc import ServerRequest
    from codex_app_server_rpc.starting import TurnParams
    from codex_app_server_types import DynamicToolCallParams, DynamicToolCallResponse
    from opentelemetry.context import Context

    from openai_codex.requests.responder import Outcome
    from openai_codex.tracing.guard import Guard
    from openai_codex.tracing.scopes import ThreadResponse
    from openai_codex.tracing.settings import Tracing
    from openai_codex.tracing.spans import GuardedSpan

__all__ = ["Tracer"]

_MOST_THREADS: Final = 1024
"""Of how many threads it is known which model they use."""


class Tracer:
    """Makes the spans of one client.

    A turn is a child of the span in which it is started; items, tool calls and approvals are
    children of their turn.
    """

    def __init__(self, tracing: Tracing) -> None:
        """Make spans as the settings say."""
        tracer = trace.get_tracer("openai_codex", __version__, tracing.tracer_provider)
        self._spans = Spans(tracer, content=tracing.content)
        self._propagator = TraceContextTextMapPropagator()
        self._running = RunningTurns()
        self._models: OrderedDict[str, dict[str, str]] = OrderedDict()  # of the latest threads

    def trace_context(self) -> TraceContext | None:
        """Give the current span as the runtime is told of it; ``None`` if there is none."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        parent = carrier.get("traceparent")
        return None if parent is None else TraceContext(parent, carrier.get("tracestate"))

    @contextmanager
    def thread_call(self, method: str) -> Generator[Callable[[ThreadResponse], None]]:
        """Have a span around a request that gives a thread; what it yields takes the response."""
        attributes = {"rpc.system": "jsonrpc", "rpc.method": method}
        span = self._spans.begin(method, attributes, kind=SpanKind.CLIENT)

        def note(response: ThreadResponse) -> None:
            known = {
                "gen_ai.provider.name": response.model_provider,
                "gen_ai.request.model": response.model,
            }
            self._models.pop(response.thread.id, None)
            self._models[response.thread.id] = known
            if len(self._models) > _MOST_THREADS:
                self._models.popitem(last=False)
            span.tell({**known, "gen_ai.conversation.id": response.thread.id})

        with _whole(span):
            yield note

    def turn(self, params: TurnParams, *, waits: bool) -> TurnSpan:
        """Begin the span of a turn.

        Args:
            params: What starts it.
            waits: Whether it waits for its thread, where another turn may run.
        """
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "codex",
            "gen_ai.provider.name": "openai",
            **self._models.get(params.thread_id, {}),
            "gen_ai.conversation.id": params.thread_id,
        }
        if isinstance(model := getattr(params, "model", None), str):
            attributes["gen_ai.request.model"] = model
        if self._spans.content:
            from openai_codex.tracing.messages import asked

            with self._spans.guard:
                if (text := asked(params)) is not None:
                    attributes["gen_ai.input.messages"] = text
        span = TurnSpan(self._spans, params.thread_id, attributes, self._running)
        if not waits:
            self._running.start(span)
        return span

    def joined(self, params: TurnParams, turn_id: str) -> TurnSpan | None:
        """Begin the span of a turn that was joined; ``None`` if it has one already."""
        if self._running.find(None, turn_id) is not None:
            return None
        return self.turn(params, waits=True)

    @contextmanager
    def tool_call(
        self, call: DynamicToolCallParams, name: str
    ) -> Generator[Callable[[DynamicToolCallResponse], None]]:
        """Have a span around a tool of this program; what it yields takes the response."""
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.type": "function",
            "gen_ai.tool.call.id": call.call_id,
            "gen_ai.conversation.id": call.thread_id,
            "codex.turn.id": call.turn_id,
        }
        context = self._context(call.thread_id, call.turn_id)
        span = self._spans.begin(f"execute_tool {name}", attributes, context=context)
        if self._spans.content:
            with self._spans.guard:
                arguments = _text(call.to_wire().get("arguments"))
                span.tell({"gen_ai.tool.call.arguments": arguments})

        def note(response: DynamicToolCallResponse) -> None:
            if self._spans.content:
                with self._spans.guard:
                    result = _text(response.to_wire().get("contentItems"))
                    span.tell({"gen_ai.tool.call.result": result})
            if not response.success:
                span.fail("tool_failed")

        with _whole(span):
            yield note

    def asked(
        self,
        request: ServerRequest,
        answer: Callable[[ServerRequest], Outcome | Awaitable[Outcome]],
    ) -> Outcome | Awaitable[Outcome]:
        """Have a span around the answer to a request of the runtime."""
        thread_id, turn_id = request.address
        attributes = {
            "rpc.system": "jsonrpc",
            "rpc.method": request.method,
            "gen_ai.conversation.id": thread_id or "",
            "codex.turn.id": turn_id or "",
        }
        item = request.params.get("itemId") if isinstance(request.params, dict) else None
        if isinstance(item, str):
            attributes["codex.item.id"] = item
        span = self._spans.begin(
            request.method,
            {name: value for name, value in attributes.items() if value},
            context=self._context(thread_id, turn_id),
        )
        try:
            with span.current():
                outcome = answer(request)
        except BaseException as error:
            span.fail_by(error)
            span.end()
            raise
        if inspect.isawaitable(outcome):
            return _Asking(outcome, span, self._spans.guard)
        _answered(span, outcome, self._spans.guard)
        return outcome

    def close(self) -> None:
        """End the spans of turns that nobody has followed to their end."""
        for span in self._running.all():
            span.leave("unknown")

    def _context(self, thread_id: str | None, turn_id: str | None) -> Context | None:
        """Give the context of a turn; ``None`` for the current one."""
        turn = self._running.find(thread_id, turn_id)
        return None if turn is None else turn.context


class _Asking:
    """Somebody who is still thinking about an answer, within a span."""

    def __init__(self, outcome: Awaitable[Outcome], span: GuardedSpan, guard: Guard) -> None:
        self._outcome = outcome
        self._span = span
        self._guard = guard

    def __await__(self) -> Generator[Any, Any, Outcome]:
        """Wait for the answer."""
        return self._wait().__await__()

    def close(self) -> None:
        """Close what nobody will await."""
        discard(self._outcome)
        self._span.end()

    async def _wait(self) -> Outcome:
        try:
            with self._span.current():
                outcome = await self._outcome
        except BaseException as error:
            self._span.fail_by(error)
            self._span.end()
            raise
        _answered(self._span, outcome, self._guard)
        return outcome


@contextmanager
def _whole(span: GuardedSpan) -> Generator[None]:
    """Have a span be the current one up to its end."""
    try:
        with span.current():
            yield
    except BaseException as error:
        span.fail_by(error)
        raise
    finally:
        span.end()


def _answered(span: GuardedSpan, outcome: Outcome, guard: Guard) -> None:
    """Tell what was answered, and end the span."""
    with guard:
        span.tell({"codex.request.outcome": _outcome(outcome)})
    span.end()


def _outcome(outcome: Outcome) -> str:
    """Say an answer in a word."""
    if outcome is None:
        return "unanswered"
    if outcome is LATER:
        return "parked"
    wire = outcome.to_wire()
    word = wire.get("decision", wire.get("action", "answered"))
    return next(iter(word)) if isinstance(word, dict) else str(word)


def _text(value: object) -> str:
    from pydantic_core import to_json

    return to_json(value).decode()
