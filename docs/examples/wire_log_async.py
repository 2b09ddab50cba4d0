"""See what passes between this program and the runtime; secrets are taken out.

Run it with `python docs/examples/wire_log_async.py`. For other programs, set the environment
variable `CODEX_WIRE_LOG` before they start.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from tempfile import mkdtemp

from codex_app_server_rpc import TranscriptEnd, TranscriptHead, TranscriptMessage, read_transcript
from openai_codex import AsyncCodex

LOG = os.environ.setdefault("CODEX_WIRE_LOG", str(Path(mkdtemp(), "wire.jsonl")))


async def main() -> None:
    """Run a turn, and show its log."""
    async with AsyncCodex() as codex:
        thread = await codex.thread_start()
        await thread.run("Say hello.")

    print(f"The log is {LOG}")
    for record in read_transcript(LOG):
        match record:
            case TranscriptHead():
                print(f"begin {' '.join(record.command[1:2])}")
            case TranscriptMessage(message=message):
                arrow = "->" if record.sender == "client" else "<-"
                print(f"{arrow} {message.get('method', 'answer')}")
            case TranscriptEnd():
                print(f"end: {record.reason}")
            case _:
                print("a line that was no message")


if __name__ == "__main__":
    asyncio.run(main())
