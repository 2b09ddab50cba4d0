"""The file of the wire log: appended to by any number of connections, and cut into pieces.

Every record is one `os.write` to a file that is open for appending, so that lines of several
threads and processes do not mix. Each piece is a transcript of its own: a connection writes its
head again when it goes on in a new one. Processes that share the file agree by a lock on it who
puts it aside; nobody waits for that.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING, Final

from codex_app_server_rpc.loggers import WIRE, logger
from codex_app_server_rpc.transcripts import TranscriptHead, encode_record

if TYPE_CHECKING:
    from collections.abc import Generator

    from codex_app_server_rpc.transcripts import TranscriptRecord

__all__ = ["WireFile", "WirePart"]

_FLAGS: Final = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # never to wait for the reader of a pipe
)
_logger = logger(WIRE)


class WireFile:
    """A file that the connections of this process share.

    Attributes:
        path: The file.
    """

    _open: Final[dict[str, WireFile]] = {}
    _registry_lock: Final = threading.Lock()

    def __init__(self, path: str, *, max_bytes: int, backups: int) -> None:
        """Open the file.

        Args:
            path: The file.
            max_bytes: How long it may grow, in bytes; 0 for no limit.
            backups: How many old files to keep.

        Raises:
            OSError: It cannot be written, or is no regular file.
        """
        self.path: str = path
        self._max_bytes = max_bytes
        self._backups = backups
        self._lock = threading.Lock()
        self._users = 0
        self._piece = 0
        self._descriptor: int | None = _opened(path)

    @classmethod
    def at(cls, path: str, *, max_bytes: int, backups: int) -> WireFile:
        """Give the file of a path, open.

        Raises:
            OSError: It cannot be written, or is no regular file.
        """
        with cls._registry_lock:
            file = cls._open.get(path)
            if file is None or file._descriptor is None:
                file = cls._open[path] = cls(path, max_bytes=max_bytes, backups=backups)
            file._users += 1
            return file

    def part(self) -> WirePart:
        """Begin the part of a connection, which is to be closed."""
        return WirePart(self)

    def write(self, line: bytes, head: bytes, piece: int) -> int:
        """Append a line, after the head of its connection if that is not in this piece.

        Args:
            line: The line.
            head: The head, as a line.
            piece: The number of the piece that has the head; -1 if none has.

        Returns:
            The number of the piece that the line is in.
        """
        with self._lock:
            self._make_room(len(line))
            self._append(line if piece == self._piece else head + line)
            return self._piece

    def release(self) -> None:
        """Let go of the file; the last one who does closes it."""
        with self._registry_lock, self._lock:
            self._users -= 1
            if self._users == 0:
                if self._open.get(self.path) is self:
                    del self._open[self.path]
                self._close()

    def _append(self, line: bytes) -> None:
        if self._descriptor is None:
            return
        written = 0
        try:
            while written < len(line):
                written += os.write(self._descriptor, line[written:])
        except OSError as error:
            with contextlib.suppress(OSError):
                _blank(self.path, self._descriptor, line[:written])
            self._stop(error)

    def _make_room(self, size: int) -> None:
        """Go on in another file, if this one is full or was moved away by another process."""
        if self._descriptor is None:
            return
        try:
            own = os.fstat(self._descriptor)
            if not _is_at(own, self.path):
                self._reopen()
            elif self._max_bytes and own.st_size and own.st_size + size > self._max_bytes:
                self._begin_anew(own, size)
        except OSError as error:
            self._stop(error)

    def _begin_anew(self, own: os.stat_result, size: int) -> None:
        if sys.platform == "win32":
            self._close()  # no file is moved there that is open
            _move_away(self.path, self._backups)
            self._reopen()
            return
        with _alone(self.path, own) as status:
            if status is None:  # another process is putting it aside just now
                return
            if status.st_size + size > self._max_bytes:
                _move_away(self.path, self._backups)
        self._reopen()

    def _reopen(self) -> None:
        self._close()
        self._descriptor = _opened(self.path)
        self._piece += 1

    def _stop(self, error: OSError) -> None:
        _logger.warning("the wire log ends here, for %s cannot be written: %s", self.path, error)
        self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class WirePart:
    """What one connection writes to the file, from its head to its end."""

    def __init__(self, file: WireFile) -> None:
        """Begin.

        Args:
            file: The file, of which this part becomes a user.
        """
        self._file: WireFile | None = file
        self._head = b""
        self._piece = -1

    def write(self, record: TranscriptRecord) -> None:
        """Append a record."""
        if self._file is None:
            return
        line = encode_record(record)
        self._piece = self._file.write(line, self._head, self._piece)
        if isinstance(record, TranscriptHead):
            self._head = line

    def close(self) -> None:
        """Let go of the file."""
        file, self._file = self._file, None
        if file is not None:
            file.release()


def _opened(path: str) -> int:
    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        if os.name == "posix" and status.st_mode & 0o077:
            os.fchmod(descriptor, 0o600)  # it was there before, for others to read
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _blank(path: str, descriptor: int, half: bytes) -> None:
    """Make a blank line of half a line, the last that was written.

    It is not cut off, for another process may have gone on behind it; and it is looked at first,
    for a forked one shares the descriptor, and with it the place.
    """
    if not half:
        return
    start = os.lseek(descriptor, 0, os.SEEK_CUR) - len(half)
    again = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))  # what is appended has no place
    try:
        is_same = os.path.samestat(os.fstat(again), os.fstat(descriptor))
        os.lseek(again, start, os.SEEK_SET)
        if is_same and os.read(again, len(half)) == half:
            os.lseek(again, start, os.SEEK_SET)
            os.write(again, b" " * (len(half) - 1) + b"\n")
    finally:
        os.close(again)


def _is_at(own: os.stat_result, path: str) -> bool:
    try:
        return os.path.samestat(own, os.stat(path))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _alone(path: str, own: os.stat_result) -> Generator[os.stat_result | None]:
    """Be the only process that may put a file aside.

    The lock is on the file itself, opened anew: a forked process shares the other descriptor.

    Yields:
        The file as it is now; ``None`` if it is another one by now, or another process is at it.
    """
    import fcntl  # which Windows does not have

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        except OSError:  # a file system without locks: be alone by good luck
            pass
        status = os.fstat(descriptor)
        yield status if os.path.samestat(status, own) and _is_at(status, path) else None
    finally:
        os.close(descriptor)


def _move_away(path: str, backups: int) -> None:
    for number in range(backups, 0, -1):
        source = path if number == 1 else f"{path}.{number - 1}"
        with contextlib.suppress(FileNotFoundError):  # or another process has done it
            os.replace(source, f"{path}.{number}")
