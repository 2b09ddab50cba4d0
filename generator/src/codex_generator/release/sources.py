"""Sources: the files of a platform package, from npm's tarball, a folder, or a bare program.

Whatever the source, its files are named as they lie beside `codex-package.json`. Nothing may be
there but what a wheel carries and what is left out knowingly, so that a new kind of content is
decided on, and not shipped or lost by chance.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from codex_generator.release.errors import ReleaseError
from codex_generator.release.platforms import Platform
from codex_generator.release.tarballs import members

DESCRIPTION: Final = "codex-package.json"
"""Describes a package, and lies beside everything that a wheel carries."""

_CARRIED: Final = ("bin", "codex-path", "codex-resources", DESCRIPTION)
_LEFT_OUT: Final = "codex-resources/voice/"
"""See `docs/decisions/0019-what-a-runtime-wheel-carries.md`."""
_OF_NPM: Final = ("package/README.md", "package/package.json")


@dataclass(frozen=True)
class Entry:
    """One file of a package."""

    path: str
    """Its place beside the description, with slashes."""
    executable: bool
    """Whether its owner may run it."""
    content: IO[bytes]
    """To be read before the next entry is asked for."""


def entries(source: Path, platform: Platform) -> Iterator[Entry]:
    """Yield every file of a package that a wheel carries.

    Args:
        source: npm's tarball (`.tgz`), a folder that it was unpacked to, or a program.
        platform: what the package has to be for.

    Raises:
        ReleaseError: The source is missing or damaged, is for another platform, or holds what
            nobody has decided on.
    """
    if source.is_dir():
        return _of_folder(source, platform)
    if not source.is_file():
        raise ReleaseError(f"{source}: there is no such file or folder")
    return _of_tarball(source, platform) if is_tarball(source) else _of_program(source, platform)


def is_tarball(source: Path) -> bool:
    """Tell whether a source is a tarball, by its name."""
    return source.name.endswith((".tgz", ".tar.gz"))


def _of_program(source: Path, platform: Platform) -> Iterator[Entry]:
    with source.open("rb") as content:
        yield Entry(platform.entrypoint, _may_run(source.stat().st_mode), content)


def _of_folder(source: Path, platform: Platform) -> Iterator[Entry]:
    root = _root(source, platform)
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root).as_posix()
        if file.is_symlink():
            raise ReleaseError(f"{source}: {path} is a link: expected files only")
        if file.is_file() and _is_carried(path, source):
            with file.open("rb") as content:
                yield Entry(path, _may_run(file.stat().st_mode), content)


def _root(source: Path, platform: Platform) -> Path:
    below = Path("vendor", platform.target)
    places = [source, source / below, source / "package" / below]
    for place in places:
        if (place / DESCRIPTION).is_file():
            return place
    looked = ", ".join(str(place / DESCRIPTION) for place in places)
    raise ReleaseError(f"{source}: is no package for {platform.key}; looked for {looked}")


def _of_tarball(source: Path, platform: Platform) -> Iterator[Entry]:
    for member, content in members(source):
        path = _path_of(member.name, source, platform)
        if path is not None:
            yield Entry(path, _may_run(member.mode), content)


def _path_of(name: str, source: Path, platform: Platform) -> str | None:
    parts = PurePosixPath(name).parts
    if ".." in parts:
        raise ReleaseError(f"{source}: {name} leads out of the package")
    if name in _OF_NPM:
        return None
    if parts[:2] != ("package", "vendor") or len(parts) < 4:
        raise _undecided(source, name)
    if parts[2] != platform.target:
        raise ReleaseError(f"{source}: is for {parts[2]}, and not for {platform.target}")
    path = "/".join(parts[3:])
    return path if _is_carried(path, source) else None


def _is_carried(path: str, source: Path) -> bool:
    if path.split("/")[0] not in _CARRIED:
        raise _undecided(source, path)
    return not path.startswith(_LEFT_OUT)


def _undecided(source: Path, path: str) -> ReleaseError:
    return ReleaseError(f"{source}: holds {path}, of which nobody has decided whether to ship it")


def _may_run(mode: int) -> bool:
    return bool(mode & stat.S_IXUSR)
