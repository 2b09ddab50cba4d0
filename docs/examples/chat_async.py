"""Chat in the terminal: each line is a turn, and the thread remembers those before.

Run it with `python docs/examples/chat_async.py`; an empty line or Ctrl-D ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from openai_codex import AsyncCodex, CodexError


async def main() -> None:
    """Answer line by line, until there are no more."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        async for line in typed_lines():
            try:
                handle = await thread.turn(line)
                async for piece in handle.text_stream():
                    print(piece, end="", flush=True)
                print()
            except CodexError as error:
                print(f"\n({error})")


async def typed_lines() -> AsyncIterator[str]:
    """Give what is typed, line by line; meanwhile the event loop is free for other work."""
    while True:
        try:
            line = await asyncio.to_thread(input, "> ")
        except EOFError:
            print()
            return
        if not line.strip():
            return
        yield line.strip()


if __name__ == "__main__":
    asyncio.run(main())
