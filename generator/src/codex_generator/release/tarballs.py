"""Tarballs: a gzipped tar is read in one go, to its very last byte."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from codex_generator.release.errors import ReleaseError

CHUNK: Final = 1 << 20
"""Bytes that are read at a time."""


def members(file: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Yield every file of a tarball with its content, to be read before the next is asked for.

    Args:
        file: the tarball.

    Raises:
        ReleaseError: It is damaged, is cut off wherever, has something behind its end, or holds a
            link, a folder or a device.
    """
    with gzip.open(file) as unpacked:
        with damage_told(file):
            archive = tarfile.open(fileobj=unpacked, mode="r|")  # noqa: SIM115 - closed below
        with archive:
            while member := _next(archive, file):
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    raise ReleaseError(f"{file}: {member.name} is no plain file")
                yield member, content
        with damage_told(file):
            # Only the last bytes tell that none is missing; to there, a tar is filled with zeros.
            while rest := unpacked.read(CHUNK):
                if rest.strip(b"\0"):
                    raise tarfile.ReadError("there is something behind its end")


def chunks(content: IO[bytes], file: Path) -> Iterator[bytes]:
    """Read a file in pieces of `CHUNK` bytes.

    Args:
        content: the file's.
        file: what it is in, for the message.

    Raises:
        ReleaseError: It is damaged.
    """
    while True:
        with damage_told(file):
            chunk = content.read(CHUNK)
        if not chunk:
            return
        yield chunk


@contextmanager
def damage_told(file: Path) -> Generator[None, None, None]:
    """Tell in a sentence that a file cannot be read.

    Args:
        file: the file.

    Raises:
        ReleaseError: In place of what reading raises.
    """
    unreadable = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError)
    try:
        yield
    except (*unreadable, RuntimeError) as error:  # which zipfile raises for what it cannot unpack
        raise ReleaseError(f"{file}: is damaged or cut off: {error}") from error


def _next(archive: tarfile.TarFile, file: Path) -> tarfile.TarInfo | None:
    with damage_told(file):
        return archive.next()
