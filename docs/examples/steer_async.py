"""Say more to a turn that runs, and stop one that is no longer wanted.

Run it with `python docs/examples/steer_async.py`.
"""

from __future__ import annotations

import asyncio

from openai_codex import AsyncCodex


async def main() -> None:
    """Steer one turn, and interrupt another."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()

        async with await thread.turn("Write a poem of twenty lines about the sea.") as handle:
            pieces = handle.text_stream()
            await anext(pieces)  # it has begun
            await handle.steer("Make that two lines, about mountains.")
            result = await handle.run()
        print(f"{result.status.value}: {result.final_response}")

        async with await thread.turn("Now count from 1 to 1000, in words.") as handle:
            said = ""
            async for piece in handle.text_stream():
                said += piece
                if "three" in said:
                    await handle.interrupt()  # the stream ends soon, and brings what was under way
            result = await handle.run()
        print(f"{result.status.value}: {said}")


if __name__ == "__main__":
    asyncio.run(main())
