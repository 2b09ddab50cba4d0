"""Read what was said before: threads, their turns and their items, page by page.

Run it with `python docs/examples/history_async.py`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from openai_codex import AsyncCodex
from openai_codex.types import SortDirection, TurnItemsView, UserMessageThreadItem


async def main() -> None:
    """Say three things, and look back."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        for number in (1, 2, 3):
            await thread.run(f"Say the number {number}, and nothing else.")

        # One page, with the cursor of the next; `codex.threads()` goes through all of them.
        page = await codex.thread_list(cwd=Path.cwd(), limit=1)
        print(f"newest thread here: {page.data[0].preview}")

        # These fetch the next page when it is needed: leave the loop when you have enough.
        async for turn in thread.turns(items_view=TurnItemsView.full, page_size=2):
            print(f"turn: {turn.status.value}, {len(turn.items)} items")
        async for entry in thread.items(sort_direction=SortDirection.desc, page_size=2):
            print(f"item: {entry.item.type}")
            if isinstance(entry.item, UserMessageThreadItem):
                break  # what was said last

        whole = (await thread.read(include_turns=True)).thread  # all at once, for short threads
        print(f"whole: {len(whole.turns)} turns")


if __name__ == "__main__":
    asyncio.run(main())
