"""What type checkers know of a user's tools: as much as of the functions themselves."""

from __future__ import annotations

from collections.abc import Callable

from openai_codex import Tool, ToolError, ToolNamespace, tool
from typing_extensions import assert_type

TRACKER = ToolNamespace("tracker", "What is known of issues.")


@tool
def plain(number: int, verbose: bool = False) -> str:
    """Look an issue up."""
    return f"{number} {verbose}"


@tool(namespace=TRACKER, name="look-up", timeout=10, max_concurrency=2, defer_loading=True)
async def later(number: int) -> list[int]:
    """Look an issue up."""
    if number < 1:
        raise ToolError(f"there is no issue {number}")
    return [number]


class Agent:
    """Somebody with tools."""

    @tool
    def look(self, number: int, *, closely: bool = False) -> str:
        """Look at it."""
        return f"{number} {closely}"

    @tool(timeout=3)
    async def wait(self, number: int) -> int:
        """Wait for it."""
        return number

    @staticmethod
    @tool
    def double(number: int) -> int:
        """Double it."""
        return 2 * number


def listed(agent: Agent) -> list[Tool[..., object]]:
    """Put tools of all kinds into one list."""
    return [plain, later, agent.look, agent.wait, Agent.double]


async def used(agent: Agent) -> None:
    """Call tools like functions."""
    assert_type(plain(1, verbose=True), str)
    assert_type(await later(1), list[int])
    assert_type(agent.look(1, closely=True), str)
    assert_type(Agent.look(agent, 1), str)
    assert_type(await agent.wait(1), int)
    assert_type(Agent.double(1), int)
    assert_type(plain.function(1), str)
    plain_function: Callable[[int], str] = plain
    bound_function: Callable[[int], str] = agent.look
    assert plain_function(1) == "1 False"
    assert bound_function(1) == "1 False"


def misused(agent: Agent) -> None:
    """Call tools as they are not to be called: each line is an error for both checkers."""
    plain("1")  # type: ignore[arg-type]
    plain(1, loud=True)  # type: ignore[call-arg]
    agent.look()  # type: ignore[call-arg]
    agent.look(1, True)  # type: ignore[call-arg]
    tool(timeout="1")(misused)  # type: ignore[call-overload]
