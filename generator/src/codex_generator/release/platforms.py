"""Platforms: the one table of what the runtime is built for, and which wheels carry it."""

from __future__ import annotations

import platform as host
import sys
from dataclasses import dataclass
from typing import Final, Literal

from codex_generator.release.errors import ReleaseError

System = Literal["linux", "darwin", "win32"]
Machine = Literal["x86_64", "aarch64"]

NPM_PACKAGE: Final = "@openai/codex"
"""The npm package whose versions `RELEASE-KEY` are the platform packages."""


@dataclass(frozen=True)
class Platform:
    """One platform that the runtime is published for."""

    key: str
    """Its name on npm: the platform package is `@openai/codex@RELEASE-KEY`."""
    target: str
    """The target triple: the folder below `vendor/` in the platform package."""
    system: System
    """The operating system, as `sys.platform` has it."""
    machine: Machine
    """The processor that the programs are for."""
    programs: tuple[str, ...]
    """Every program that a whole package has, by path; the runtime itself comes first."""
    tags: tuple[str, ...]
    """The platform tags of its wheels: one wheel each."""
    needs_glibc: tuple[str, ...] = ()
    """Programs for Linux that are not static, and so do not run where musl is the C library."""

    @property
    def entrypoint(self) -> str:
        """The path of the runtime's program."""
        return self.programs[0]

    def left_out(self, tag: str) -> tuple[str, ...]:
        """Return the programs that a wheel does not carry because they could not run there.

        Args:
            tag: the wheel's platform tag.
        """
        return self.needs_glibc if tag.startswith("musllinux") else ()


_UNIX: Final = ("bin/codex", "bin/codex-code-mode-host", "codex-path/rg")
_LINUX: Final = (*_UNIX, "codex-resources/bwrap")
_WINDOWS: Final = (
    *(f"{name}.exe" for name in _UNIX),
    "codex-resources/codex-command-runner.exe",
    "codex-resources/codex-windows-sandbox-setup.exe",
)

PLATFORMS: Final = (
    Platform(
        key="linux-x64",
        target="x86_64-unknown-linux-musl",
        system="linux",
        machine="x86_64",
        programs=_LINUX,
        tags=("manylinux_2_17_x86_64", "musllinux_1_1_x86_64"),
    ),
    Platform(
        key="linux-arm64",
        target="aarch64-unknown-linux-musl",
        system="linux",
        machine="aarch64",
        programs=_LINUX,
        tags=("manylinux_2_17_aarch64", "musllinux_1_1_aarch64"),
        needs_glibc=("codex-path/rg",),
    ),
    Platform(
        key="darwin-x64",
        target="x86_64-apple-darwin",
        system="darwin",
        machine="x86_64",
        programs=_UNIX,
        tags=("macosx_10_9_x86_64",),
    ),
    Platform(
        key="darwin-arm64",
        target="aarch64-apple-darwin",
        system="darwin",
        machine="aarch64",
        programs=_UNIX,
        tags=("macosx_11_0_arm64",),
    ),
    Platform(
        key="win32-x64",
        target="x86_64-pc-windows-msvc",
        system="win32",
        machine="x86_64",
        programs=_WINDOWS,
        tags=("win_amd64",),
    ),
    Platform(
        key="win32-arm64",
        target="aarch64-pc-windows-msvc",
        system="win32",
        machine="aarch64",
        programs=_WINDOWS,
        tags=("win_arm64",),
    ),
)
"""All of them; those with two wheels first, so that two builders end at about the same time."""

TAGS: Final = tuple(tag for platform in PLATFORMS for tag in platform.tags)
"""The platform tags of all wheels."""

_MACHINES: Final[dict[str, Machine]] = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "aarch64": "aarch64",
    "arm64": "aarch64",
}


def platform_of(tag: str) -> Platform:
    """Return the platform that wheels with a platform tag are for.

    Args:
        tag: such as `macosx_11_0_arm64`.

    Raises:
        ReleaseError: No wheel has that tag; `any` least of all.
    """
    for platform in PLATFORMS:
        if tag in platform.tags:
            return platform
    raise ReleaseError(f"no runtime wheel has the platform tag {tag!r}: expected {_listed(TAGS)}")


def platform_named(key: str) -> Platform:
    """Return the platform with a key.

    Args:
        key: such as `linux-x64`; `host` names this machine's.

    Raises:
        ReleaseError: There is none.
    """
    here = host_platform()
    for platform in PLATFORMS:
        if platform.key == key or (key == "host" and platform == here):
            return platform
    keys = ["host", *(platform.key for platform in PLATFORMS)]
    raise ReleaseError(f"there is no platform {key!r}: expected {_listed(keys)}")


def host_platform() -> Platform | None:
    """Return the platform of this machine, `None` when the runtime is not published for it."""
    machine = _MACHINES.get(host.machine().lower())
    for platform in PLATFORMS:
        if (platform.system, platform.machine) == (sys.platform, machine):
            return platform
    return None


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
