"""Say more to a turn that runs, and stop one that is no longer wanted.

Run it with `python docs/examples/steer.py`.
"""

from __future__ import annotations

from openai_codex import Codex


def main() -> None:
    """Steer one turn, and interrupt another."""
    with Codex() as codex:
        thread = codex.thread_start()

        with thread.turn("Write a poem of twenty lines about the sea.") as handle:
            pieces = handle.text_stream()
            next(pieces)  # it has begun
            handle.steer("Make that two lines, about mountains.")
            result = handle.run()
        print(f"{result.status.value}: {result.final_response}")

        with thread.turn("Now count from 1 to 1000, in words.") as handle:
            said = ""
            for piece in handle.text_stream():
                said += piece
                if "three" in said:
                    handle.interrupt()  # the stream ends soon, and brings what was under way
            result = handle.run()
        print(f"{result.status.value}: {said}")


if __name__ == "__main__":
    main()
