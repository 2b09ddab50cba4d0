"""A wheel or an sdist is read whole, or it is said what is wrong with it."""

from __future__ import annotations

import gzip
import random
import tarfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from codex_generator.release.checking.archives import read_archive
from codex_generator.release.errors import ReleaseError
from codex_generator.release.packages import Content

from tests.release.damage import Member, Members, pack_sdist, pack_wheel

DAMAGED = "is damaged or cut off: "
ABSOLUTE = "an absolute path, or one of Windows"
NOT_PLAIN = "a path that is no plain file's"

NOISE = random.Random(0).randbytes(1500)
"""What packing makes no smaller."""
TEXT = b"What packing makes smaller. " * 50

Pack = Callable[[Members, Path], Path]


def members() -> Members:
    return Members(
        [
            Member("code/bin/program", NOISE, 0o100755),
            Member("code/module.py", TEXT, 0o100644),
            Member("code/empty", b"", 0o100644),
        ]
    )


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Give a wheel that is as it should be."""
    return pack_wheel(members(), tmp_path / "code.whl")


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    """Give an sdist that is as it should be."""
    return pack_sdist(members(), tmp_path / "code.tar.gz")


def faults_of(file: Path, content: bytes) -> list[str]:
    """Return what is found in other bytes under a file's name."""
    file.write_bytes(content)
    return faults_in(file)


def faults_in(file: Path) -> list[str]:
    """Return what is wrong with a file, if it cannot be read the one reason for that."""
    try:
        return read_archive(file).faults
    except ReleaseError as error:
        return [str(error).removeprefix(f"{file}: ")]


def is_damage(faults: list[str]) -> bool:
    return len(faults) == 1 and faults[0].startswith(DAMAGED)


def flipped(content: bytes, at: int) -> bytes:
    """Change one byte to one that has none of its bits."""
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def packed_range(wheel: Path, name: str) -> range:
    """Return where the packed content of an entry lies."""
    with zipfile.ZipFile(wheel) as archive:
        info = archive.getinfo(name)
    start = info.header_offset + 30 + len(name)
    return range(start, start + info.compress_size)


def test_an_archive_is_read_whole(wheel: Path, sdist: Path) -> None:
    for file in (wheel, sdist):
        archive = read_archive(file)
        assert archive.faults == []
        assert archive.contents == {
            member.name: Content(
                sha256(member.content).hexdigest(),
                len(member.content),
                executable=member.name == "code/bin/program",
            )
            for member in members()
        }
        assert archive.text("code/module.py") == TEXT.decode()


@pytest.mark.parametrize("pack", [pack_wheel, pack_sdist])
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("code/module.py", "there twice"),
        ("CODE/Module.py", "there twice"),
        ("/etc/code", ABSOLUTE),
        ("C:/code", ABSOLUTE),
        ("C:code", ABSOLUTE),
        ("code\\other.py", ABSOLUTE),
        ("..\\code", ABSOLUTE),
        ("../code", NOT_PLAIN),
        ("code/../../code", NOT_PLAIN),
        ("./code", NOT_PLAIN),
        ("code//other.py", NOT_PLAIN),
    ],
)
def test_a_name_that_would_be_written_elsewhere_or_over_another_file_is_found(
    tmp_path: Path, pack: Pack, name: str, fault: str
) -> None:
    suffix = ".whl" if pack is pack_wheel else ".tar.gz"
    file = pack(Members([*members(), Member(name, b"x")]), tmp_path / f"code{suffix}")
    archive = read_archive(file)
    assert archive.faults == [f"{name!r}: {fault}"]
    assert set(archive.contents) == {member.name for member in members()}


def test_a_folder_in_a_wheel_is_found(tmp_path: Path) -> None:
    file = pack_wheel(Members([*members(), Member("code/folder/")]), tmp_path / "code.whl")
    assert read_archive(file).faults == [f"'code/folder/': {NOT_PLAIN}"]


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE],
    ids=["symbolic link", "hard link", "folder", "device", "pipe"],
)
def test_what_is_no_plain_file_in_an_sdist_is_found(tmp_path: Path, kind: bytes) -> None:
    file = pack_sdist(Members([*members(), Member("code/x", kind=kind)]), tmp_path / "code.tar.gz")
    assert faults_in(file) == ["code/x is no plain file"]


def test_a_wheel_that_is_cut_off_anywhere_is_found(wheel: Path) -> None:
    content = wheel.read_bytes()
    assert all(is_damage(faults_of(wheel, content[:n])) for n in range(len(content)))


def test_an_sdist_that_is_cut_off_within_a_file_is_found(sdist: Path) -> None:
    content = sdist.read_bytes()
    assert all(is_damage(faults_of(sdist, content[:n])) for n in range(200, len(NOISE)))


def test_what_is_no_archive_at_all_is_found(wheel: Path, sdist: Path) -> None:
    page = b"<html><body>502 Bad Gateway</body></html>"
    assert faults_of(wheel, page) == [f"{DAMAGED}File is not a zip file"]
    assert faults_of(sdist, page) == [f"{DAMAGED}Not a gzipped file (b'<h')"]
    assert faults_of(sdist, gzip.compress(page * 50)) == [f"{DAMAGED}invalid header"]


def test_a_wheel_with_a_changed_byte_is_found(tmp_path: Path) -> None:
    wheel = pack_wheel(members(), tmp_path / "code.whl", zipfile.ZIP_STORED)
    content, places = wheel.read_bytes(), packed_range(wheel, "code/module.py")
    expected = [f"{DAMAGED}Bad CRC-32 for file 'code/module.py'"]
    assert all(faults_of(wheel, flipped(content, at)) == expected for at in places)


def test_a_wheel_with_a_changed_byte_in_what_is_packed_is_found(wheel: Path) -> None:
    content = wheel.read_bytes()
    places = packed_range(wheel, "code/module.py")[:-1]  # the last byte has bits without meaning
    assert all(is_damage(faults_of(wheel, flipped(content, at))) for at in places)


def test_an_sdist_that_lacks_its_last_bytes_is_found(sdist: Path) -> None:
    content = sdist.read_bytes()
    assert all(is_damage(faults_of(sdist, content[:-n])) for n in range(1, 20))


def test_an_sdist_that_is_cut_off_between_two_files_is_found(sdist: Path) -> None:
    content = sdist.read_bytes()
    assert all(is_damage(faults_of(sdist, content[:n])) for n in range(1600, len(content) - 50))


def test_an_sdist_with_a_wrong_checksum_is_found(sdist: Path) -> None:
    content = sdist.read_bytes()
    assert is_damage(faults_of(sdist, flipped(content, len(content) - 8)))


def test_an_sdist_cut_off_in_its_first_bytes_is_found(sdist: Path) -> None:
    content = sdist.read_bytes()
    assert all(is_damage(faults_of(sdist, content[:n])) for n in range(32))


@pytest.mark.parametrize(
    ("at", "value"),
    [(8, 1), (8, 1 << 5), (10, 99), (6, 99)],
    ids=["encrypted", "a patch", "unknown packing", "later version"],
)
def test_a_wheel_that_zipfile_cannot_read_is_found(wheel: Path, at: int, value: int) -> None:
    content = bytearray(wheel.read_bytes())
    content[content.index(b"PK\1\2") + at] = value  # in the first entry of the directory
    assert is_damage(faults_of(wheel, bytes(content)))


@pytest.mark.parametrize(("before", "behind"), [(b"more", b""), (b"", b"more")])
def test_bytes_around_a_wheel_are_found(wheel: Path, before: bytes, behind: bytes) -> None:
    assert faults_of(wheel, before + wheel.read_bytes() + behind) != []


def test_bytes_behind_an_sdist_are_found(sdist: Path) -> None:
    assert faults_of(sdist, sdist.read_bytes() + b"more") != []
