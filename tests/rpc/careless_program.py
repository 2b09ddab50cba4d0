"""A program that never closes its client: ``python careless_program.py CLIENT HOW SCENARIO``.

Prints the server's process id, then exits, waits to be killed, or exits in a fork of itself and
says whether the server still answers.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from codex_app_server_rpc import (
    AsyncClient,
    AsyncStdioTransport,
    Client,
    ClientIdentity,
    StdioTransport,
)

IDENTITY = ClientIdentity("careless", "1.0")


def command(scenario: str) -> list[str]:
    server = Path(__file__).with_name("scripted_server.py")
    return [sys.executable, "-S", "-E", str(server), scenario]


def leave(pid: int | None, how: str) -> None:
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()
    if how == "wait":
        signal.pause()


def sync_program(how: str, scenario: str) -> None:
    transport = StdioTransport(command(scenario))
    client = Client(transport, identity=IDENTITY)
    leave(transport.pid, how)
    if how == "fork":
        if (child := os.fork()) == 0:
            sys.exit()
        os.waitpid(child, 0)
        sys.stdout.write(client.fs_read_file(path="/x").data_base64)
        client.close()
    del client


async def async_program(how: str, scenario: str) -> None:
    transport = AsyncStdioTransport(command(scenario))
    client = AsyncClient(transport, identity=IDENTITY)
    await client.start()
    leave(transport.pid, how)


if __name__ == "__main__":
    kind, manner, script = sys.argv[1:]
    if kind == "sync":
        sync_program(manner, script)
    else:
        asyncio.run(async_program(manner, script))
