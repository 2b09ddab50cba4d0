"""OpenTelemetry spans of real turns, for both halves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from codex_app_server_rpc import TranscriptMessage, read_transcript
from openai_codex import (
    Accept,
    ApprovalMode,
    AsyncCodex,
    Codex,
    CodexConfig,
    Sandbox,
    ThreadNotFoundError,
    Tracing,
    TurnFailedError,
    TurnTimeoutError,
    tool,
)
from openai_codex.testing import Gate, ModelServer, Reply
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

TOUCH = Reply.command("touch out.txt", justification="it is needed")
SECRET = "a-word-that-nobody-else-says"


class Spans:
    """The spans that were made."""

    def __init__(self) -> None:
        self.provider = TracerProvider()
        self._exporter = InMemorySpanExporter()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("tests")

    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        [span] = [one for one in self.all() if one.name == name]
        return span

    def parent_of(self, name: str) -> str | None:
        parent = self.named(name).parent
        names = {one.context.span_id: one.name for one in self.all() if one.context is not None}
        return None if parent is None else names[parent.span_id]


def told(span: ReadableSpan) -> dict[str, Any]:
    """Give a span's attributes."""
    return dict(span.attributes or {})


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    yield made
    made.provider.shutdown()


@pytest.fixture
def traced(config: CodexConfig, spans: Spans) -> CodexConfig:
    return replace(config, experimental_api=True, tracing=Tracing(tracer_provider=spans.provider))


@pytest.fixture
def codex(opened: Callable[[CodexConfig], Codex], traced: CodexConfig) -> Codex:
    return opened(traced)


def test_a_turn_is_a_span_of_its_caller_with_its_items_in_it(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    model.add(Reply.command("true"), Reply.text("Hello.").with_usage(input_tokens=3))
    with spans.tracer.start_as_current_span("outer"):
        thread = codex.thread_start()
        result = thread.run("Hi.")

    assert spans.parent_of("thread/start") == "outer"
    assert spans.parent_of("invoke_agent codex") == "outer"
    assert spans.parent_of("execute_tool commandExecution") == "invoke_agent codex"
    assert spans.parent_of("agentMessage") == "invoke_agent codex"
    turn, command = spans.named("invoke_agent codex"), spans.named("execute_tool commandExecution")
    usage = result.turn_usage
    assert usage is not None
    assert told(turn) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "codex",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "gpt-5.5",
        "gen_ai.conversation.id": thread.id,
        "codex.turn.id": result.id,
        "codex.turn.status": "completed",
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    assert told(command)["process.exit.code"] == 0
    assert turn.kind is trace.SpanKind.CLIENT
    assert turn.status.is_unset
    assert turn.start_time is not None
    assert command.start_time is not None
    assert command.end_time is not None
    assert turn.end_time is not None
    assert turn.start_time <= command.start_time <= command.end_time <= turn.end_time


def test_a_stream_that_is_followed_makes_the_same_spans(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    model.add(Reply.text("Hello."))
    for _ in codex.thread_start().turn("Hi.").stream():
        pass

    assert spans.parent_of("agentMessage") == "invoke_agent codex"
    assert told(spans.named("invoke_agent codex"))["codex.turn.status"] == "completed"


def test_nothing_that_was_said_is_in_the_spans(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    model.add(Reply.command(f"echo {SECRET}"), Reply.text(SECRET))
    codex.thread_start(base_instructions=SECRET).run(SECRET)

    assert len(spans.all()) > 3
    assert SECRET not in "".join(one.to_json() for one in spans.all())


def test_what_was_said_is_in_the_spans_if_that_is_asked_for(
    opened: Callable[[CodexConfig], Codex], traced: CodexConfig, model: ModelServer, spans: Spans
) -> None:
    model.add(Reply.command("echo done"), Reply.text("Hello."))
    tracing = Tracing(content=True, tracer_provider=spans.provider)
    opened(replace(traced, tracing=tracing)).thread_start().run("Hi.")

    turn = told(spans.named("invoke_agent codex"))
    assert '"content": "Hi."' in turn["gen_ai.input.messages"]
    assert '"content": "Hello."' in turn["gen_ai.output.messages"]
    command = told(spans.named("execute_tool commandExecution"))
    assert "echo done" in command["gen_ai.tool.call.arguments"]
    assert command["gen_ai.tool.call.result"] == "done\n"


@pytest.mark.parametrize("is_async", [False, True], ids=["thread", "task"])
def test_a_tool_runs_within_its_span(
    is_async: bool, codex: Codex, model: ModelServer, spans: Spans
) -> None:
    @tool(name="add")
    def plain(left: int, right: int) -> int:
        """Add."""
        with spans.tracer.start_as_current_span("inner"):
            return left + right

    @tool(name="add")
    async def asynchronous(left: int, right: int) -> int:
        """Add."""
        await asyncio.sleep(0)
        return plain(left=left, right=right)

    model.add(Reply.tool_call("add", {"left": 1, "right": 2}), Reply.text("Three."))
    codex.thread_start(tools=[asynchronous if is_async else plain]).run("How much?")

    assert spans.parent_of("inner") == "execute_tool add"
    assert spans.parent_of("execute_tool add") == "invoke_agent codex"
    attributes = told(spans.named("execute_tool add"))
    assert attributes["gen_ai.tool.name"] == "add"
    assert attributes["gen_ai.tool.call.id"] == "call_1"
    assert spans.named("execute_tool add").status.is_unset
    assert "execute_tool dynamicToolCall" not in {one.name for one in spans.all()}


def test_a_tool_that_fails_is_an_error(codex: Codex, model: ModelServer, spans: Spans) -> None:
    @tool
    def broken() -> int:
        """Fail."""
        raise RuntimeError(SECRET)

    model.add(Reply.tool_call("broken", {}), Reply.text("Oh."))
    codex.thread_start(tools=[broken]).run("Go.")

    span = spans.named("execute_tool broken")
    assert span.status.status_code is trace.StatusCode.ERROR
    assert told(span)["error.type"] == "tool_failed"
    assert spans.named("invoke_agent codex").status.is_unset
    assert SECRET not in "".join(one.to_json() for one in spans.all())


@pytest.mark.parametrize("is_async", [False, True], ids=["thread", "task"])
def test_an_approval_is_asked_for_within_its_span(
    is_async: bool,
    opened: Callable[..., Codex],
    traced: CodexConfig,
    model: ModelServer,
    spans: Spans,
) -> None:
    def accept(request: object) -> Accept:
        with spans.tracer.start_as_current_span("thinking"):
            return Accept()

    async def accept_later(request: object) -> Accept:
        await asyncio.sleep(0)
        return accept(request)

    model.add(TOUCH, Reply.text("Done."))
    codex = opened(traced, approvals=accept_later if is_async else accept)
    thread = codex.thread_start(approval_mode=ApprovalMode.on_request, sandbox=Sandbox.read_only)
    thread.run("Touch it.")

    approval = "item/commandExecution/requestApproval"
    assert spans.parent_of("thinking") == approval
    assert spans.parent_of(approval) == "invoke_agent codex"
    assert told(spans.named(approval))["codex.request.outcome"] == "accept"


def test_an_approval_that_nobody_gives_is_told(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    model.add(TOUCH, Reply.text("I could not."))
    thread = codex.thread_start(approval_mode=ApprovalMode.on_request, sandbox=Sandbox.read_only)
    thread.run("Touch it.")

    approval = spans.named("item/commandExecution/requestApproval")
    assert told(approval)["codex.request.outcome"] == "unanswered"
    command = spans.named("execute_tool commandExecution")
    assert told(command)["error.type"] == "declined"


def test_a_turn_that_fails_is_an_error(codex: Codex, model: ModelServer, spans: Spans) -> None:
    model.add(Reply.failure(400, "no"))
    with pytest.raises(TurnFailedError):
        codex.thread_start().run("Hi.")

    turn = spans.named("invoke_agent codex")
    assert turn.status.status_code is trace.StatusCode.ERROR
    assert (told(turn)["error.type"], told(turn)["codex.turn.status"]) == ("turn_failed", "failed")


def test_a_turn_that_takes_too_long_is_an_error(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    gate = Gate()
    model.add(Reply.hold(gate) + Reply.text("Late."))
    with pytest.raises(TurnTimeoutError):
        codex.thread_start().run("Hi.", timeout=1)
    gate.release()

    turn = spans.named("invoke_agent codex")
    assert turn.status.status_code is trace.StatusCode.ERROR
    assert told(turn)["error.type"] == "TurnTimeoutError"
    assert told(turn)["codex.turn.status"] == "interrupted"


def test_a_turn_that_is_interrupted_is_no_error_and_says_so(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    gate = Gate()
    model.add(Reply.hold(gate) + Reply.text("Late."))
    handle = codex.thread_start().turn("Hi.")
    handle.interrupt()
    handle.run()
    gate.release()

    turn = spans.named("invoke_agent codex")
    assert turn.status.is_unset
    assert told(turn)["codex.turn.status"] == "interrupted"


async def test_a_turn_whose_caller_is_cancelled_ends_its_span(
    traced: CodexConfig, model: ModelServer, spans: Spans
) -> None:
    gate = Gate()
    model.add(Reply.hold(gate) + Reply.text("Late."))
    async with AsyncCodex(traced) as codex:
        thread = await codex.thread_start()
        running = asyncio.ensure_future(thread.run("Hi."))
        await asyncio.to_thread(gate.wait_reached)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    gate.release()

    assert told(spans.named("invoke_agent codex"))["codex.turn.status"] == "interrupted"


def test_a_turn_that_nobody_follows_ends_with_the_client(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    model.add(Reply.text("Hello."))
    handle = codex.thread_start().turn("Hi.")
    codex.close()

    assert told(spans.named("invoke_agent codex"))["codex.turn.status"] == "unknown"
    del handle


def test_a_thread_that_is_not_there_is_an_error(codex: Codex, spans: Spans) -> None:
    with pytest.raises(ThreadNotFoundError):
        codex.thread_resume("01a22843-9857-7142-992a-76d8ddf9de1a")

    assert spans.named("thread/resume").status.status_code is trace.StatusCode.ERROR


def test_a_copy_and_a_continuation_of_a_thread_are_spans(
    codex: Codex, model: ModelServer, spans: Spans
) -> None:
    model.add(Reply.text("Hello."))
    thread = codex.thread_start()
    thread.run("Hi.")
    copy = codex.thread_fork(thread.id)
    codex.thread_resume(thread.id)

    assert told(spans.named("thread/fork"))["gen_ai.conversation.id"] == copy.id
    assert told(spans.named("thread/resume"))["gen_ai.conversation.id"] == thread.id


def test_the_runtime_is_told_the_span_of_the_turn(
    opened: Callable[[CodexConfig], Codex],
    traced: CodexConfig,
    model: ModelServer,
    spans: Spans,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CODEX_WIRE_LOG", str(tmp_path / "wire.jsonl"))
    model.add(Reply.text("Hello."))
    codex = opened(traced)
    codex.thread_start().run("Hi.")
    codex.close()

    sent = {
        str(one.message["method"]): one.message.get("trace")
        for one in read_transcript(tmp_path / "wire.jsonl")
        if isinstance(one, TranscriptMessage) and "method" in one.message
    }
    for method, name in (("thread/start", "thread/start"), ("turn/start", "invoke_agent codex")):
        context = spans.named(name).context
        assert context is not None
        trace_id, span_id = f"{context.trace_id:032x}", f"{context.span_id:016x}"
        told_of = sent[method]
        assert isinstance(told_of, dict)
        assert str(told_of["traceparent"]).startswith(f"00-{trace_id}-{span_id}-")


def test_a_client_that_is_not_traced_makes_no_spans(
    opened: Callable[[CodexConfig], Codex],
    config: CodexConfig,
    model: ModelServer,
    spans: Spans,
) -> None:
    model.add(Reply.text("Hello."))
    opened(config).thread_start().run("Hi.")

    assert spans.all() == ()
