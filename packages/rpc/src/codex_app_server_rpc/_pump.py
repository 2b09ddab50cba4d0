"""Reading a child's stdout and stderr to their end, in one thread.

The end is whichever comes first: the end of stdout, or, where the system has a pidfd, of the
program. A program may die while something it started keeps its stdout open; waiting for the end
of the stream alone would then wait for as long as that lives.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc._process import ServerProcess

__all__ = ["READ_SIZE", "pump", "take_rest"]

READ_SIZE: Final = 256 * 1024
"""How much is read at once at most, in bytes."""


def pump(process: ServerProcess, receive: Callable[[bytes], None]) -> None:
    """Read until the program has nothing more to say.

    Args:
        process: The running program; its stderr goes to ``process.tail``.
        receive: Takes the next bytes of stdout.
    """
    if sys.platform == "win32":
        _pump_with_thread(process, receive)
    else:
        _pump_with_poll(process, receive)


def _pump_with_poll(process: ServerProcess, receive: Callable[[bytes], None]) -> None:
    stdout, stderr = process.stdout.fileno(), process.stderr.fileno()
    poller = select.poll()
    poller.register(stdout, select.POLLIN)
    poller.register(stderr, select.POLLIN)
    if process.pidfd is not None:
        poller.register(process.pidfd, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poller.poll()}
        if stderr in ready:
            if text := _read(stderr):
                process.tail.feed(text)
            else:
                poller.unregister(stderr)
        if stdout in ready:
            if not (data := _read(stdout)):
                break
            receive(data)
        elif process.pidfd in ready:
            process.kill()
            break
    take_rest(stdout, receive)
    take_rest(stderr, process.tail.feed)


def take_rest(descriptor: int, receive: Callable[[bytes], None]) -> None:
    """Take what is still in a pipe, without waiting for whoever may hold its other end.

    Args:
        descriptor: Where to read; it does not block any more afterwards.
        receive: Takes the bytes.
    """
    os.set_blocking(descriptor, False)
    with contextlib.suppress(BlockingIOError):
        while data := os.read(descriptor, READ_SIZE):
            receive(data)


def _pump_with_thread(process: ServerProcess, receive: Callable[[bytes], None]) -> None:
    """Where pipes cannot be polled, stderr gets a thread of its own."""
    drain = threading.Thread(
        target=_drain, args=(process,), name="codex-stderr-reader", daemon=True
    )
    drain.start()
    descriptor = process.stdout.fileno()
    while data := _read(descriptor):
        receive(data)
    drain.join(1.0)


def _drain(process: ServerProcess) -> None:
    descriptor = process.stderr.fileno()
    while data := _read(descriptor):
        process.tail.feed(data)


def _read(descriptor: int) -> bytes:
    """Read what is there; a pipe that fails has ended."""
    try:
        return os.read(descriptor, READ_SIZE)
    except OSError:
        return b""
