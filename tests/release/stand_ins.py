"""Stand-ins: platform packages of the real layout, with programs of some hundred bytes.

Each program has a real header of its platform. Those for Linux are whole programs, which print a
version when they are run; the others hold its name only, which is all that can be checked of them.
"""

from __future__ import annotations

import io
import json
import struct
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codex_generator.release.meter import SILENT, Meter
from codex_generator.release.platforms import PLATFORMS, Platform, platform_named

RELEASE = "0.163.0"
LINUX = platform_named("linux-x64")
LINUX_ARM = platform_named("linux-arm64")
MAC = platform_named("darwin-arm64")
WINDOWS = platform_named("win32-x64")

_ADDRESS = 0x400000
_HEADERS = 64 + 56
"""Bytes of an ELF header and one program header."""


@dataclass(frozen=True)
class File:
    """A file of a package."""

    content: bytes
    mode: int = 0o755


Package = dict[str, File]
"""The files of a platform package, by their path in npm's tarball."""

Spoil = Callable[[Platform, Package], None]
"""Changes a package before it is written."""


def program(
    platform: Platform, text: str = f"codex-cli {RELEASE}\n", *, static: bool = True
) -> bytes:
    """Make a small program for a platform that says a text."""
    said = text.encode()
    if platform.system == "linux":
        return _elf(platform, said, static=static)
    if platform.system == "darwin":
        processor = {"x86_64": 0x01000007, "aarch64": 0x0100000C}[platform.machine]
        return struct.pack("<8I", 0xFEEDFACF, processor, 0, 2, 0, 0, 0, 0) + said
    machine = {"x86_64": 0x8664, "aarch64": 0xAA64}[platform.machine]
    dos = b"MZ" + bytes(58) + struct.pack("<I", 64)
    header = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 0, 0, 0, 0, 240, 0x22)
    return dos + header + struct.pack("<H", 0x20B) + bytes(238) + said


def _elf(platform: Platform, text: bytes, *, static: bool) -> bytes:
    """Make an ELF program that prints a text; one that is not static cannot run."""
    intel = platform.machine == "x86_64"
    code = _intel_code(text) if intel else _arm_code(text)
    size = _HEADERS + len(code) + len(text)
    machine = 0x3E if intel else 0xB7
    identity = b"\x7fELF\x02\x01\x01" + bytes(9)
    entry = _ADDRESS + _HEADERS
    header = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, entry, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    kind = 1 if static else 3  # PT_LOAD, PT_INTERP
    segment = struct.pack("<IIQQQQQQ", kind, 5, 0, _ADDRESS, _ADDRESS, size, size, 0x1000)
    return identity + header + segment + code + text


def _intel_code(text: bytes) -> bytes:
    # mov eax, 1; mov edi, 1; mov esi, text; mov edx, length; syscall
    # mov eax, 60; xor edi, edi; syscall
    where = struct.pack("<I", _ADDRESS + _HEADERS + 31)
    length = struct.pack("<I", len(text))
    write = b"\xb8\1\0\0\0\xbf\1\0\0\0\xbe" + where + b"\xba" + length + b"\x0f\x05"
    return write + b"\xb8\x3c\0\0\0\x31\xff\x0f\x05"


def _arm_code(text: bytes) -> bytes:
    # mov x0, 1; adr x1, text; mov x2, length; mov x8, 64; svc 0; mov x0, 0; mov x8, 93; svc 0
    write = (0xD2800020, 0x100000E1, 0xD2800002 | len(text) << 5, 0xD2800808, 0xD4000001)
    return struct.pack("<8I", *write, 0xD2800000, 0xD2800BA8, 0xD4000001)


def package(platform: Platform, release: str = RELEASE) -> Package:
    """Make a platform package, with the voice resources that a wheel leaves out."""
    vendor = f"package/vendor/{platform.target}"
    text = f"codex-cli {release}\n"
    files = {
        f"{vendor}/{path}": File(program(platform, text, static=path not in platform.needs_glibc))
        for path in platform.programs
    }
    description = {
        "layoutVersion": 1,
        "version": release,
        "target": platform.target,
        "variant": "codex",
        "entrypoint": platform.entrypoint,
        "resourcesDir": "codex-resources",
        "pathDir": "codex-path",
    }
    files[f"{vendor}/codex-package.json"] = File(json.dumps(description).encode(), 0o644)
    files[f"{vendor}/codex-resources/voice/NOTICE.md"] = File(b"# Voice\n", 0o644)
    files["package/package.json"] = File(b"{}", 0o644)
    files["package/README.md"] = File(b"# Codex\n", 0o644)
    return files


def tarball(files: Mapping[str, File], target: Path) -> Path:
    """Write a package as npm's tarball."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz") as archive:
        for name, file in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(file.content), file.mode
            archive.addfile(member, io.BytesIO(file.content))
    return target


def folder(files: Mapping[str, File], target: Path) -> Path:
    """Write a package as the folder that npm's tarball is unpacked to."""
    for name, file in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(file.mode)
    return target


def packages(target: Path, spoil: Spoil | None = None) -> Callable[[Platform, Meter], Path]:
    """Write the packages of all platforms, and return what gives them, as npm would.

    Args:
        target: the folder where they are kept.
        spoil: changes a platform's package before it is written.
    """

    def package_of(platform: Platform, meter: Meter = SILENT) -> Path:
        return target / f"{platform.key}.tgz"

    for platform in PLATFORMS:
        files = package(platform)
        if spoil is not None:
            spoil(platform, files)
        tarball(files, package_of(platform))
    return package_of
