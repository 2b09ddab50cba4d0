"""Continue a conversation in another process: all that it takes is the thread's id.

Run it with `python docs/examples/resume_async.py`. It prints how to go on: with the thread's id.
"""

from __future__ import annotations

import asyncio
import sys

from openai_codex import AsyncCodex, ThreadNotFoundError


async def main() -> None:
    """Start a thread, or resume the one whose id is given."""
    async with AsyncCodex() as codex:
        if len(sys.argv) == 1:
            thread = await codex.thread_start()
            result = await thread.run("My favourite colour is teal. Just say OK.")
        else:
            try:
                thread = await codex.thread_resume(sys.argv[1])
            except ThreadNotFoundError as error:
                sys.exit(str(error))
            result = await thread.run("Which colour do I like?")
        print(result.final_response)
        print(f"To go on: python {sys.argv[0]} {thread.id}")


if __name__ == "__main__":
    asyncio.run(main())
