"""Archives: what a wheel or an sdist holds, read to the last byte."""

from __future__ import annotations

import csv
import io
import stat
import tarfile
import zipfile
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from codex_generator.release.meter import SILENT, Meter
from codex_generator.release.packages import Content

_CHUNK: Final = 1 << 20
_SMALL: Final = 1 << 20
"""Bytes up to which a file's text is kept: that of the metadata is looked at."""


@dataclass
class Archive:
    """The files of an archive, and what is wrong with the archive itself."""

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
        Everything that it holds. An archive that is damaged says so among its faults.
    """
    archive = Archive()
    read = _read_wheel if file.suffix == ".whl" else _read_sdist
    try:
        for name, mode, content in read(file):
            if problem := _problem(name, archive.contents):
                archive.faults.append(f"{name!r}: {problem}")
                continue
            _take(archive, name, mode, content, meter)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, OSError) as error:
        archive.faults.append(f"is damaged or cut off: {error}")
    return archive


def record_faults(archive: Archive, record: str) -> list[str]:
    """Compare a wheel with its own `RECORD`, which installers believe.

    Args:
        archive: the wheel's.
        record: the path of its `RECORD`.

    Returns:
        A sentence for each difference.
    """
    rows = [row for row in csv.reader(io.StringIO(archive.text(record))) if row]
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


def _read_wheel(file: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with zipfile.ZipFile(file) as wheel:
        for info in wheel.infolist():
            with wheel.open(info) as content:
                yield info.filename, info.external_attr >> 16, content


def _read_sdist(file: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with tarfile.open(file, "r|gz") as sdist:
        for member in sdist:
            content = sdist.extractfile(member)
            if content is None:
                raise tarfile.ReadError(f"{member.name} is no plain file")
            yield member.name, member.mode, content


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


def _take(archive: Archive, name: str, mode: int, content: IO[bytes], meter: Meter) -> None:
    hashing, size, kept = sha256(), 0, b""
    while chunk := content.read(_CHUNK):
        hashing.update(chunk)
        size += len(chunk)
        kept = kept + chunk if size <= _SMALL else b""
        meter.add(len(chunk))
    archive.contents[name] = Content(hashing.hexdigest(), size, bool(mode & stat.S_IXUSR))
    archive.texts[name] = kept
