"""The life of a thread: start, name, list, fork, compact, archive and bring back.

Run it with `python docs/examples/lifecycle_async.py`.
"""

from __future__ import annotations

import asyncio

from openai_codex import AsyncCodex


async def main() -> None:
    """Lead one thread, and a copy of it, through all that can happen to them."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        await thread.run("Suggest a name for a cat. Answer in one word.")
        await thread.set_name("Names for a cat")
        page = await codex.thread_list(limit=1)
        print(f"newest: {page.data[0].name}")

        copy = await codex.thread_fork(thread.id)
        result = await copy.run("Another one.")
        print(f"copy: {result.final_response}")
        turns = [turn async for turn in copy.turns()]
        print(f"turns in the copy: {len(turns)}")

        handle = await copy.compact()  # the model sums up, to make room for more
        result = await handle.run()
        print(f"compacted: {result.status.value}")

        for one in (thread, copy):
            await codex.thread_archive(one.id)
        archived = {info.id async for info in codex.threads(archived=True)}
        print(f"both archived: {archived >= {thread.id, copy.id}}")

        thread = await codex.thread_unarchive(thread.id)
        result = await thread.run("And one more.")
        print(f"back: {result.final_response}")
        await codex.thread_archive(thread.id)


if __name__ == "__main__":
    asyncio.run(main())
