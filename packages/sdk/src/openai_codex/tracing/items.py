"""What a span tells of an item, read from the item as it was on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codex_app_server_types import JsonValue

__all__ = ["UNTOLD", "ItemFacts"]

UNTOLD: Final = frozenset({"userMessage", "hookPrompt", "dynamicToolCall"})
"""Items without a span of theirs: what was said to the turn, and tools that this program runs."""

_TOOLS: Final = frozenset(
    {
        *("collabAgentToolCall", "commandExecution", "fileChange", "imageGeneration", "imageView"),
        *("mcpToolCall", "webSearch"),
    }
)
_FAILED: Final = frozenset({"failed", "declined", "errored"})


@dataclass(frozen=True)
class ItemFacts:
    """What a span tells of an item.

    Attributes:
        name: The span's name.
        attributes: Its attributes.
        error: What went wrong, in a word; ``None`` for nothing.
    """

    name: str
    attributes: dict[str, str | int]
    error: str | None

    @classmethod
    def of(cls, item: Mapping[str, JsonValue], *, content: bool) -> ItemFacts:
        """Read an item.

        Args:
            item: The item.
            content: Whether to tell what it says.
        """
        kind = str(item.get("type"))
        attributes: dict[str, str | int] = {"codex.item.type": kind}
        if kind in _TOOLS:
            tool = _tool_name(kind, item)
            attributes["gen_ai.operation.name"] = "execute_tool"
            attributes["gen_ai.tool.name"] = tool
            attributes["gen_ai.tool.type"] = "extension"
            attributes["gen_ai.tool.call.id"] = str(item.get("id"))
            name = f"execute_tool {tool}"
        else:
            attributes["codex.item.id"] = str(item.get("id"))
            name = kind
        status, exit_code = item.get("status"), item.get("exitCode")
        if isinstance(status, str):
            attributes["codex.item.status"] = status
        if isinstance(exit_code, int):
            attributes["process.exit.code"] = exit_code
        if content:
            attributes.update(_content(item))
        error = status if isinstance(status, str) and status in _FAILED else None
        return cls(name, attributes, error)


def _tool_name(kind: str, item: Mapping[str, JsonValue]) -> str:
    if kind == "mcpToolCall":
        return f"{item.get('server')}.{item.get('tool')}"
    if kind == "collabAgentToolCall":
        return str(item.get("tool"))
    return kind


def _content(item: Mapping[str, JsonValue]) -> dict[str, str | int]:
    """Give what was said, done and answered, where it is short to say."""
    told = {
        "gen_ai.tool.call.arguments": ("command", "query", "arguments", "prompt", "path"),
        "gen_ai.tool.call.result": ("aggregatedOutput",),
        "codex.item.text": ("text",),
    }
    found: dict[str, str | int] = {}
    for attribute, members in told.items():
        for member in members:
            value = item.get(member)
            if value is not None and attribute not in found:
                found[attribute] = value if isinstance(value, str) else _json(value)
    return found


def _json(value: JsonValue) -> str:
    from pydantic_core import to_json

    return to_json(value).decode()
