"""The stdio transport of the async client: a child process on the event loop's own pipes.

No thread and no executor: the pipes are connected to the loop, and the child's exit is a
readable pidfd. asyncio's own subprocess support is not used, because on Python 3.10 and 3.11 it
starts a thread for every child to wait for its exit.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from functools import partial
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc._process import ServerProcess
from codex_app_server_rpc._pump import take_rest
from codex_app_server_rpc.errors import TransportClosedError, UsageError
from codex_app_server_rpc.stdio import EXIT_GRACE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import IO

__all__ = ["AsyncStdioTransport"]

POLL_INTERVAL: Final = 0.02
"""How often the child's exit is looked for where the system has no pidfd, in seconds."""


class AsyncStdioTransport:
    """Runs an app-server as a child process and speaks with it on its standard streams."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        """Keep what is to be started; nothing runs before ``start``.

        Args:
            argv: The command line, for example ``["codex", "app-server"]``.
            env: The child's whole environment; ``None`` to inherit this process's.
            cwd: The child's working directory; ``None`` to inherit.
        """
        self._argv = tuple(argv)
        self._env = env
        self._cwd = cwd
        self._process: ServerProcess | None = None
        self._writer: asyncio.WriteTransport | None = None
        self._flow = _WriteFlow()
        self._ended: asyncio.Event = asyncio.Event()
        self._watching: Callable[[], Coroutine[None, None, None]] | None = None
        self._end_task: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def pid(self) -> int | None:
        """The child's process id; ``None`` before ``start``."""
        return None if self._process is None else self._process.pid

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Start the child and connect its pipes to the running loop; see `Transport.start`."""
        if self._process is not None:
            raise UsageError("a transport is started once; make another one")
        process = self._process = ServerProcess(self._argv, env=self._env, cwd=self._cwd)
        stdout = _Reader(process.stdout, receive)
        stderr = _Reader(process.stderr, process.tail.feed)
        loop = asyncio.get_running_loop()
        try:
            self._writer, _ = await loop.connect_write_pipe(lambda: self._flow, process.stdin)
            await loop.connect_read_pipe(lambda: stdout, stdout.pipe)
            await loop.connect_read_pipe(lambda: stderr, stderr.pipe)
        finally:
            # Also when this is cancelled in between: the watch lets go of whatever was begun.
            self._watching = partial(self._watch, process, stdout, stderr, closed)
            self._end_task = loop.create_task(self._watching(), name="codex-watch")

    async def send(self, data: bytes) -> None:
        """Write to the child's stdin; see `AsyncTransport.send`."""
        process, writer = self._process, self._writer
        if process is None or writer is None or self._closing:
            raise TransportClosedError()
        if not writer.is_closing():
            writer.write(data)
            await self._flow.drain()
        if writer.is_closing() and not self._closing:
            await self._wait_for_end(EXIT_GRACE)
            raise process.closed_error("the app-server does not read any more")

    async def close(self) -> None:
        """End the child: close stdin, wait, terminate, kill, each step bounded; idempotent."""
        self._closing = True
        process, writer = self._process, self._writer
        if process is None:
            return
        if writer is not None:
            writer.close()
        else:
            process.stdin.close()  # the start was cancelled before it was connected
        self._watch_again()
        for step in (process.terminate, process.kill):
            await self._wait_for_end(EXIT_GRACE)
            if not self._ended.is_set():
                step()
        await self._wait_for_end(EXIT_GRACE)

    def _watch_again(self) -> None:
        """Replace a watch that was cancelled with everything else on the loop (Ctrl-C)."""
        if self._end_task is not None and self._end_task.cancelled() and self._watching:
            self._end_task = asyncio.get_running_loop().create_task(self._watching())

    async def _wait_for_end(self, timeout: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), timeout)

    async def _watch(
        self,
        process: ServerProcess,
        stdout: _Reader,
        stderr: _Reader,
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Wait for the end of stdout or of the program, then let go of everything."""
        exited = asyncio.ensure_future(_exit_of(process))
        await asyncio.wait({exited, stdout.ended}, return_when=asyncio.FIRST_COMPLETED)
        if not exited.done():
            await asyncio.wait({exited}, timeout=EXIT_GRACE)
        process.kill()
        await exited
        stdout.finish()
        stderr.finish()
        if self._writer is None:
            process.stdin.close()
        elif not self._flow.lost:  # aborting a lost one fails
            self._writer.abort()
        await asyncio.wait({stdout.ended, stderr.ended})
        process.reap()
        self._ended.set()
        if self._closing:
            closed(TransportClosedError("this client is closed"))
        else:
            closed(process.closed_error("the app-server has exited"))


class _Reader(asyncio.Protocol):
    """Hands the bytes of one pipe on, and tells its end."""

    def __init__(self, pipe: IO[bytes], receive: Callable[[bytes], None]) -> None:
        self.pipe = pipe
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._receive = receive
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def finish(self) -> None:
        """Take what is still in the pipe and let go of it, whoever may hold its other end."""
        if self.ended.done():
            return
        take_rest(self.pipe.fileno(), self._receive)
        if self._transport is not None:
            self._transport.close()
        else:
            self.pipe.close()
            self.connection_lost(None)


class _WriteFlow(asyncio.BaseProtocol):
    """Lets writers wait while the pipe is full."""

    def __init__(self) -> None:
        self._room: asyncio.Future[None] | None = None
        self.lost = False

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.resume_writing()

    async def drain(self) -> None:
        """Wait until the pipe takes more, or is gone."""
        room = self._room
        if room is not None:
            await asyncio.shield(room)


async def _exit_of(process: ServerProcess) -> None:
    """Wait until the program has ended."""
    loop = asyncio.get_running_loop()
    if process.pidfd is None:
        while not process.wait(0):
            await asyncio.sleep(POLL_INTERVAL)
        return
    readable: asyncio.Future[None] = loop.create_future()
    descriptor = process.pidfd

    def seen() -> None:
        loop.remove_reader(descriptor)
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(descriptor, seen)
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)
