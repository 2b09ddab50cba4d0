"""A reply as the events of a Responses-API stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from openai_codex.testing._gate import Gate
from openai_codex.testing._replies import (
    CustomToolCall,
    Delay,
    Disconnect,
    Message,
    Part,
    Reasoning,
    Reply,
    ResponseFailure,
    ToolCall,
    Usage,
)

Event: TypeAlias = dict[str, Any]
"""One event of the stream; its `type` is its name."""

Step: TypeAlias = Event | Delay | Gate
"""What the server does next: send an event, or pause."""

NewId: TypeAlias = Callable[[str], str]
"""Gives the next unused id with that prefix.

The runtime takes the model's ids as ids of its items, so they must not repeat.
"""


def steps(reply: Reply, new_id: NewId) -> Iterator[Step]:
    """Play a reply that streams: everything but an `HttpFailure`."""
    response_id = new_id("resp")
    yield {"type": "response.created", "response": {"id": response_id}}
    for part in reply.parts:
        match part:
            case Delay() | Gate():
                yield part
            case Disconnect():
                return
            case ResponseFailure(code=code, message=message):
                error = {"code": code, "message": message}
                yield {"type": "response.failed", "response": {"id": response_id, "error": error}}
                return
            case _:
                yield from _item(part, new_id)
    usage = _usage(reply.usage or Usage())
    yield {"type": "response.completed", "response": {"id": response_id, "usage": usage}}


def encode(event: Event) -> bytes:
    """Write an event in the form of `text/event-stream`."""
    # JSON escapes line breaks, so the data is always one line.
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def _item(part: Part, new_id: NewId) -> Iterator[Step]:
    match part:
        case Message():
            yield from _message(part, new_id("msg"))
        case Reasoning():
            yield from _reasoning(part, new_id("rs"))
        case ToolCall(name=name, arguments=arguments):
            group = {} if part.namespace is None else {"namespace": part.namespace}
            yield _done(
                type="function_call",
                call_id=part.call_id or new_id("call"),
                name=name,
                arguments=arguments,
                **group,
            )
        case CustomToolCall(name=name, input=text):
            yield _done(
                type="custom_tool_call",
                call_id=part.call_id or new_id("call"),
                name=name,
                input=text,
            )
        case _:
            raise TypeError(f"{part!r} is not an item of a stream")


def _message(message: Message, item_id: str) -> Iterator[Step]:
    item: Event = {"type": "message", "role": "assistant", "id": item_id}
    if message.phase is not None:
        item["phase"] = message.phase
    yield {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}}
    for piece in message.pieces:
        if isinstance(piece, Gate):
            yield piece
            continue
        if message.delay:
            yield Delay(message.delay)
        yield {
            "type": "response.output_text.delta",
            "item_id": item_id,
            "output_index": 0,
            "content_index": 0,
            "delta": piece,
        }
    yield _done(**item, content=[{"type": "output_text", "text": message.text}])


def _reasoning(reasoning: Reasoning, item_id: str) -> Iterator[Step]:
    item: Event = {"type": "reasoning", "id": item_id}
    summary = [{"type": "summary_text", "text": reasoning.summary}]
    place: Event = {"item_id": item_id, "output_index": 0}
    yield {"type": "response.output_item.added", "output_index": 0, "item": {**item, "summary": []}}
    yield {"type": "response.reasoning_summary_part.added", **place, "summary_index": 0}
    yield {
        "type": "response.reasoning_summary_text.delta",
        **place,
        "summary_index": 0,
        "delta": reasoning.summary,
    }
    if reasoning.text is None:
        yield _done(**item, summary=summary)
        return
    yield {
        "type": "response.reasoning_text.delta",
        **place,
        "content_index": 0,
        "delta": reasoning.text,
    }
    content = [{"type": "reasoning_text", "text": reasoning.text}]
    yield _done(**item, summary=summary, content=content)


def _done(**item: Any) -> Event:
    return {"type": "response.output_item.done", "output_index": 0, "item": item}


def _usage(usage: Usage) -> Event:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_output_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
