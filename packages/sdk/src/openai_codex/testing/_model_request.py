"""What the runtime asked the scripted model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ModelRequest:
    """One request of the runtime, as the server recorded it.

    Attributes:
        method: The HTTP method.
        path: The path, with its query.
        headers: The headers, by lower-case name.
        body: The JSON object that was sent; empty if there was none.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    # The shape is the Responses API's and tests index deep into it: a typed JSON union would
    # have them narrow at every step.
    body: Mapping[str, Any] = field(repr=False)

    @property
    def thread_id(self) -> str:
        """The thread whose turn asks; empty if the request does not tell."""
        return self.headers.get("thread-id", "")

    @property
    def input(self) -> list[dict[str, Any]]:
        """The conversation so far, as items of the Responses API."""
        return list(self.body.get("input", ()))

    @property
    def prompt(self) -> str:
        """The text of the newest user message; empty if there is none."""
        for item in reversed(self.input):
            if item.get("role") == "user":
                return _text(item.get("content"))
        return ""

    @property
    def tool_outputs(self) -> dict[str, str]:
        """What tools returned in the conversation so far: text, by call id.

        An `ExternalMessage` looks like the output of a tool, but nobody has called it.
        """
        return {
            item["call_id"]: _text(item["output"])
            for item in self.input
            if "output" in item and "call_id" in item
        }

    @property
    def tool_names(self) -> list[str]:
        """The names of the tools on offer; those without a name go by their type."""
        return [tool.get("name", tool["type"]) for tool in self.body.get("tools", ())]


def parse_body(data: bytes) -> dict[str, Any]:
    """Read a request's body.

    Raises:
        ValueError: It is not a JSON object.
    """
    body = json.loads(data)
    if not isinstance(body, dict):
        raise ValueError(f"a JSON object was expected, not {type(body).__name__}")
    return body  # pyright: ignore[reportUnknownVariableType]  # as far as JSON is known


def _text(content: Any) -> str:
    """Join the texts of a content, which the API writes as one string or as a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or ())
