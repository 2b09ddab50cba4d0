"""Chat in the terminal: each line is a turn, and the thread remembers those before.

Run it with `python docs/examples/chat.py`; an empty line ends it, Ctrl-C stops an answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from openai_codex import Codex, CodexError


def main() -> None:
    """Answer line by line, until there are no more."""
    with Codex() as codex:
        thread = codex.thread_start()
        for line in typed_lines():
            try:
                for piece in thread.turn(line).text_stream():
                    print(piece, end="", flush=True)
                print()
            except KeyboardInterrupt:
                print("\n(stopped)")  # on the runtime too
            except CodexError as error:
                print(f"\n({error})")


def typed_lines() -> Iterator[str]:
    """Give what is typed, line by line."""
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if not line:
            return
        yield line


if __name__ == "__main__":
    main()
