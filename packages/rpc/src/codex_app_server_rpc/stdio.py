"""The stdio transport of the sync client: a child process and one thread that reads from it."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc._process import ServerProcess
from codex_app_server_rpc._pump import pump
from codex_app_server_rpc.errors import TransportClosedError, UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["EXIT_GRACE", "StdioTransport"]

EXIT_GRACE: Final = 3.0
"""How long each step of a shutdown waits for the program, in seconds."""


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
        """
        self._argv = tuple(argv)
        self._env = env
        self._cwd = cwd
        self._process: ServerProcess | None = None
        self._reader: threading.Thread | None = None
        self._write_lock = threading.Lock()
        self._close_lock = threading.Lock()
        self._closing = False

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

        def read() -> None:
            try:
                pump(process, receive)
            finally:
                closed(self._end(process))

        self._reader = threading.Thread(target=read, name="codex-reader", daemon=True)
        self._reader.start()

    def send(self, data: bytes) -> None:
        """Write to the child's stdin; see `Transport.send`."""
        process, reader = self._process, self._reader
        if process is None or reader is None or self._closing:
            raise TransportClosedError()
        try:
            with self._write_lock:
                view = memoryview(data)
                while view:
                    view = view[process.stdin.write(view) or 0 :]
        except (OSError, ValueError) as error:
            # The reader sees the end too; once it is through, the exit code is known.
            reader.join(EXIT_GRACE)
            raise process.closed_error("the app-server does not read any more") from error

    def close(self) -> None:
        """End the child: close stdin, wait, terminate, kill, each step bounded; idempotent."""
        with self._close_lock:
            self._closing = True
            process, reader = self._process, self._reader
            if process is None or reader is None:
                return
            if not self._close_stdin(process):
                process.terminate()  # it does not read, so it cannot see the end either
            # Joining, not waiting for the process: it is the reader that reaps.
            for step in (process.terminate, process.kill):
                reader.join(EXIT_GRACE)
                if reader.is_alive():
                    step()
            reader.join(EXIT_GRACE)

    def _end(self, process: ServerProcess) -> TransportClosedError:
        """After the last byte: see the child end, or end it, and let go of everything."""
        while not process.wait(EXIT_GRACE):
            process.kill()
        process.reap()
        self._close_stdin(process)
        process.stdout.close()
        process.stderr.close()
        if self._closing:
            return TransportClosedError("this client is closed")
        return process.closed_error("the app-server has exited")

    def _close_stdin(self, process: ServerProcess) -> bool:
        """Close stdin, unless somebody is stuck in sending to a program that does not read."""
        if not self._write_lock.acquire(timeout=EXIT_GRACE):
            return False
        try:
            with contextlib.suppress(OSError):
                process.stdin.close()
        finally:
            self._write_lock.release()
        return True
