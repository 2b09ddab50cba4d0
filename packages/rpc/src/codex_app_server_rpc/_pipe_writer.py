"""Writing whole messages to a pipe from any thread, each within a deadline of its own."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError

if TYPE_CHECKING:
    from typing import IO

__all__ = ["PipeWriter", "unread"]

CLOSING_INTERVAL: Final = 0.05
"""How soon one who waits for room notices that the pipe is being closed, in seconds."""


def unread(timeout: float) -> CodexTimeoutError:
    """Make the error for a message that there was no room for in time."""
    return CodexTimeoutError(
        f"the app-server did not read what it was sent within {timeout:g} s", timeout=timeout
    )


class PipeWriter:
    """The writing end of a pipe, as a way for whole messages.

    A message that its sender gave up halfway is not torn: its rest stays, and goes out before
    anything else, by whoever sends next. So at most one message is kept. A message that was not
    begun is not sent at all.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        """Take over a pipe; it does not block any more."""
        os.set_blocking(pipe.fileno(), False)
        self._pipe = pipe
        self._lock = threading.Lock()
        self._message = _Message(b"")
        self._closed = False

    def send(self, data: bytes, timeout: float | None) -> None:
        """Write a message.

        Args:
            data: The whole message.
            timeout: How long to wait for room, in seconds; ``None`` for no limit.

        Raises:
            CodexTimeoutError: There was no room in time, or others waited for it.
            TransportClosedError: The pipe is closed, or is being closed.
            OSError: Nobody reads the pipe any more.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        patience = -1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)
        held: list[bool] = []
        try:
            # Acquired by `extend`, so that a Ctrl-C cannot fall between that and its being noted.
            held.extend(map(self._lock.acquire, (True,), (patience,)))
            if held == [True] and self._clear(deadline):
                self._message = _Message(data)
                if self._flush(deadline):
                    self._message = _Message(b"")  # not to keep what may be big
                    return
        finally:
            if held == [True]:
                self._lock.release()
        assert timeout is not None
        raise unread(timeout)

    def close(self, timeout: float) -> bool:
        """Close the pipe, and turn away whoever waits for room.

        Args:
            timeout: How long to wait at most for one who is sending, in seconds.

        Returns:
            Whether it is closed.
        """
        self._closed = True
        if not self._lock.acquire(timeout=timeout):
            return False
        try:
            self._pipe.close()
        finally:
            self._lock.release()
        return True

    def _clear(self, deadline: float | None) -> bool:
        """Get an earlier message out of the way; tell whether it is."""
        if not self._message.is_begun:
            self._message = _Message(b"")
        return self._flush(deadline)

    def _flush(self, deadline: float | None) -> bool:
        """Write what is left of the present message; tell whether nothing is left."""
        while not self._closed:
            with contextlib.suppress(BlockingIOError):
                self._message.advance(self._pipe.fileno())
            if self._message.is_done:
                return True
            if not self._wait_for_room(deadline):
                return False
        raise TransportClosedError()

    def _wait_for_room(self, deadline: float | None) -> bool:
        """Wait a moment for room in the pipe; tell whether the deadline lies ahead."""
        patience = CLOSING_INTERVAL
        if deadline is not None:
            patience = min(patience, deadline - time.monotonic())
            if patience <= 0:
                return False
        poller = select.poll()
        poller.register(self._pipe.fileno(), select.POLLOUT)
        poller.poll(patience * 1000)
        return True


class _Message:
    """A message, and how much of it was written."""

    __slots__ = ("_view", "_written")

    def __init__(self, data: bytes) -> None:
        self._view = memoryview(data)
        self._written: list[int] = []

    @property
    def is_begun(self) -> bool:
        return bool(self._written)

    @property
    def is_done(self) -> bool:
        return sum(self._written) == len(self._view)

    def advance(self, descriptor: int) -> None:
        """Write what there is room for."""
        rest = self._view[sum(self._written) :]
        if rest:
            # By `extend`, so that a Ctrl-C cannot fall between writing and counting it.
            self._written.extend(map(os.write, (descriptor,), (rest,)))
