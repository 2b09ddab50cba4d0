"""npm's packages: unpacked to what a wheel of the runtime unpacks to.

Before release 0.134 a package had its program in `codex/` and the programs for its `PATH` in
`path/`. They get the names of today, which is how the wheels on the Python index have them as well;
what lies where from the program's point of view remains the same.
"""

from __future__ import annotations

import stat
from pathlib import Path, PurePosixPath
from typing import Final

from codex_generator.projects import PROJECTS, render_project
from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import SILENT, Meter
from codex_generator.release.platforms import Platform
from codex_generator.release.tarballs import chunks, members
from codex_generator.runtimes.store import PACKAGE

_RENAMED: Final = {"codex": "bin", "path": "codex-path"}
"""Folders of older packages, by what they are called today."""


def unpack_package(
    tarball: Path, platform: Platform, version: str, site: Path, meter: Meter = SILENT
) -> None:
    """Unpack a platform package, whole, as an import package.

    Args:
        tarball: as npm has it.
        platform: what it is for.
        version: of the runtime.
        site: an empty folder for it.
        meter: takes how many bytes were written.

    Raises:
        ReleaseError: The tarball is damaged, or for another platform.
    """
    package = site / PACKAGE
    found = False
    for member, content in members(tarball):
        path = _path_of(member.name, tarball, platform)
        if path is None:
            continue
        found = True
        file = package / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as sink:
            for chunk in chunks(content, tarball):
                meter.add(sink.write(chunk))
        file.chmod(0o755 if member.mode & stat.S_IXUSR else 0o644)
    if not found:
        raise ReleaseError(f"{tarball.name}: holds nothing for {platform.target}")
    write_distribution(site, version)


def came_from_index(site: Path) -> bool:
    """Tell whether a runtime came from the Python index, now or when it was fetched.

    pip writes down which files it has installed; nobody else does.

    Args:
        site: the folder in which `codex_cli_bin` lies.
    """
    return any(site.glob("*.dist-info/RECORD"))


def write_distribution(site: Path, version: str) -> None:
    """Write what makes a runtime's programs an import package, and a distribution with a version.

    Args:
        site: the folder in which `codex_cli_bin` lies.
        version: of the runtime.
    """
    below = Path("src", PACKAGE)
    for path, text in render_project("runtime", version).items():
        if path.parent == below:
            (site / PACKAGE / path.name).write_text(text, encoding="utf-8")
    name = PROJECTS["runtime"]
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (folder / "METADATA").write_text(text, encoding="utf-8")


def _path_of(name: str, tarball: Path, platform: Platform) -> PurePosixPath | None:
    """Return where a file of a tarball goes, `None` for what is npm's own."""
    parts = PurePosixPath(name).parts
    if parts[:3] != ("package", "vendor", platform.target) or len(parts) < 4:
        return None
    if ".." in parts:
        raise ReleaseError(f"{tarball.name}: {name} leads out of the package")
    return PurePosixPath(_RENAMED.get(parts[3], parts[3]), *parts[4:])
