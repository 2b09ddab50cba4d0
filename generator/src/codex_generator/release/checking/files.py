"""Files: what is wrong with a single file of `dist/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from packaging.errors import ExceptionGroup
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from codex_generator.projects import PROJECTS
from codex_generator.release.checking.archives import Archive, read_archive, record_faults
from codex_generator.release.checking.expected import Expected
from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import SILENT, Meter

PINNED: Final = {
    "types": (),
    "rpc": ("types",),
    "sdk": ("rpc", "types"),
    "runtime": (),
    "bundle": ("sdk", "runtime"),
}
"""The layers that each layer brings, at exactly its own version."""

_MIB: Final = 1 << 20
INDEX_LIMIT: Final = 100 * _MIB
"""Bytes that a file on the Python package index may have where no more was granted."""

GRANTED: Final = {"runtime": 159_434_059}
"""Bytes that the index has been seen to take: of the runtime, the largest wheel of 0.163.0."""


def find_faults(file: Path, expected: Expected, meter: Meter = SILENT) -> list[str]:
    """Compare a wheel or an sdist with what it has to be.

    Args:
        file: the file.
        expected: what it has to be.
        meter: takes how many unpacked bytes were read.

    Returns:
        A sentence for everything that is wrong; none when the file may be published.
    """
    meter.expect(expected.size)
    try:
        archive = read_archive(file, meter)
    except ReleaseError as error:
        return [str(error).removeprefix(f"{file}: ")]
    faults = list(archive.faults)
    record = f"{Path(expected.metadata).parent.as_posix()}/RECORD"
    if expected.is_wheel:
        faults += record_faults(archive, record)
        archive.contents.pop(record, None)
    faults += _content_faults(archive, expected)
    faults += _metadata_faults(archive, expected)
    size, limit = file.stat().st_size, GRANTED.get(expected.layer, INDEX_LIMIT)
    if size > limit:
        faults.append(f"has {size} bytes, and the index takes {limit}")
    return faults


def _content_faults(archive: Archive, expected: Expected) -> list[str]:
    faults: list[str] = []
    for path in sorted(archive.contents.keys() | expected.contents.keys()):
        found, wanted = archive.contents.get(path), expected.contents.get(path)
        if found is None:
            faults.append(f"{path} is missing")
        elif wanted is None:
            faults.append(f"{path} should not be there")
        elif found.sha256 != wanted.sha256:
            faults.append(f"{path} is not the file that it was made from")
        elif found.executable != wanted.executable:
            faults.append(f"{path} {'has no' if wanted.executable else 'has a'} run bit")
    return faults


def _metadata_faults(archive: Archive, expected: Expected) -> list[str]:
    """Check names, version and pins: what was staged could itself be wrong."""
    try:
        found = Metadata.from_email(archive.texts.get(expected.metadata, b""), validate=True)
    except ExceptionGroup as error:
        return [f"{expected.metadata}: {problem}" for problem in error.exceptions]
    faults: list[str] = []
    name = PROJECTS[expected.layer]
    if (found.name, str(found.version)) != (name, expected.version):
        faults.append(f"calls itself {found.name} {found.version}, not {name} {expected.version}")
    pins = [f"{PROJECTS[layer]}=={expected.version}" for layer in PINNED[expected.layer]]
    extras = [f'extra == "{extra}"' for extra in found.provides_extra or []]
    always: list[str] = []
    for needed in _requirements_of_ours(found.requires_dist or []):
        if str(needed.marker) not in extras:
            always.append(str(needed))
        elif str(needed.specifier) != f"=={expected.version}":
            faults.append(f"its extra pins {needed}, and not =={expected.version}")
    if sorted(always) != sorted(pins):
        faults.append(f"pins {_shown(always)}, and not {_shown(pins)}")
    return faults


def _requirements_of_ours(requirements: list[Requirement]) -> list[Requirement]:
    names = {canonicalize_name(name) for name in PROJECTS.values()}
    return [needed for needed in requirements if canonicalize_name(needed.name) in names]


def _shown(pins: list[str]) -> str:
    return ", ".join(sorted(pins)) or "nothing of ours"
