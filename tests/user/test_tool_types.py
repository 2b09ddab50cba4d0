"""The program whose types the checkers check runs, too."""

from __future__ import annotations

import pytest
from openai_codex import ToolError

from tests.user.notes import first_ticket
from tests.user.tool_types import Agent, later, listed, used


async def test_tools_are_used_like_functions() -> None:
    await used(Agent())

    assert first_ticket() == "Issue 1: it crashes."


def test_tools_of_all_kinds_go_into_one_list() -> None:
    names = [one.full_name for one in listed(Agent())]

    assert names == ["plain", "tracker.look-up", "look", "wait", "double"]


async def test_an_error_of_a_tool_is_an_error_of_its_function() -> None:
    with pytest.raises(ToolError, match="no issue 0"):
        await later(0)
