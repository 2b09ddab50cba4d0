"""Ask Codex something, and print its answer.

Run it with `python docs/examples/quickstart.py`.
"""

from __future__ import annotations

from openai_codex import Codex


def main() -> None:
    """Start the runtime, start a thread on it, and run one turn."""
    with Codex() as codex:
        thread = codex.thread_start()
        result = thread.run("What is in this folder? Answer in one sentence.")
        print(result.final_response)


if __name__ == "__main__":
    main()
