"""When spans end where the clocks do not agree, or nobody waits for an answer any more."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from openai_codex import Accept, AsyncCodex, Codex, CodexConfig, Tracing
from openai_codex.testing import ScriptedServer, Step
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider

from tests.sdk.tracing.spans import TURN, Spans, told

if TYPE_CHECKING:
    from openai_codex.testing import Stage

APPROVAL = "item/commandExecution/requestApproval"
LONG_AGO = 1_000  # milliseconds of Unix time


def end_long_ago(stage: Stage) -> None:
    """End a turn, by the clock of a server that is far behind."""
    turn: dict[str, object] = {"id": stage.turn_id, "status": "completed", "items": []}
    message: dict[str, object] = {
        "method": "turn/completed",
        "params": {"threadId": stage.thread_id, "turn": turn},
        "emittedAtMs": LONG_AGO,
    }
    stage.send(json.dumps(message).encode() + b"\n")


def test_a_turn_does_not_end_before_it_begins(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    server.add_turn(Step("end", end_long_ago))
    codex.thread_start().run("Go.")

    turn = spans.one(TURN)
    assert turn.end_time == turn.start_time


def test_an_item_does_not_end_before_it_begins(
    codex: Codex, server: ScriptedServer, spans: Spans
) -> None:
    item: dict[str, object] = {"type": "reasoning", "id": "r", "summary": [], "content": []}
    server.add_turn(
        Step.notification("item/started", {"item": item, "startedAtMs": 2 * LONG_AGO}),
        Step.notification("item/completed", {"item": item, "completedAtMs": LONG_AGO}),
    )
    codex.thread_start().run("Go.")

    span = spans.one("reasoning")
    assert (span.start_time, span.end_time) == (2_000_000_000, 2_000_000_000)


class Ended(SpanProcessor):
    """Waits for the span of an approval to end."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.span: ReadableSpan | None = None
        self.provider = TracerProvider()
        self.provider.add_span_processor(self)
        self.config = CodexConfig(tracing=Tracing(tracer_provider=self.provider))

    def on_end(self, span: ReadableSpan) -> None:
        if span.name == APPROVAL:
            self.span = span
            self._event.set()

    def wait(self) -> ReadableSpan:
        assert self._event.wait(10)
        assert self.span is not None
        return self.span


class Slow:
    """A plain function that takes its time to give a coroutine, which nobody will await."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def __call__(self, request: object) -> Coroutine[None, None, Accept]:
        self.entered.set()
        assert self.released.wait(10)
        return self._accept()

    async def _accept(self) -> Accept:
        raise AssertionError("nobody asks any more")


def test_the_span_of_an_approval_that_is_withdrawn_ends(server: ScriptedServer) -> None:
    server.add_turn(Step.command("ls", approval=True))
    ended, slow = Ended(), Slow()
    with Codex(ended.config, transport=server.transport(), approvals=slow) as codex:
        handle = codex.thread_start().turn("Go.")
        assert slow.entered.wait(10)
        handle.interrupt()
        handle.run()
        slow.released.set()

        assert "codex.request.outcome" not in told(ended.wait())


async def test_the_span_of_an_approval_that_is_withdrawn_ends_in_a_loop(
    server: ScriptedServer,
) -> None:
    server.add_turn(Step.command("ls", approval=True))
    ended, slow = Ended(), Slow()
    transport = server.async_transport()
    async with AsyncCodex(ended.config, transport=transport, approvals=slow) as codex:
        handle = await (await codex.thread_start()).turn("Go.")
        assert await asyncio.to_thread(slow.entered.wait, 10)
        await handle.interrupt()
        await handle.run()
        slow.released.set()

        assert "codex.request.outcome" not in told(await asyncio.to_thread(ended.wait))
