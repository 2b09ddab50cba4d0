"""Reading a child's stdout and stderr to their end, in one thread.

The end is whichever comes first: the end of stdout, or of the program. A program may die while
something it started keeps its stdout open; waiting for the end of the stream alone would then
wait for as long as that lives.
"""

from __future__ import annotations

import os
import select
import threading
from time import monotonic
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.transports._process.exit_watch import ASKING_INTERVAL
from codex_app_server_rpc.transports._process.process import EXIT_GRACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.transports._process.process import ServerProcess

__all__ = ["READ_SIZE", "pump", "take_rest"]

READ_SIZE: Final = 64 * 1024
"""How much is read at once at most, in bytes."""

REST_SIZE: Final = 4 * 1024 * 1024
"""How much is taken from a pipe at most after its program has ended, in bytes.

More than a pipe holds: what comes beyond was written later, by somebody else.
"""


def pump(process: ServerProcess, receive: Callable[[bytes], None]) -> None:
    """Read until the program has nothing more to say, and see it end, or end it.

    Args:
        process: The running program; its stderr goes to ``process.tail``.
        receive: Takes the next bytes of stdout.
    """
    try:
        if hasattr(select, "poll"):
            _pump_with_poll(process, receive)
        else:
            _pump_with_threads(process, receive)
    finally:
        while not process.wait(EXIT_GRACE):
            process.kill()


def take_rest(descriptor: int, receive: Callable[[bytes], None]) -> None:
    """Take what is still in a pipe, without waiting for whoever may hold its other end.

    Args:
        descriptor: Where to read; it does not block any more afterwards.
        receive: Takes the bytes.
    """
    os.set_blocking(descriptor, False)
    taken = 0
    while taken < REST_SIZE and (data := _read(descriptor)):
        taken += len(data)
        receive(data)


def _pump_with_poll(process: ServerProcess, receive: Callable[[bytes], None]) -> None:
    stdout, stderr = process.stdout.fileno(), process.stderr.fileno()
    exited = process.exit_descriptor
    poller = select.poll()
    for descriptor in (stdout, stderr, exited):
        if descriptor is not None:
            poller.register(descriptor, select.POLLIN)
    patience = ASKING_INTERVAL * 1000 if exited is None else None
    nearly_always = [(stdout, select.POLLIN)]
    while True:
        events = poller.poll(patience)
        if events == nearly_always:
            if data := _read(stdout):
                receive(data)
                continue
            break
        ready = {descriptor for descriptor, _ in events}
        if stderr in ready:
            if text := _read(stderr):
                process.tail.feed(text)
            else:
                poller.unregister(stderr)
        if exited in ready or (not ready and process.has_ended()):
            process.kill()  # so that nobody goes on writing to its streams
            break
        if stdout in ready:
            if not (data := _read(stdout)):
                break
            receive(data)
    if not process.has_ended():
        poller.unregister(stdout)
        _hear_out(process, poller)
    take_rest(stdout, receive)
    take_rest(stderr, process.tail.feed)


def _hear_out(process: ServerProcess, poller: select.poll) -> None:
    """Take the last words of a program that has closed its stdout, and so is of no use any more."""
    stderr = process.stderr.fileno()
    deadline = monotonic() + EXIT_GRACE
    while (left := deadline - monotonic()) > 0 and not process.has_ended():
        ready = {descriptor for descriptor, _ in poller.poll(min(left, ASKING_INTERVAL) * 1000)}
        if stderr in ready:
            if text := _read(stderr):
                process.tail.feed(text)
            else:
                poller.unregister(stderr)


def _pump_with_threads(process: ServerProcess, receive: Callable[[bytes], None]) -> None:
    """Where pipes cannot be polled, stderr and the program's end get threads of their own."""
    helpers = [
        threading.Thread(target=_drain, args=(process,), name="codex-stderr", daemon=True),
        threading.Thread(target=_end_the_rest, args=(process,), name="codex-exit", daemon=True),
    ]
    for helper in helpers:
        helper.start()
    descriptor = process.stdout.fileno()
    while data := _read(descriptor):
        receive(data)
    for helper in helpers:
        helper.join(EXIT_GRACE)


def _drain(process: ServerProcess) -> None:
    descriptor = process.stderr.fileno()
    while data := _read(descriptor):
        process.tail.feed(data)


def _end_the_rest(process: ServerProcess) -> None:
    """Once the program has ended, end what it started: that ends its streams."""
    while not process.wait(EXIT_GRACE):
        pass
    process.kill()


def _read(descriptor: int) -> bytes:
    """Read what is there; a pipe that fails, or has nothing and does not block, has ended."""
    try:
        return os.read(descriptor, READ_SIZE)
    except OSError:
        return b""
