"""Fetching: a runtime that is not in the store, from the Python index, else from npm.

This module needs the generator's extra `release`: npm's client, and what shows progress.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from codex_generator.diagnostics import GeneratorError
from codex_generator.release import npm
from codex_generator.release.outputs import watch_growth
from codex_generator.release.platforms import Platform, platform_named
from codex_generator.release.progress import Board
from codex_generator.runtimes import index
from codex_generator.runtimes.errors import NoNetworkError, UnknownVersionError
from codex_generator.runtimes.packages import unpack_package
from codex_generator.runtimes.wanted import nearest
from codex_generator.versions import python_version, release_names

_UNREACHABLE: Final = (
    *("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT"),
    *("ENETUNREACH", "EHOSTUNREACH", "ERR_SOCKET_TIMEOUT"),
)
"""npm's codes for a registry that does not answer."""


@dataclass(frozen=True)
class Fetcher:
    """Fetches runtimes for this machine's platform."""

    board: Board
    """Shows the progress."""

    def latest(self) -> str:
        """Return the version of the release that its publisher has tagged as the latest.

        Raises:
            NoNetworkError: npm cannot be reached.
            GeneratorError: npm failed otherwise.
        """
        return python_version(_published(platform_named("host")).latest)

    def fetch(self, version: str, site: Path) -> str:
        """Fill a folder with the runtime of a version, as its wheel unpacks.

        Args:
            version: of the runtime.
            site: an empty folder.

        Returns:
            Where it came from.

        Raises:
            UnknownVersionError: There is no such runtime for this machine.
            NoNetworkError: The index gives no such wheel, and npm cannot be reached.
            GeneratorError: What came is not what was published, or a client failed.
        """
        platform = platform_named("host")
        label = f"runtime {version}: looking for it on {index.NAME}"
        with self.board.step(label) as meter, watch_growth(site.parent, meter):
            found = index.unpack_wheel(version, site)
        if found:
            return index.NAME
        self._from_npm(version, platform, site)
        return "npm"

    def _from_npm(self, version: str, platform: Platform, site: Path) -> None:
        published = _published(platform).releases
        names = [name for name in release_names(version) if name in published]
        if not names:
            around = nearest(version, [python_version(name) for name in published])
            known = f"the nearest are {', '.join(around)}" if around else "npm has none at all"
            raise UnknownVersionError(f"there is no runtime {version} for {platform.key}: {known}")
        with self.board.step(f"runtime {version}: fetching it from npm") as meter:
            tarball = npm.fetch(platform, names, site.with_name("npm"), meter)
        with self.board.step(f"runtime {version}: unpacking") as meter:
            unpack_package(tarball, platform, version, site, meter)


def _published(platform: Platform) -> npm.Releases:
    try:
        return npm.published_releases(platform)
    except GeneratorError as error:
        if any(code in str(error) for code in _UNREACHABLE):
            raise NoNetworkError("no network: npm's registry cannot be reached") from error
        raise
