"""Run many turns at once, each on a thread of its own, on one runtime.

Run it with `python docs/examples/many_turns_async.py`.
"""

from __future__ import annotations

import asyncio

from openai_codex import AsyncCodex, CodexError

AT_ONCE = 4
LANGUAGES = ("Danish", "Estonian", "Finnish", "Greek", "Hungarian", "Icelandic")


async def main() -> None:
    """Translate a sentence into several languages, some of them at a time."""
    places = asyncio.Semaphore(AT_ONCE)
    async with AsyncCodex() as codex:

        async def translated(language: str) -> str:
            async with places:
                thread = await codex.thread_start(ephemeral=True)  # nobody will resume it
                try:
                    result = await thread.run(
                        f"Translate into {language}: Good morning!", timeout=120
                    )
                except CodexError as error:  # one that fails leaves the others alone
                    return f"({error})"
                return result.final_response or ""

        texts = await asyncio.gather(*(translated(language) for language in LANGUAGES))
        for language, text in zip(LANGUAGES, texts, strict=True):
            print(f"{language}: {text}")


if __name__ == "__main__":
    asyncio.run(main())
