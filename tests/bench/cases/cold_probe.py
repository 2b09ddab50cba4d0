"""Run one short turn on the real runtime and print this process's CPU time, as JSON.

A program for a child process: ``cold_probe.py KIND FOLDER SETTING…``.
"""

from __future__ import annotations

import sys
from time import process_time

kind, folder, *settings = sys.argv[1:]

if kind == "sync":
    from openai_codex import Codex, CodexConfig

    with Codex(CodexConfig(cwd=folder, config_overrides=tuple(settings))) as codex:
        answer = codex.thread_start().run("Say hi.").final_response
else:
    import asyncio

    from openai_codex import AsyncCodex, CodexConfig

    async def converse() -> str | None:
        config = CodexConfig(cwd=folder, config_overrides=tuple(settings))
        async with AsyncCodex(config) as codex:
            thread = await codex.thread_start()
            return (await thread.run("Say hi.")).final_response

    answer = asyncio.run(converse())

assert answer == "Hi.", answer
print(f'{{"cpu": {process_time() * 1e3}}}')
