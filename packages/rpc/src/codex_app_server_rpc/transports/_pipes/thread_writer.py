"""Writing to a pipe in a thread of its own, where one can neither poll pipes nor unblock them."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from codex_app_server_rpc.errors import TransportClosedError
from codex_app_server_rpc.threads import waits
from codex_app_server_rpc.transports._pipes.pipe_writer import unread

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

__all__ = ["ThreadWriter"]


class ThreadWriter:
    """The writing end of a pipe, as a way for whole messages: one at a time.

    A message is taken over when the one before is written; taking it over does not block.
    """

    def __init__(self, pipe: IO[bytes], made_room: Callable[[], None] | None = None) -> None:
        """Start the thread.

        Args:
            pipe: The pipe; it is this object's from now on.
            made_room: Is called in the thread whenever the next message can be taken over, and
                when none will be any more.
        """
        self._pipe = pipe
        self._made_room = made_room
        self._changed = threading.Condition()
        self._message: bytes | None = None
        self._failure: OSError | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="codex-writer", daemon=True)
        self._thread.start()

    @property
    def has_room(self) -> bool:
        """Whether a message would be taken over, or refused for good."""
        return self._message is None or self._closed or self._failure is not None

    def offer(self, data: bytes) -> bool:
        """Hand a message over, unless there is no room.

        Args:
            data: The whole message.

        Returns:
            Whether it was taken over.

        Raises:
            TransportClosedError: The pipe is closed, or is being closed.
            OSError: Nobody reads the pipe any more.
        """
        with self._changed:
            return self._take(data)

    def send(self, data: bytes, timeout: float | None) -> None:
        """Hand a message over once there is room; as `PipeWriter.send`."""
        with self._changed:
            for patience in waits(timeout):
                if self._changed.wait_for(lambda: self._take(data), patience):
                    return
        assert timeout is not None
        raise unread(timeout)

    def close(self, timeout: float) -> bool:
        """Close the pipe, once the message in work is written; as `PipeWriter.close`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _take(self, data: bytes) -> bool:
        if self._failure is not None:
            raise OSError(*self._failure.args)
        if self._closed:
            raise TransportClosedError()
        if self._message is not None:
            return False
        self._message = data
        self._changed.notify_all()
        return True

    def _run(self) -> None:
        while (data := self._next()) is not None:
            try:
                view = memoryview(data)
                while view:
                    view = view[self._pipe.write(view) or 0 :]
            except (OSError, ValueError) as error:
                failure = error if isinstance(error, OSError) else OSError(str(error))
                self._done(failure)
            else:
                self._done(None)
        with contextlib.suppress(OSError):
            self._pipe.close()

    def _next(self) -> bytes | None:
        with self._changed:
            self._changed.wait_for(lambda: self._message is not None or self._closed)
            return self._message  # taken over before the close, if there is one

    def _done(self, failure: OSError | None) -> None:
        with self._changed:
            self._message = None
            self._failure = self._failure or failure
            self._changed.notify_all()
        if self._made_room is not None:
            self._made_room()
