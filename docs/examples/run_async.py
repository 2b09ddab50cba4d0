"""Run a turn, and look at all that came of it: items, answer, time and tokens.

Run it with `python docs/examples/run_async.py`.
"""

from __future__ import annotations

import asyncio

from openai_codex import AsyncCodex, TurnResult
from openai_codex.types import (
    AgentMessageThreadItem,
    CommandExecutionThreadItem,
    MessagePhase,
    ThreadItem,
)


async def main() -> None:
    """Run one turn, and show its result."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run("Which files are in this folder, and what are they for?")
        show(result)


def show(result: TurnResult) -> None:
    """Print what a turn was made of, and what it took."""
    print(f"status: {result.status.value}")
    for item in result.items:
        print(f"- {described(item)}")
    print(f"answer: {result.final_response}")
    print(f"time: {result.duration_ms} ms")
    if result.turn_usage is not None:
        usage = result.turn_usage
        print(f"tokens: {usage.input_tokens} in, {usage.output_tokens} out")


def described(item: ThreadItem) -> str:
    """Say in a line what an item is."""
    match item:
        case CommandExecutionThreadItem():
            return f"ran {item.command}: exit code {item.exit_code}"
        case AgentMessageThreadItem(phase=MessagePhase.commentary):
            return f"said meanwhile: {item.text}"
        case _:
            return str(item.type)


if __name__ == "__main__":
    asyncio.run(main())
