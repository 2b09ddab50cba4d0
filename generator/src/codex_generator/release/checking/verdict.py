"""Verdict: whether what lies in `dist/` may be published, and the papers that go with it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from codex_generator.commands import run
from codex_generator.diagnostics import GeneratorError
from codex_generator.projects import PROJECTS
from codex_generator.release.checking.expected import Expected, expected_pure
from codex_generator.release.checking.files import find_faults
from codex_generator.release.checking.index import index_faults
from codex_generator.release.checking.installs import WAYS, Installer
from codex_generator.release.checking.papers import remove_papers, write_papers
from codex_generator.release.errors import ReleaseError
from codex_generator.release.outputs import failures_told
from codex_generator.release.pipeline import Release, run_all
from codex_generator.release.platforms import PLATFORMS, host_platform
from codex_generator.release.progress import Board


@dataclass(frozen=True)
class Finding:
    """What was found of one file, or of one way to install."""

    subject: str
    faults: tuple[str, ...] = ()
    size: int | None = None
    """Bytes, of a file."""
    sha256: str | None = None
    """In hex, of a file."""
    note: str = ""


def check_release(
    release: Release, dist: Path, board: Board, *, against_index: bool = False
) -> list[Finding]:
    """Check everything in `dist/`, install it and run it; write its papers if all is well.

    Args:
        release: what has to lie there.
        dist: the folder.
        board: shows the progress.
        against_index: also compare the runtime's wheels with those that are published.

    Returns:
        What was found of each file and each way to install. Only when nothing is wrong with any
        of them are there bills of materials and `SHA256SUMS` in the folder.

    Raises:
        GeneratorError: Something that is needed for the check could not be had.
    """
    if not dist.is_dir():
        raise ReleaseError(f"{dist}: there is no such folder: `stage` makes it")
    with failures_told(dist, "checked"):
        remove_papers(dist)
        with tempfile.TemporaryDirectory(prefix="release-check-") as scratch:
            checker = _Checker(release, dist, Path(scratch), board)
            findings = checker.files()
            if against_index:
                findings += checker.published()
            if not _is_bad(findings):
                findings += checker.installs()
        if not _is_bad(findings):
            hashes = {found.subject: found.sha256 for found in findings if found.sha256}
            write_papers(dist, checker.expected, hashes)
    return findings


@dataclass
class _Checker:
    """One check of a folder."""

    release: Release
    dist: Path
    scratch: Path
    board: Board
    expected: list[Expected] = field(default_factory=list[Expected])

    def files(self) -> list[Finding]:
        """Check that exactly the right files are there, and each of them."""
        runtimes = [wheel.expected for wheel in self.release.runtime_wheels(self.board)]
        self.expected = [*runtimes, *self._pure()]
        findings = run_all(
            [partial(self._file, expected) for expected in self.expected], self.board
        )
        names = {expected.name for expected in self.expected}
        strangers = sorted(path.name for path in self.dist.iterdir() if path.name not in names)
        findings += [Finding(name, ("should not be there",)) for name in strangers]
        return findings if _is_bad(findings) else self._with_twine(findings)

    def published(self) -> list[Finding]:
        """Compare the runtime's wheels with those of the same names on the index."""
        runtimes = [wheel for wheel in self.expected if wheel.tag]
        return run_all([partial(self._published, wheel) for wheel in runtimes], self.board)

    def _published(self, wheel: Expected) -> Finding:
        with self.board.step(f"{wheel.tag}: comparing with the index"):
            faults = index_faults(wheel)
        note = "is not there to be compared with" if faults is None else ""
        return Finding(f"as published: {wheel.tag}", tuple(faults or ()), note=note)

    def installs(self) -> list[Finding]:
        """Install facade and runtime in every way, and run a real turn on each."""
        if host_platform() not in self.release.platforms:
            reason = "cannot be tried: there is no wheel for this machine"
            if self.release.platforms == PLATFORMS:
                return [Finding(f"installed: {way}", (reason,)) for way in WAYS]
            return [Finding(f"installed: {way}", note=reason) for way in WAYS]
        installer = Installer(self.dist, self.release.version, self.scratch)
        with self.board.step("fetching what others wrote"):
            needed = {text for file in self.expected if file.is_wheel for text in _needs(file)}
            installer.gather(sorted(needed), self.release.root / "requirements-dev.txt")
        return run_all([partial(self._tried, installer, way) for way in WAYS], self.board)

    def _tried(self, installer: Installer, way: str) -> Finding:
        with self.board.step(f"installing: {way}"):
            try:
                installer.try_out(way)
            except GeneratorError as error:
                return Finding(f"installed: {way}", (str(error),))
        return Finding(f"installed: {way}", note="ran a real turn")

    def _pure(self) -> list[Expected]:
        staged = self.release.stage_pure(self.scratch / "staged")
        return [
            file
            for layer, folder in staged.items()
            for file in expected_pure(folder, layer, self.release.version)
        ]

    def _file(self, expected: Expected) -> Finding:
        file = self.dist / expected.name
        if not file.is_file():
            return Finding(expected.name, ("is missing",))
        with self.board.step(f"{expected.label}: checking") as meter:
            faults = find_faults(file, expected, meter)
        return Finding(expected.name, tuple(faults), file.stat().st_size, _digest(file))

    def _with_twine(self, findings: list[Finding]) -> list[Finding]:
        """Have twine judge what is described to the index."""
        files = [str(self.dist / finding.subject) for finding in findings]
        try:
            run([sys.executable, "-m", "twine", "check", "--strict", *files])
        except GeneratorError as error:
            return [*findings, Finding("twine check --strict", (str(error),))]
        return [*findings, Finding("twine check --strict")]


def _is_bad(findings: Iterable[Finding]) -> bool:
    return any(finding.faults for finding in findings)


def _needs(wheel: Expected) -> list[str]:
    """Return what a wheel needs of others, beside its extras."""
    ours = {canonicalize_name(name) for name in PROJECTS.values()}
    needs = [Requirement(text) for text in wheel.requirements]
    return [
        str(needed)
        for needed in needs
        if canonicalize_name(needed.name) not in ours and "extra" not in str(needed.marker or "")
    ]


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        hashing = sha256()
        while chunk := content.read(1 << 20):
            hashing.update(chunk)
    return hashing.hexdigest()
