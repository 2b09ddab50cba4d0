"""Programs: what a native program itself says of its platform and its release.

LIEF reads the headers of all three formats. It is given the beginning of a program only, which
holds them: a whole one, of some 300 MB, would be loaded into memory.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import lief

from codex_generator.release.errors import ReleaseError
from codex_generator.release.platforms import Machine, Platform, System
from codex_generator.runtime import release_of
from codex_generator.versions import release_names

HEADER: Final = 1 << 20
"""Bytes from the start of a file that are enough to read its headers."""

_SYSTEMS: Final[dict[str, System]] = {"ELF": "linux", "MACHO": "darwin", "PE": "win32"}
_MACHINES: Final[dict[str, Machine]] = {"X86_64": "x86_64", "ARM64": "aarch64"}
_KEPT: Final = 64
"""Bytes of a program that are kept for what lies across the end of a piece: more than any name."""

_BEHIND: Final = 8
"""Bytes behind a name that tell whether it goes on."""

_SHORTEST: Final = 4
"""Bytes without which LIEF would take the content for a file's name."""

lief.logging.disable()  # it comments on whatever it is given, on stderr
lief.disable_leak_warning()  # and on itself, when Python ends


@dataclass(frozen=True)
class Program:
    """What a native program is for."""

    system: System
    machine: Machine | None
    """The processor; `None` when it is none that the runtime is built for."""
    static: bool
    """Whether it is for Linux and runs without a dynamic loader."""


def read_program(head: bytes) -> Program | None:
    """Read the header of a native program.

    Args:
        head: the first bytes of a file, `HEADER` of them or the whole file.

    Returns:
        What it is for; `None` when it is no native program.
    """
    if len(head) < _SHORTEST:
        return None
    # Its stub does not say what kind of `PathLike` it takes.
    found = lief.parse(io.BytesIO(head))  # pyright: ignore[reportUnknownMemberType]
    if not isinstance(found, lief.Binary) or found.format.name not in _SYSTEMS:
        return None
    machine = _MACHINES.get(found.abstract.header.architecture.name)
    static = isinstance(found, lief.ELF.Binary) and not found.has_interpreter
    return Program(_SYSTEMS[found.format.name], machine, static)


def check_program(path: str, head: bytes, platform: Platform, *, dynamic: bool) -> None:
    """Check that a file is a program for a platform.

    Args:
        path: of the file, for messages.
        head: its first bytes, as `read_program` takes them.
        platform: what it has to be for.
        dynamic: whether it is known to need a dynamic loader (on Linux).

    Raises:
        ReleaseError: It is for another system or processor, or is no native program at all; or it
            is linked otherwise than is known.
    """
    found = read_program(head)
    wanted = f"a program for {platform.system} on {platform.machine}"
    if found is None:
        raise ReleaseError(f"{path}: expected {wanted}, and it is no native program")
    if (found.system, found.machine) != (platform.system, platform.machine):
        machine = found.machine or "another processor"
        raise ReleaseError(
            f"{path}: expected {wanted}, and its header says {found.system} on {machine}"
        )
    if platform.system == "linux" and found.static is dynamic:
        linked, wanted = ("statically", "dynamically") if dynamic else ("dynamically", "statically")
        raise ReleaseError(
            f"{path}: is linked {linked}, and {wanted} by the table of platforms, which says so of "
            "all that a wheel for musl leaves out"
        )


class ReleaseSearch:
    """Looks for a release's name in a program, while it is read in pieces."""

    def __init__(self, names: tuple[str, ...]) -> None:
        """Take what the release may be called."""
        # Not as a part of another: 0.163.0 is neither in 10.163.0 nor in 0.163.0-alpha.1.
        self._names = [name.encode() for name in names]
        alternatives = b"|".join(map(re.escape, self._names))
        another = rb"(?![0-9]|-(?:alpha|beta|rc|dev)|\.[0-9])"
        self._name = re.compile(rb"(?<![0-9.])(?:" + alternatives + rb")" + another)
        self._seen = False
        self._kept = b""
        self._start = 0

    @property
    def found(self) -> bool:
        """Whether the program, as far as it was fed, names the release."""
        return self._seen or self._name.search(self._kept, self._start) is not None

    def feed(self, piece: bytes) -> None:
        """Look at the next piece of the program."""
        text = self._kept + piece
        # Looking for the bare names first is many times as quick, and they are rare.
        if not self._seen and any(name in text for name in self._names):
            # Whether a name goes on can be told only where there is more behind it.
            decided = len(text) - _BEHIND
            matches = self._name.finditer(text, self._start)
            self._seen = any(match.end() <= decided for match in matches)
        self._start = 1 if len(text) > _KEPT else self._start
        self._kept = text[-_KEPT:]


def check_own_version(program: Path, version: str) -> None:
    """Ask a program for this machine which release it is: `codex --version`.

    Args:
        program: the runtime's program.
        version: of the Python package that is made of it, such as `0.116.0a1`.

    Raises:
        GeneratorError: It is of another release, or cannot be run.
    """
    names = release_names(version)
    found = release_of(program)
    if found not in names:
        raise ReleaseError(
            f"{program.name}: version {version} wants release {' or '.join(names)}, and the "
            f"program says it is {found}"
        )
