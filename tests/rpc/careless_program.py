"""A program that is careless about its client: ``python careless_program.py CLIENT HOW SCENARIO``.

Starts a client of the scripted server, prints the server's process id, then, by HOW: ``exit``
ends; ``wait`` waits to be killed; ``close`` closes the client after all; ``fork`` ends in a fork of
itself and says whether the server still answers, and so do ``close-in-a-fork``, which also closes
the client there, and ``ask-in-a-fork``, which makes a request there before; ``live-on-in-a-fork``
forks, prints the fork's process id, and waits to be killed, both of them. A scenario may have
arguments.
"""

from __future__ import annotations

import asyncio
import contextlib
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
    TransportClosedError,
)

IDENTITY = ClientIdentity("careless", "1.0")


def command(*scenario: str) -> list[str]:
    server = Path(__file__).with_name("scripted_server.py")
    return [sys.executable, "-S", "-E", str(server), *scenario]


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def leave(how: str) -> None:
    if how == "live-on-in-a-fork" and (child := os.fork()):
        say(child)
    if how in ("wait", "live-on-in-a-fork"):
        while True:
            signal.pause()


def sync_program(how: str, *scenario: str) -> None:
    transport = StdioTransport(command(*scenario))
    client = Client(transport, identity=IDENTITY)
    client.start()
    path = client.fs_read_file(path="/x").data_base64
    say(transport.pid)
    leave(how)
    if how == "close":
        client.close()
    if how in ("fork", "close-in-a-fork", "ask-in-a-fork"):
        if (child := os.fork()) == 0:
            signal.alarm(8)  # less than the steps of a shutdown take
            if how == "ask-in-a-fork":
                with contextlib.suppress(TransportClosedError):
                    client.fs_read_file(path="/x")
                    sys.exit("the fork was answered")
            if how != "fork":
                client.close()
            sys.exit()
        if os.waitpid(child, 0)[1] != 0:
            sys.exit("the fork did not end")
        path = client.fs_read_file(path="/x").data_base64
        sys.stdout.write(path)
        client.close()
    del client


async def async_program(how: str, *scenario: str) -> None:
    transport = AsyncStdioTransport(command(*scenario))
    client = AsyncClient(transport, identity=IDENTITY)
    await client.start()
    await client.fs_read_file(path="/x")
    say(transport.pid)
    leave(how)
    if how == "close":
        await client.close()


if __name__ == "__main__":
    kind, manner, *script = sys.argv[1:]
    if kind == "sync":
        sync_program(manner, *script)
    else:
        asyncio.run(async_program(manner, *script))
