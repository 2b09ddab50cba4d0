"""The stdio transport of the sync client: a child process and one thread that reads from it."""

from __future__ import annotations

import select
import threading
import time
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError, UsageError
from codex_app_server_rpc.transports._pipes.pipe_writer import PipeWriter
from codex_app_server_rpc.transports._pipes.thread_writer import ThreadWriter
from codex_app_server_rpc.transports._process.launch import command
from codex_app_server_rpc.transports._process.process import EXIT_GRACE, KILL_GRACE, ServerProcess
from codex_app_server_rpc.transports._process.pump import pump

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["StdioTransport"]


class StdioTransport:
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
        self._writer: PipeWriter | ThreadWriter | None = None
        self._reader: threading.Thread | None = None
        # Not the thread is waited for: before Python 3.13, a Ctrl-C in a join makes a thread that
        # runs look like one that has ended.
        self._ended = threading.Event()
        self._close_lock = threading.Lock()
        self._closing = False

    @property
    def argv(self) -> tuple[str, ...]:
        """The command line, the program first."""
        return tuple(self._argv)

    @property
    def pid(self) -> int | None:
        """The child's process id; ``None`` before ``start``."""
        return None if self._process is None else self._process.pid

    def start(
        self,
        receive: Callable[[bytes], None],
        closed: Callable[[TransportClosedError], None],
    ) -> None:
        """Start the child and the thread that reads from it; see `Transport.start`."""
        if self._process is not None:
            raise UsageError("a transport is started once; make another one")
        process = self._process = ServerProcess(self._argv, env=self._env, cwd=self._cwd)
        kind = PipeWriter if hasattr(select, "poll") else ThreadWriter
        writer = self._writer = kind(process.stdin)

        def read() -> None:
            try:
                pump(process, receive)
            finally:
                writer.close(KILL_GRACE)
                process.finish()
                try:
                    closed(self._reason(process))
                finally:
                    self._ended.set()

        self._reader = threading.Thread(target=read, name="codex-reader", daemon=True)
        process.keeper = self._reader
        self._reader.start()

    def send(self, data: bytes, *, timeout: float | None = None) -> None:
        """Write to the child's stdin; see `Transport.send`."""
        process, writer = self._process, self._writer
        if process is None or writer is None or self._closing:
            raise TransportClosedError()
        if process.is_foreign:
            raise TransportClosedError("this client belongs to the process that has started it")
        started = time.monotonic()
        try:
            writer.send(data, timeout)
        except CodexTimeoutError:
            raise
        except (OSError, TransportClosedError) as error:
            # The reader sees the end too; once it is through, the exit code is known.
            left = EXIT_GRACE if timeout is None else timeout - (time.monotonic() - started)
            self._has_ended(min(max(left, 0), EXIT_GRACE))
            if self._closing:
                raise TransportClosedError() from error
            raise process.closed_error("the app-server does not read any more") from error

    def prepare_close(self) -> None:
        """Look at what the child has started, to end it with the child whatever becomes of it.

        To be called before a close interrupts what runs: a daemon of a command that has ended is
        nobody's child any more, and cannot be found. Does not wait for anything.
        """
        if self._process is not None:
            self._process.look()

    def abort(self) -> None:
        """Kill the child's process tree without waiting for anything; see `Transport.abort`."""
        self._closing = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the child: close stdin, wait, terminate, kill, each step bounded; idempotent."""
        self._closing = True
        process, writer, reader = self._process, self._writer, self._reader
        if process is None or process.is_foreign:
            return
        if writer is None or reader is None or reader.ident is None:  # the start was interrupted
            process.abandon()
            return
        with self._close_lock:
            try:
                self._end(process, writer)
            except BaseException:  # Ctrl-C: no more patience, but nothing is left either
                self.abort()
                self._has_ended(KILL_GRACE)
                raise
            if self._ended.is_set() and reader is not threading.current_thread():
                reader.join()  # that was its last act

    def _end(self, process: ServerProcess, writer: PipeWriter | ThreadWriter) -> None:
        if self._ended.is_set():
            return
        process.prepare_end()
        if not writer.close(EXIT_GRACE):
            process.terminate()  # it does not read, so it cannot see the end either
        for step in (process.terminate, process.kill):
            if self._has_ended(EXIT_GRACE):
                return
            step()
        self._has_ended(EXIT_GRACE)

    def _has_ended(self, timeout: float) -> bool:
        """Wait until the child has ended and everything was let go of; tell whether it has."""
        if self._reader is threading.current_thread():  # it cannot wait for itself
            return self._ended.is_set()
        return self._ended.wait(timeout)

    def _reason(self, process: ServerProcess) -> TransportClosedError:
        if self._closing:
            return TransportClosedError("this client is closed")
        return process.closed_error("the app-server has exited")
