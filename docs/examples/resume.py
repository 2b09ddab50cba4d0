"""Continue a conversation in another process: all that it takes is the thread's id.

Run it with `python docs/examples/resume.py`. It prints how to go on: with the thread's id.
"""

from __future__ import annotations

import sys

from openai_codex import Codex, ThreadNotFoundError


def main() -> None:
    """Start a thread, or resume the one whose id is given."""
    with Codex() as codex:
        if len(sys.argv) == 1:
            thread = codex.thread_start()
            result = thread.run("My favourite colour is teal. Just say OK.")
        else:
            try:
                thread = codex.thread_resume(sys.argv[1])
            except ThreadNotFoundError as error:
                sys.exit(str(error))
            result = thread.run("Which colour do I like?")
        print(result.final_response)
        print(f"To go on: python {sys.argv[0]} {thread.id}")


if __name__ == "__main__":
    main()
