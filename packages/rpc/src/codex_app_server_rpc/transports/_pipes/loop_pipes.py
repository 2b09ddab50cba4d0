"""A child's three pipes on the event loop's own watching of descriptors.

There is no task and no thread. The loop calls back when there is something to read, room to
write, or the program has ended; so cancelling every task of a loop, as Ctrl-C does, takes nothing
away that a close would need.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import TransportClosedError
from codex_app_server_rpc.transports._pipes.line import Line
from codex_app_server_rpc.transports._pipes.pipe_writer import unread
from codex_app_server_rpc.transports._process.exit_watch import ASKING_INTERVAL
from codex_app_server_rpc.transports._process.process import EXIT_GRACE
from codex_app_server_rpc.transports._process.pump import READ_SIZE, take_rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from codex_app_server_rpc.transports._process.process import ServerProcess

__all__ = ["LoopPipes"]


class LoopPipes:
    """Serves a child's pipes from the running event loop."""

    def __init__(
        self,
        process: ServerProcess,
        receive: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        """Begin to serve.

        Args:
            process: The running program; its stderr goes to ``process.tail``.
            receive: Takes the next bytes of stdout.
            ended: Is called, last, when the program has ended and all was let go of.

        Raises:
            NotImplementedError: This loop cannot watch descriptors; nothing was begun.
        """
        self._loop = asyncio.get_running_loop()
        self._process = process
        self._receive = receive
        self._ended = ended
        self._stdin = process.stdin.fileno()
        self._stdout = process.stdout.fileno()
        self._stderr = process.stderr.fileno()
        self._exited = process.exit_descriptor
        self._overdue: asyncio.TimerHandle | None = None
        self._line = Line()
        self._rest = memoryview(b"")
        self._failure: OSError | TransportClosedError | None = None
        self._loop.add_reader(self._stdout, self._read_stdout)
        self._loop.add_reader(self._stderr, self._read_stderr)
        for pipe in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(pipe, False)
        if self._exited is not None:
            self._loop.add_reader(self._exited, self._finish)
        else:
            self._loop.call_soon(self._ask_for_the_end, 0.001)

    async def send(self, data: bytes, timeout: float | None) -> None:
        """Write a message; waits before it, while the rest of an earlier one is not written.

        Args:
            data: The whole message.
            timeout: How long to wait for room, in seconds; ``None`` for no limit.

        Raises:
            CodexTimeoutError: There was no room in time; nothing of the message was sent.
            TransportClosedError: The pipe was closed on this side.
            OSError: Nobody reads the pipe any more.
        """
        if (self._line or self._rest) and not await self._line.wait(self._has_room, timeout):
            assert timeout is not None
            raise unread(timeout)
        if self._failure is None:
            self._rest = memoryview(data)
            self._write()
        if self._failure is not None:
            raise _again(self._failure)
        if self._rest:
            self._loop.add_writer(self._stdin, self._write_more)

    def close_stdin(self) -> None:
        """Close the child's stdin; whoever waits for room is turned away. Idempotent."""
        self._stop_writing(TransportClosedError())

    def _write(self) -> None:
        """Write what there is room for."""
        try:
            written = os.write(self._stdin, self._rest)
            # An empty part would keep the whole, which may be big.
            self._rest = self._rest[written:] if written < len(self._rest) else memoryview(b"")
        except BlockingIOError:
            pass
        except OSError as error:
            self._stop_writing(error)

    def _write_more(self) -> None:
        self._write()
        if not self._rest and self._failure is None:
            self._loop.remove_writer(self._stdin)
            self._line.notify()

    def _stop_writing(self, failure: OSError | TransportClosedError) -> None:
        if self._failure is None:
            self._failure = failure
            self._rest = memoryview(b"")
            self._loop.remove_writer(self._stdin)
            self._process.stdin.close()
            self._line.notify()

    def _has_room(self) -> bool:
        return not self._rest

    def _read_stdout(self) -> None:
        data = _read(self._stdout)
        if data:
            self._receive(data)
        elif data is not None:
            self._loop.remove_reader(self._stdout)
            # Without its stdout it is of no use to anybody.
            self._overdue = self._loop.call_later(EXIT_GRACE, self._process.kill)

    def _read_stderr(self) -> None:
        data = _read(self._stderr)
        if data:
            self._process.tail.feed(data)
        elif data is not None:
            self._loop.remove_reader(self._stderr)

    def _ask_for_the_end(self, pause: float) -> None:
        """Where no descriptor tells the end: ask, often at first, as Python's own waiting does."""
        if self._process.has_ended():
            self._finish()
        else:
            pause = min(pause * 2, ASKING_INTERVAL)
            self._loop.call_later(pause, self._ask_for_the_end, pause)

    def _finish(self) -> None:
        """The program has ended: sweep, take what it last said, and let go of everything."""
        for descriptor in (self._stdout, self._stderr, self._exited):
            if descriptor is not None:
                self._loop.remove_reader(descriptor)
        if self._overdue is not None:
            self._overdue.cancel()
        self._process.kill()
        try:
            take_rest(self._stderr, self._process.tail.feed)
            take_rest(self._stdout, self._receive)
        finally:
            self._stop_writing(BrokenPipeError())
            self._process.finish()
            self._ended()


def _again(failure: OSError | TransportClosedError) -> OSError | TransportClosedError:
    """Make the error anew for each who meets it: to raise one twice mixes up where that was."""
    if isinstance(failure, TransportClosedError):
        return failure.again()
    return OSError(*failure.args)


def _read(descriptor: int) -> bytes | None:
    """Read what is there; empty at the end, and for a pipe that fails; ``None`` for nothing."""
    try:
        return os.read(descriptor, READ_SIZE)
    except (BlockingIOError, InterruptedError):
        return None
    except OSError:
        return b""
