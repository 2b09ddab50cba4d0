"""What the model says to the prompts of the pages.

A prompt's replies are used up one by one as the turn goes on: the first at once, the next when
the tool that the first has called has returned, and so on. The last one ends the turn.
"""

from __future__ import annotations

import json
from typing import Any, Final

from openai_codex.testing import ModelRequest, Reply

REPLIES: Final[dict[str, tuple[Reply | str, ...]]] = {
    "Is the branch up to date?": (
        Reply.command("git fetch", justification="Fetch what others have pushed."),
        "There is nothing to fetch from.",
    ),
    "Do I need an umbrella in Lyon?": (
        Reply.tool_call("weather", {"city": "Lyon"}),
        "Yes: it rains in Lyon.",
    ),
    "How many umbrellas are left?": (
        Reply.tool_call("left", {"item": "umbrella"}),
        "Three umbrellas are left.",
    ),
    "List the files, and tell what they are.": (
        Reply.text("I look.", phase="commentary") + Reply.command("ls"),
        Reply.text("There are none.", phase="final_answer"),
    ),
    "Count to a million.": (Reply.text(*(f"{number} " for number in range(200)), delay=0.02),),
    "Write a .gitignore for this project.": (
        Reply.patch("*** Begin Patch\n*** Add File: .gitignore\n+__pycache__/\n*** End Patch"),
        "I wrote it.",
    ),
    "Fetch what is new on the server.": (
        Reply.command("echo fetched", justification="Ask the server for what is new."),
        "There is nothing new.",
    ),
    "I take two lamps. What does that cost?": (
        Reply.tool_call("put", {"item": "lamp", "amount": 2}),
        Reply.tool_call("total", {}),
        "That is 60.",
    ),
    "Order a lamp from the stock.": (
        Reply.tool_call("order", {"item": "lamp"}, namespace="mcp__stock"),
        "It is ordered.",
    ),
    "Make a plan, then write the first test.": (
        Reply.patch("*** Begin Patch\n*** Add File: test_it.py\n+pass\n*** End Patch"),
        "The first test is written.",
    ),
}
"""Prompts, and what the model says and does."""

SIMPLEST: Final[dict[str, object]] = {
    "string": "text",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "array": [],
}
"""Values of the types of JSON Schema that have no parts that are asked for."""

OTHERWISE: Final = "Done."
"""What it says to any other prompt, unless it has to keep to a schema."""


def answer(request: ModelRequest) -> Reply | str:
    """Play the model."""
    replies = REPLIES.get(request.prompt)
    if replies is not None:
        return replies[min(_outputs_of_turn(request), len(replies) - 1)]
    schema = request.body.get("text", {}).get("format", {}).get("schema")
    return OTHERWISE if schema is None else json.dumps(simplest_value(schema, schema))


def _outputs_of_turn(request: ModelRequest) -> int:
    """Count what tools have returned since the user's last message."""
    outputs = 0
    for item in reversed(request.input):
        if item.get("role") == "user":
            break
        outputs += "output" in item and "call_id" in item
    return outputs


def simplest_value(schema: dict[str, Any], root: dict[str, Any]) -> object:
    """Make a value that a JSON Schema allows, as small as can be."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return simplest_value(root["$defs"][name], root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return simplest_value(schema["anyOf"][0], root)
    if schema.get("type") == "object":
        fields = schema.get("properties", {})
        return {name: simplest_value(fields[name], root) for name in schema.get("required", ())}
    simplest: dict[str, object] = {
        "string": "text",
        "integer": 1,
        "number": 1.0,
        "boolean": True,
        "array": [],
    }
    return simplest.get(schema.get("type", "null"))
