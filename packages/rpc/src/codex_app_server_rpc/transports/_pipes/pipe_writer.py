"""Writing whole messages to a pipe from any thread, each within a deadline of its own."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from itertools import islice, repeat
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.errors import CodexTimeoutError, TransportClosedError
from codex_app_server_rpc.threads import waits

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

    Nearly always there is room, and a message is written at once. Else its sender gets in line, in
    which the first one waits for room.

    A message that its sender gave up halfway is not torn: its rest stays, and goes out before
    anything else, by whoever sends next. So at most one message is kept. A message that was not
    begun is not sent at all.

    A Ctrl-C may come between any two steps of this. A lock is taken by ``with``, or else by C code
    that also notes that it was; so is it noted what was written.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        """Take over a pipe; it does not block any more."""
        os.set_blocking(pipe.fileno(), False)
        self._pipe = pipe
        self._line = threading.Lock()
        self._writing = threading.Lock()  # guards the message; never held while somebody waits
        self._message = _NOTHING
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
        message = _Message(data)
        if self._begin(message) and message.is_done:
            return
        deadline = None if timeout is None else time.monotonic() + timeout
        attempts = map(self._line.acquire, repeat(True), waits(timeout))
        held: list[bool] = []
        try:
            held.extend(islice(filter(None, attempts), 1))
            if held == [True] and self._push(message, deadline):
                return
        finally:
            if held == [True]:
                self._line.release()
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
        if not self._line.acquire(timeout=timeout):
            return False
        try:
            with self._writing:
                self._pipe.close()
        finally:
            self._line.release()
        return True

    def _begin(self, message: _Message) -> bool:
        """Write as much of a message as there is room for, unless another is at work."""
        with self._writing:
            if self._closed:
                raise TransportClosedError()
            if message.is_done or not self._message.is_done:
                return False
            self._message = message
            self._advance()
            return message.is_begun

    def _push(self, message: _Message, deadline: float | None) -> bool:
        """Write what was begun, and then a message, as room comes; tell whether all is written."""
        while True:
            if not self._begin(message):
                with self._writing:
                    self._advance()
            if message.is_done:
                return True
            if not self._wait_for_room(deadline):
                return False

    def _advance(self) -> None:
        """Write what there is room for of the message at work, or forget it if there is none."""
        message = self._message
        with contextlib.suppress(BlockingIOError):
            message.advance(self._pipe.fileno())
        if message.is_done or not message.is_begun:
            self._message = _NOTHING  # not to keep what may be big

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


_NOTHING: Final = _Message(b"")
