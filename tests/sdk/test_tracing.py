"""What tracing costs and says where OpenTelemetry is absent, and what it reads of an item."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from openai_codex import CodexConfig, InvalidArgumentError, Tracing
from openai_codex.tracing.items import ItemFacts

WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from openai_codex import AsyncCodex, Codex, CodexConfig, UsageError
for make in (Codex, AsyncCodex):
    try:
        make(CodexConfig(tracing=True))
    except UsageError as error:
        print(error)
"""
UNTRACED = """
import sys
from openai_codex import AsyncCodex, Codex
AsyncCodex()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def output_of(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_tracing_without_opentelemetry_is_refused_in_a_sentence() -> None:
    sentence = "tracing needs the package opentelemetry-api: pip install opentelemetry-api"

    assert output_of(WITHOUT) == [sentence, sentence]


def test_a_client_that_is_not_traced_loads_nothing_of_opentelemetry() -> None:
    assert output_of(UNTRACED) == ["[]"]


@pytest.mark.parametrize("value", [None, "yes", 1])
def test_what_is_no_tracing_is_refused(value: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="tracing"):
        CodexConfig(tracing=value)


def test_tracing_says_nothing_of_the_content_unless_told() -> None:
    assert Tracing().content is False


@pytest.mark.parametrize(
    ("item", "name", "error"),
    [
        ({"type": "mcpToolCall", "server": "s", "tool": "t"}, "execute_tool s.t", None),
        ({"type": "collabAgentToolCall", "tool": "spawn"}, "execute_tool spawn", None),
        ({"type": "webSearch", "query": "x"}, "execute_tool webSearch", None),
        ({"type": "fileChange", "status": "declined"}, "execute_tool fileChange", "declined"),
        (
            {"type": "commandExecution", "status": "failed"},
            "execute_tool commandExecution",
            "failed",
        ),
        ({"type": "reasoning"}, "reasoning", None),
        ({"type": "brandNew"}, "brandNew", None),
        ({}, "None", None),
    ],
)
def test_an_item_has_the_name_of_its_tool_or_its_kind(
    item: dict[str, Any], name: str, error: str | None
) -> None:
    facts = ItemFacts.of(item, content=False)

    assert (facts.name, facts.error) == (name, error)


def test_what_an_item_says_is_told_only_on_request() -> None:
    item: dict[str, Any] = {"type": "mcpToolCall", "arguments": {"a": [1]}, "id": "i"}

    assert "gen_ai.tool.call.arguments" not in ItemFacts.of(item, content=False).attributes
    told = ItemFacts.of(item, content=True).attributes
    assert told["gen_ai.tool.call.arguments"] == '{"a":[1]}'
