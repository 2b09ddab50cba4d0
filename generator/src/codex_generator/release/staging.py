"""Staging: complete package folders, which `python -m build` turns into what is uploaded.

Each function makes a folder that did not exist before, whole or not at all.
"""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Final

from codex_generator.projects import LICENSE, render_project
from codex_generator.release.meter import SILENT, Meter
from codex_generator.release.notices import license_of, notices
from codex_generator.release.outputs import new_folder
from codex_generator.release.packages import read_package
from codex_generator.release.platforms import host_platform, platform_of
from codex_generator.release.programs import check_own_version
from codex_generator.release.repository import tracked
from codex_generator.release.sources import DESCRIPTION
from codex_generator.render import PACKAGES, formatted, write_files

CORE: Final = ("types", "rpc", "sdk")
"""The layers of the facade, lowest first: each pins those below it."""

PROGRAMS_BELOW: Final = Path("src/codex_cli_bin")
"""Where the content of a platform package goes in a runtime's project."""

_LEGAL: Final = ("LICENSE", "NOTICE")
"""Files of the repository's root that every distribution carries."""


def stage_sdk_core(out: Path, root: Path, version: str) -> None:
    """Stage the facade, the raw client and the types: a folder `OUT/LAYER` each.

    Args:
        out: the folder to make.
        root: of the repository.
        version: of all three, which pin each other.

    Raises:
        ReleaseError: The folder exists, or cannot be written.
    """
    with new_folder(out) as folder:
        for layer in CORE:
            _stage_project(folder / layer, root, layer, version, version)


def stage_sdk(out: Path, root: Path, version: str, runtime_version: str) -> None:
    """Stage the bundle, which brings the facade and the runtime and has no code of its own.

    Args:
        out: the folder to make.
        root: of the repository.
        version: of the bundle, and of the facade that it pins.
        runtime_version: of the runtime that it pins.

    Raises:
        ReleaseError: The folder exists, or cannot be written.
    """
    with new_folder(out) as folder:
        _stage_project(folder, root, "bundle", version, runtime_version)


def stage_runtime(
    out: Path,
    source: Path,
    root: Path,
    version: str,
    tag: str,
    meter: Meter = SILENT,
) -> None:
    """Stage the runtime for one platform.

    Args:
        out: the folder to make.
        source: npm's tarball, a folder that it was unpacked to, or the runtime's program alone.
        root: of the repository.
        version: of the wheel; the program has to be of that release.
        tag: the wheel's platform tag, such as `macosx_11_0_arm64`.
        meter: takes how many bytes of programs were written.

    Raises:
        GeneratorError: The folder exists or cannot be written, the tag is none of ours, or the
            source is not what the tag and the version say.
    """
    platform = platform_of(tag)
    with new_folder(out) as folder:
        package = folder / PROGRAMS_BELOW
        contents = read_package(source, platform, version, package, meter)
        if platform == host_platform():
            check_own_version(package / platform.entrypoint, version)
        for path in platform.left_out(tag):
            _remove(package / path)
        carried = contents.keys() - platform.left_out(tag) - {DESCRIPTION}
        write_files(folder, runtime_texts(root, carried, version, tag))


def runtime_texts(root: Path, programs: set[str], version: str, tag: str) -> dict[Path, str]:
    """Return everything of a staged runtime that is not the platform package's.

    Args:
        root: of the repository.
        programs: the paths of the programs that it carries.
        version: of the wheel.
        tag: its platform tag.
    """
    return {
        **_rendered("runtime", version, version, license_of(programs)),
        **notices(programs, version),
        Path("LICENSE"): (root / "LICENSE").read_text(encoding="utf-8"),
        Path("platform-tag.txt"): f"{tag}\n",
    }


def _remove(program: Path) -> None:
    """Remove a program, and its folder if there is nothing else in it."""
    program.unlink(missing_ok=True)
    if program.parent.is_dir() and not any(program.parent.iterdir()):
        program.parent.rmdir()


def _stage_project(
    folder: Path, root: Path, layer: str, version: str, runtime_version: str
) -> None:
    """Copy a project with its code, and render what names versions anew."""
    project = PACKAGES / layer
    for path in tracked(root, project):
        target = folder / path.relative_to(project)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target)
    for name in _LEGAL:
        shutil.copyfile(root / name, folder / name)
    # hatchling puts the nearest of these into an sdist, also one that lies further up.
    ignoring_nothing = {Path(".gitignore"): "# All that lies here belongs to the package.\n"}
    rendered = _rendered(layer, version, runtime_version, LICENSE)
    write_files(folder, {**rendered, **ignoring_nothing})


@cache  # one text serves many wheels, and formatting starts programs
def _rendered(layer: str, version: str, runtime_version: str, license_: str) -> dict[Path, str]:
    return formatted(
        render_project(layer, version, runtime_version=runtime_version, license_=license_)
    )
