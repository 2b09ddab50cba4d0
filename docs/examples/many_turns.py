"""Run many turns at once, each on a thread of its own, on one runtime.

Run it with `python docs/examples/many_turns.py`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from openai_codex import Codex, CodexError

AT_ONCE = 4
LANGUAGES = ("Danish", "Estonian", "Finnish", "Greek", "Hungarian", "Icelandic")


def main() -> None:
    """Translate a sentence into several languages, some of them at a time."""
    with Codex() as codex:

        def translated(language: str) -> str:
            thread = codex.thread_start(ephemeral=True)  # nobody will resume it
            try:
                result = thread.run(f"Translate into {language}: Good morning!", timeout=120)
            except CodexError as error:  # one that fails leaves the others alone
                return f"({error})"
            return result.final_response or ""

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for language, text in zip(LANGUAGES, pool.map(translated, LANGUAGES), strict=True):
                print(f"{language}: {text}")


if __name__ == "__main__":
    main()
