"""The life of a thread: start, name, list, fork, compact, archive and bring back.

Run it with `python docs/examples/lifecycle.py`.
"""

from __future__ import annotations

from openai_codex import Codex


def main() -> None:
    """Lead one thread, and a copy of it, through all that can happen to them."""
    with Codex() as codex:
        thread = codex.thread_start()
        thread.run("Suggest a name for a cat. Answer in one word.")
        thread.set_name("Names for a cat")
        page = codex.thread_list(limit=1)
        print(f"newest: {page.data[0].name}")

        copy = codex.thread_fork(thread.id)
        result = copy.run("Another one.")
        print(f"copy: {result.final_response}")
        turns = list(copy.turns())
        print(f"turns in the copy: {len(turns)}")

        handle = copy.compact()  # the model sums up, to make room for more
        result = handle.run()
        print(f"compacted: {result.status.value}")

        for one in (thread, copy):
            codex.thread_archive(one.id)
        archived = {info.id for info in codex.threads(archived=True)}
        print(f"both archived: {archived >= {thread.id, copy.id}}")

        thread = codex.thread_unarchive(thread.id)
        result = thread.run("And one more.")
        print(f"back: {result.final_response}")
        codex.thread_archive(thread.id)


if __name__ == "__main__":
    main()
