"""A small program with tests of its own: they need no account, and it knows nothing of them.

Run it with `python docs/examples/summary_async.py CHANGELOG.md`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from openai_codex import AsyncCodex, Sandbox
from pydantic import BaseModel


class Summary(BaseModel):
    """What a text says, in short."""

    title: str
    points: list[str]


async def summarise(text: str) -> Summary:
    """Have the model sum a text up."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start(sandbox=Sandbox.read_only, ephemeral=True)
        result = await thread.run(f"Sum this up:\n\n{text}", output_type=Summary, retries=1)
        return result.output


async def main() -> None:
    """Print the summary of the file that is named on the command line."""
    summary = await summarise(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(summary.title)
    for point in summary.points:
        print(f"- {point}")


if __name__ == "__main__":
    asyncio.run(main())
