"""The stdio transport of the async client: a child process on the event loop's own watching.

No thread and no executor: the loop watches the pipes, and the child's end is a readable
descriptor. asyncio's own subprocess support is not used, because on Python 3.10 and 3.11 it starts
a thread for every child to wait for its exit. Event loops that cannot watch pipes get threads of
the transport's own.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Protocol

from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError, UsageError
from codex_app_server_rpc.transports._pipes.loop_pipes import LoopPipes
from codex_app_server_rpc.transports._process.launch import command
from codex_app_server_rpc.transports._process.process import EXIT_GRACE, KILL_GRACE, ServerProcess

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["AsyncStdioTransport"]


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

        Raises:
            InvalidArgumentError: ``argv`` is one string.
        """
        self._argv = command(argv)
        self._env = env
        self._cwd = cwd
        self._process: ServerProcess | None = None
        self._pipes: _Pipes | None = None
        self._ended: asyncio.Future[None] | None = None
        self._closing = False

    @property
    def argv(self) -> tuple[str, ...]:
        """The command line, the program first."""
        return tuple(self._argv)

    @property
    def pid(self) -> int | None:
        """The child's process id; ``None`` before ``start``."""
        return None if self._process is None else self._process.pid

    async def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Start the child and have the running loop watch its pipes; see `Transport.start`."""
        if self._process is not None:
            raise UsageError("a transport is started once; make another one")
        process = self._process = ServerProcess(self._argv, env=self._env, cwd=self._cwd)
        ended = self._ended = asyncio.get_running_loop().create_future()

        def tell_the_end() -> None:
            ended.set_result(None)
            closed(self._reason(process))

        self._pipes = _pipes(process, receive, tell_the_end)

    async def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Write to the child's stdin; see `AsyncTransport.send`."""
        process, pipes = self._process, self._pipes
        if process is None or pipes is None or self._closing:
            raise TransportClosedError()
        if process.is_foreign:
            raise TransportClosedError("this client belongs to the process that has started it")
        try:
            await pipes.send(data, timeout)
        except CodexTimeoutError:
            raise
        except (OSError, TransportClosedError) as error:
            if self._closing:
                raise TransportClosedError() from error
            # Once the child has ended, its exit code is known.
            await self._has_ended(EXIT_GRACE if timeout is None else min(timeout, EXIT_GRACE))
            raise process.closed_error("the app-server does not read any more") from error

    def prepare_close(self) -> None:
        """Look at what the child has started; as `StdioTransport.prepare_close`."""
        if self._process is not None:
            self._process.look()

    def abort(self) -> None:
        """Kill the child's process tree without waiting for anything; see `AsyncTransport.abort`.

        The loop lets go of the pipes when it sees the child's end. If the loop is closed, that
        is done here.
        """
        self._closing = True
        process, ended = self._process, self._ended
        if process is None or process.is_foreign:
            return
        process.kill()
        if ended is None or ended.get_loop().is_closed():
            process.abandon()

    async def close(self) -> None:
        """End the child: close stdin, wait, terminate, kill, each step bounded; idempotent."""
        self._closing = True
        process, pipes, ended = self._process, self._pipes, self._ended
        if process is None or process.is_foreign:
            return
        if pipes is None or ended is None or ended.get_loop().is_closed():
            process.abandon()
            return
        if ended.done():
            return
        try:
            process.prepare_end()
            pipes.close_stdin()
            for step in (process.terminate, process.kill):
                if await self._has_ended(EXIT_GRACE):
                    return
                step()
            await self._has_ended(EXIT_GRACE)
        except asyncio.CancelledError:  # no more patience, but nothing is left either
            self.abort()
            await self._has_ended(KILL_GRACE)
            raise

    async def _has_ended(self, timeout: float) -> bool:
        """Wait until the child has ended and everything was let go of; tell whether it has."""
        assert self._ended is not None
        await asyncio.wait({self._ended}, timeout=timeout)
        return self._ended.done()

    def _reason(self, process: ServerProcess) -> TransportClosedError:
        if self._closing:
            return TransportClosedError("this client is closed")
        return process.closed_error("the app-server has exited")


class _Pipes(Protocol):
    """What serves a child's pipes."""

    async def send(self, data: bytes, timeout: float | None) -> None: ...
    def close_stdin(self) -> None: ...


def _pipes(
    process: ServerProcess, receive: Callable[[bytes], None], ended: Callable[[], None]
) -> _Pipes:
    if sys.platform != "win32":  # where the one loop cannot watch, and the other not pipes
        try:
            return LoopPipes(process, receive, ended)
        except NotImplementedError:
            pass
    from codex_app_server_rpc.transports._pipes.thread_pipes import ThreadPipes

    return ThreadPipes(process, receive, ended)
