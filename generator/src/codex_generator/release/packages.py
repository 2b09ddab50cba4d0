"""Packages: a platform package is read once, and checked while it is.

Whoever stages a wheel has the files written into a folder; whoever checks a wheel wants to know
what they have to be. Both get the same checks, on the same bytes.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Final, cast

from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import SILENT, Meter
from codex_generator.release.platforms import Platform
from codex_generator.release.programs import ReleaseSearch, check_program, read_program
from codex_generator.release.sources import DESCRIPTION, Entry, entries, is_tarball
from codex_generator.release.tarballs import chunks
from codex_generator.versions import release_names

_LAYOUT: Final = 1
"""The version of the layout that is known here."""


@dataclass(frozen=True)
class Content:
    """What a file holds, in short."""

    sha256: str
    """In hex."""
    size: int
    """Bytes."""
    executable: bool


def read_package(
    source: Path,
    platform: Platform,
    version: str,
    into: Path | None = None,
    meter: Meter = SILENT,
) -> dict[str, Content]:
    """Read all that a wheel carries of a package, and check that it is whole and the right one.

    Args:
        source: npm's tarball, a folder that it was unpacked to, or the runtime's program alone.
        platform: what it has to be for.
        version: of the Python package that is made of it, such as `0.116.0a1`.
        into: a folder to write the files into, with their run bits.
        meter: takes how many bytes were read.

    Returns:
        Every file, by its path beside the package's description.

    Raises:
        ReleaseError: The source is damaged, not whole, or for another platform or release; a
            program cannot be run, or is for another processor.
        OSError: The files cannot be written.
    """
    contents: dict[str, Content] = {}
    for entry in entries(source, platform):
        if entry.path in contents:
            raise ReleaseError(f"{source}: holds {entry.path} twice")
        content = entry.content
        if entry.path == DESCRIPTION:
            text = b"".join(chunks(content, source))
            _check_description(text, source, platform, version)
            content = BytesIO(text)
        known = replace(entry, content=content)
        contents[entry.path] = _take(known, source, platform, version, into, meter)
    whole = source.is_dir() or is_tarball(source)
    missing = {DESCRIPTION, *platform.programs} - contents.keys() if whole else set[str]()
    if missing:
        raise ReleaseError(f"{source}: is not whole: {', '.join(sorted(missing))} is missing")
    return contents


def _take(
    entry: Entry,
    source: Path,
    platform: Platform,
    version: str,
    into: Path | None,
    meter: Meter,
) -> Content:
    """Check, hash and write one file."""
    parts = chunks(entry.content, source)
    head = next(parts, b"")
    _check_file(entry, head, source, platform)
    hashing, size, search = sha256(), 0, ReleaseSearch(release_names(version))
    with ExitStack() as stack:
        target = None if into is None else into / entry.path
        sink = None
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            sink = stack.enter_context(target.open("xb"))
            target.chmod(0o755 if entry.executable else 0o644)
        for part in chain([head], parts):
            hashing.update(part)
            size += len(part)
            if entry.path == platform.entrypoint:
                search.feed(part)
            if sink is not None:
                sink.write(part)
            meter.add(len(part))
    if entry.path == platform.entrypoint and not search.found:
        names = " or ".join(release_names(version))
        raise ReleaseError(f"{source}: {entry.path} names release {names} nowhere")
    return Content(hashing.hexdigest(), size, entry.executable)


def _check_file(entry: Entry, head: bytes, source: Path, platform: Platform) -> None:
    """Check a program's header and run bit; a file that is no program may be anything."""
    if entry.path not in platform.programs and read_program(head) is None:
        return
    dynamic = entry.path in platform.needs_glibc
    check_program(f"{source}: {entry.path}", head, platform, dynamic=dynamic)
    if not entry.executable and platform.system != "win32":
        raise ReleaseError(f"{source}: {entry.path} has no run bit")


def _check_description(text: bytes, source: Path, platform: Platform, version: str) -> None:
    try:
        found: object = json.loads(text)
    except ValueError as error:
        raise ReleaseError(f"{source}: {DESCRIPTION} is not JSON: {error}") from error
    facts = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    names = release_names(version)
    wanted = {
        "layoutVersion": (_LAYOUT,),
        "version": names,
        "target": (platform.target,),
        "entrypoint": (platform.entrypoint,),
    }
    for key, values in wanted.items():
        value = facts.get(key)
        if value not in values:
            raise ReleaseError(
                f"{source}: {DESCRIPTION} has {key} {value!r}, and not "
                f"{' or '.join(map(repr, values))}"
            )
