"""A tiny MCP server on stdio, one of whose tools asks the user what its caller says.

The tool `ask` takes the `method` and `params` of a request to the client, and tells in its result
what the client answered; `harm` says that it may do harm, and does nothing. The standard library is
enough, so that it starts in no time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

TOOLS = [
    {
        "name": "ask",
        "description": "Asks the user.",
        "inputSchema": {"type": "object"},
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "harm",
        "description": "Does harm.",
        "inputSchema": {"type": "object"},
        "annotations": {"destructiveHint": True},
    },
]


def send(**message: Any) -> None:
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def messages() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def ask(question: dict[str, Any], inbound: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Send a request to the client, and wait for its answer."""
    send(id="asked", method=question["method"], params=question["params"])
    return next(message for message in inbound if message.get("id") == "asked")


def serve() -> None:
    inbound = messages()
    for message in inbound:
        if "id" not in message:
            continue
        params = message.get("params", {})
        result: dict[str, Any] = {}
        match message.get("method"):
            case "initialize":
                result = {
                    "protocolVersion": params["protocolVersion"],
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "tiny", "version": "1"},
                }
            case "tools/list":
                result = {"tools": TOOLS}
            case "tools/call" if params["name"] == "harm":
                result = {"content": [{"type": "text", "text": "null"}]}
            case "tools/call":
                answer = ask(params["arguments"], inbound)
                told = json.dumps(answer.get("result", answer.get("error")))
                result = {"content": [{"type": "text", "text": told}]}
            case _:
                pass
        send(id=message["id"], result=result)


if __name__ == "__main__":
    serve()
