"""Ask Codex something, and print its answer, with asyncio.

Run it with `python docs/examples/quickstart_async.py`.
"""

from __future__ import annotations

import asyncio

from openai_codex import AsyncCodex


async def main() -> None:
    """Start the runtime, start a thread on it, and run one turn."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        result = await thread.run("What is in this folder? Answer in one sentence.")
        print(result.final_response)


if __name__ == "__main__":
    asyncio.run(main())
