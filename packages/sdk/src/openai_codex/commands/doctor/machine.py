"""Whether a program is made for this machine, told from its first bytes."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["kind_of", "misfit"]

_ELF: Final[Mapping[int, str]] = {0x3E: "x86_64", 0xB7: "aarch64"}
_MACH_O: Final[Mapping[int, str]] = {0x0100_0007: "x86_64", 0x0100_000C: "aarch64"}
_PE: Final[Mapping[int, str]] = {0x8664: "x86_64", 0xAA64: "aarch64"}
_NAMES: Final[Mapping[str, str]] = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
_SYSTEMS: Final[Mapping[str, str]] = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}
_HEAD: Final = 4096
"""How much is read: in a Windows program the machine is named further behind."""


def kind_of(program: Path) -> tuple[str, str]:
    """Tell the system and the processor that a program is made for.

    Args:
        program: A file that can be read.

    Returns:
        The system, ``script`` or ``unknown``; and the processor, or nothing.

    Raises:
        OSError: It cannot be read.
    """
    with program.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x7fELF"):
        return "Linux", _ELF.get(int.from_bytes(head[18:20], "little"), "unknown")
    if head.startswith(b"\xcf\xfa\xed\xfe"):
        return "macOS", _MACH_O.get(int.from_bytes(head[4:8], "little"), "unknown")
    if head.startswith(b"MZ"):
        at = int.from_bytes(head[60:64], "little") + 4
        return "Windows", _PE.get(int.from_bytes(head[at : at + 2], "little"), "unknown")
    if head.startswith(b"#!") or program.suffix.lower() in (".cmd", ".bat", ".ps1"):
        return "script", ""
    return "unknown", ""


def misfit(system: str, processor: str) -> str | None:
    """Say why a program cannot run on this machine, as far as its kind tells.

    Args:
        system: As `kind_of` gives it.
        processor: Likewise.

    Returns:
        The reason; ``None`` if it may run. Apple's and Microsoft's newer systems run programs of
        the older processor.
    """
    here = _SYSTEMS.get(sys.platform)
    if system not in _SYSTEMS.values() or here is None:
        return None
    if system != here:
        return f"it is made for {system}, and this is {here}"
    machine = platform.machine().lower()
    machine = _NAMES.get(machine, machine)
    translated = processor == "x86_64" and machine == "aarch64" and here != "Linux"
    if processor == "unknown" or processor == machine or translated:
        return None
    return f"it is made for {processor}, and this machine is {machine}"
