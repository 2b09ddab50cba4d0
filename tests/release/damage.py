"""Damage: finished wheels and sdists are taken apart, spoilt in one way, and packed again."""

from __future__ import annotations

import csv
import io
import re
import tarfile
import warnings
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from codex_generator.release.checking.expected import Expected
from codex_generator.release.checking.files import find_faults


@dataclass
class Member:
    """An entry of an archive."""

    name: str
    content: bytes = b""
    mode: int = 0o644
    kind: bytes = tarfile.REGTYPE
    """What it is in an sdist."""


class Members(list[Member]):
    """All entries of an archive."""

    def at(self, path: str) -> Member:
        """Return the entry with a path."""
        return next(member for member in self if member.name == path)

    def record(self) -> Member:
        """Return a wheel's `RECORD`."""
        return next(member for member in self if member.name.endswith(".dist-info/RECORD"))

    def seal(self) -> None:
        """Have `RECORD` say what is in the wheel now, as whoever changed it on purpose would."""
        record, text = self.record(), io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        for member in self:
            if member is not record:
                digest = urlsafe_b64encode(sha256(member.content).digest()).rstrip(b"=").decode()
                rows.writerow([member.name, f"sha256={digest}", len(member.content)])
        rows.writerow([record.name, "", ""])
        record.content = text.getvalue().encode()


Damage = Callable[[Members], None]
"""Changes the entries before they are packed again."""


@dataclass(frozen=True)
class Specimen:
    """A finished file, and what it has to be."""

    finished: Path
    expected: Expected
    place: Path
    """The folder for what is made of it."""

    def with_damage(self, damage: Damage) -> Path:
        """Pack it again after damage to its entries."""
        target = self.place / self.finished.name
        wheel = self.expected.is_wheel
        members = _unpack_wheel(self.finished) if wheel else _unpack_sdist(self.finished)
        damage(members)
        return pack_wheel(members, target) if wheel else pack_sdist(members, target)

    def faults(self, damage: Damage) -> list[str]:
        """Return what is found after damage to its entries."""
        return find_faults(self.with_damage(damage), self.expected)

    def faults_of_bytes(self, content: bytes) -> list[str]:
        """Return what is found in other bytes under its name."""
        target = self.place / self.finished.name
        target.write_bytes(content)
        return find_faults(target, self.expected)


def sealed(damage: Damage) -> Damage:
    """Have `RECORD` say what is there after a damage."""

    def both(members: Members) -> None:
        damage(members)
        members.seal()

    return both


def nothing(_: Members) -> None:
    """Do no damage."""


def edit(path: str, change: Callable[[bytes], bytes]) -> Damage:
    """Change the content of an entry."""

    def damage(members: Members) -> None:
        member = members.at(path)
        member.content = change(member.content)

    return damage


def edit_record(pattern: str, instead: str) -> Damage:
    """Change the one place in `RECORD` that a regular expression fits."""

    def damage(members: Members) -> None:
        record = members.record()
        text, count = re.subn(pattern, instead, record.content.decode())
        assert count == 1
        record.content = text.encode()

    return damage


def add(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE) -> Damage:
    """Add an entry, which in an sdist may be of another kind than a file."""
    return lambda members: members.append(Member(name, content, kind=kind))


def remove(path: str) -> Damage:
    """Remove an entry."""
    return lambda members: members.remove(members.at(path))


def set_mode(path: str, mode: int) -> Damage:
    """Set an entry's mode: the bits of Unix, in a wheel with the kind of file."""

    def damage(members: Members) -> None:
        members.at(path).mode = mode

    return damage


def _unpack_wheel(file: Path) -> Members:
    with zipfile.ZipFile(file) as wheel:
        return Members(
            Member(info.filename, wheel.read(info), info.external_attr >> 16)
            for info in wheel.infolist()
        )


def pack_wheel(members: Members, target: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a wheel with these entries, whatever their names."""
    with zipfile.ZipFile(target, "w", method) as wheel, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is there already: some want it so
        for member in members:
            info = zipfile.ZipInfo(member.name)
            info.external_attr = member.mode << 16
            wheel.writestr(info, member.content, method)
    return target


def _unpack_sdist(file: Path) -> Members:
    members = Members()
    with tarfile.open(file) as sdist:
        for info in sdist:
            content = sdist.extractfile(info)
            assert content is not None
            members.append(Member(info.name, content.read(), info.mode))
    return members


def pack_sdist(members: Members, target: Path) -> Path:
    """Write an sdist with these entries, whatever they are."""
    with tarfile.open(target, "w:gz") as sdist:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.mode, info.type, info.size = member.mode, member.kind, len(member.content)
            info.linkname = "LICENSE" if member.kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            sdist.addfile(info, io.BytesIO(member.content))
    return target
