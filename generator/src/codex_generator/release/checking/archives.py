"""Archives: what a wheel or an sdist holds, read to the last byte."""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import SILENT, Meter
from codex_generator.release.packages import Content
from codex_generator.release.tarballs import chunks, damage_told, members

_ZIP_END: Final = 22
"""Bytes of a zip's last record, where it has no comment."""

_SMALL: Final = 1 << 20
"""Bytes up to which a file's text is kept: that of the metadata is looked at."""


@dataclass
class Archive:
    """The files of an archive, and which of their names it must not have."""

    contents: dict[str, Content] = field(default_factory=dict[str, Content])
    texts: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """The content of the small ones."""
    faults: list[str] = field(default_factory=list[str])

    def text(self, path: str) -> str:
        """Return a small file's text, empty where there is none."""
        return self.texts.get(path, b"").decode("utf-8", "replace")


def read_archive(file: Path, meter: Meter = SILENT) -> Archive:
    """Read a wheel or an sdist.

    Args:
        file: the archive, named `.whl` or `.tar.gz`.
        meter: takes how many unpacked bytes were read.

    Returns:
        Everything that it holds, and what must not be in any archive.

    Raises:
        ReleaseError: It cannot be read: it is damaged, is cut off, or something is around it.
    """
    archive = Archive()
    read = _read_wheel if file.suffix == ".whl" else _read_sdist
    for name, executable, content in read(file):
        if problem := _problem(name, archive.contents):
            archive.faults.append(f"{name!r}: {problem}")
            continue
        _take(archive, name, executable, chunks(content, file), meter)
    return archive


def record_faults(archive: Archive, record: str) -> list[str]:
    """Compare a wheel with its own `RECORD`, which installers believe.

    Args:
        archive: the wheel's.
        record: the path of its `RECORD`.

    Returns:
        A sentence for each difference.
    """
    if record not in archive.contents:
        return [f"{record} is missing"]
    try:
        rows = [row for row in csv.reader(io.StringIO(archive.text(record))) if row]
    except csv.Error as error:
        return [f"{record}: is no table: {error}"]
    noted = {row[0]: tuple(row[1:]) for row in rows}
    if len(noted) != len(rows):
        return [f"{record}: names a file twice"]
    actual = {
        name: (f"sha256={_urlsafe(content.sha256)}", str(content.size))
        for name, content in archive.contents.items()
    }
    actual[record] = ("", "")
    return [
        f"{record}: is wrong about {name}"
        for name in sorted(noted.keys() | actual.keys())
        if noted.get(name) != actual.get(name)
    ]


def _urlsafe(digest: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(digest)).rstrip(b"=").decode()


def _read_wheel(file: Path) -> Iterator[tuple[str, bool, IO[bytes]]]:
    with damage_told(file), zipfile.ZipFile(file) as wheel:
        _check_bounds(file)
        for info in wheel.infolist():
            mode = info.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise ReleaseError(f"{file}: {info.filename} is no plain file")
            with wheel.open(info) as content:
                # Without the type of a file, pip would give it no run bit.
                yield info.filename, stat.S_ISREG(mode) and bool(mode & stat.S_IXUSR), content


def _check_bounds(file: Path) -> None:
    """Check that a zip begins with its first file and ends with its directory, with no comment."""
    with file.open("rb") as content:
        first = content.read(4)
        content.seek(-_ZIP_END, io.SEEK_END)
        last = content.read(4)
    if (first, last) != (b"PK\3\4", b"PK\5\6"):
        raise zipfile.BadZipFile("there is something around it")


def _read_sdist(file: Path) -> Iterator[tuple[str, bool, IO[bytes]]]:
    for member, content in members(file):
        yield member.name, bool(member.mode & stat.S_IXUSR), content


def _problem(name: str, seen: dict[str, Content]) -> str | None:
    """Tell why a name must not be in an archive."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in parts[0]:
        return "an absolute path, or one of Windows"
    if any(part in ("", ".", "..") for part in parts):
        return "a path that is no plain file's"
    # Where case does not count, one of two would overwrite the other.
    if name.casefold() in {known.casefold() for known in seen}:
        return "there twice"
    return None


def _take(
    archive: Archive, name: str, executable: bool, pieces: Iterator[bytes], meter: Meter
) -> None:
    hashing, size, kept = sha256(), 0, b""
    for piece in pieces:
        hashing.update(piece)
        size += len(piece)
        kept = kept + piece if size <= _SMALL else b""
        meter.add(len(piece))
    archive.contents[name] = Content(hashing.hexdigest(), size, executable)
    archive.texts[name] = kept
