"""Follow a turn while it runs: its steps as they begin and end, its answer word by word.

Run it with `python docs/examples/stream.py`.
"""

from __future__ import annotations

from openai_codex import Codex, Notification, Sandbox
from openai_codex.types import (
    AgentMessageDeltaNotification,
    CommandExecutionThreadItem,
    FileChangeThreadItem,
    ItemCompletedNotification,
    ItemStartedNotification,
    ReasoningThreadItem,
)


def main() -> None:
    """Run one turn, and show its progress."""
    with Codex() as codex:
        thread = codex.thread_start(sandbox=Sandbox.workspace_write)
        handle = thread.turn("Count the files in this folder, and write the number to count.txt.")
        for event in handle.stream():
            show(event)
        result = handle.run()  # at once: the stream has brought all that it is made of
        print(f"\n[{result.status.value} after {result.duration_ms} ms]")


def show(event: Notification) -> None:
    """Print what a notification says of the turn's progress; most of them say nothing."""
    match event.payload:
        case ItemStartedNotification(item=ReasoningThreadItem()):
            print("[thinking]")
        case ItemStartedNotification(item=CommandExecutionThreadItem(command=command)):
            print(f"[running] {command}")
        case ItemCompletedNotification(item=CommandExecutionThreadItem(exit_code=code)):
            print(f"[exit code {code}]")
        case ItemCompletedNotification(item=FileChangeThreadItem(changes=changes)):
            print(f"[changed] {', '.join(change.path for change in changes)}")
        case AgentMessageDeltaNotification(delta=delta):
            print(delta, end="", flush=True)
        case _:
            pass


if __name__ == "__main__":
    main()
