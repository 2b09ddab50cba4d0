"""Verdict: whether what lies in `dist/` may be published, and the papers that go with it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from codex_generator.projects import PROJECTS
from codex_generator.release.checking.archives import read_archive
from codex_generator.release.checking.bom import SUFFIX, bill_of_materials
from codex_generator.release.checking.expected import Expected, expected_pure
from codex_generator.release.checking.files import find_faults
from codex_generator.release.checking.index import index_faults
from codex_generator.release.checking.installs import WAYS, Installer
from codex_generator.release.commands import run
from codex_generator.release.errors import ReleaseError
from codex_generator.release.outputs import failures_told
from codex_generator.release.platforms import host_platform
from codex_generator.release.progress import Board
from codex_generator.release.stage import Release, run_all

SUMS: Final = "SHA256SUMS"
"""The file with the hash of every other, as `sha256sum --check` reads it."""


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
        raise ReleaseError(f"{dist}: there is no such folder; `nox -s stage` makes it")
    with failures_told(dist):
        _remove_papers(dist)
        with tempfile.TemporaryDirectory(prefix="release-check-") as scratch:
            checker = _Checker(release, dist, Path(scratch), board)
            findings = checker.files()
            if against_index:
                findings += checker.published()
            if not _is_bad(findings):
                findings += checker.installs()
        if not _is_bad(findings):
            _write_papers(dist, checker.expected)
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
        findings = run_all([partial(self._file, expected) for expected in self.expected])
        names = {expected.name for expected in self.expected}
        strangers = sorted(path.name for path in self.dist.iterdir() if path.name not in names)
        findings += [Finding(name, ("should not be there",)) for name in strangers]
        return findings if _is_bad(findings) else self._with_twine(findings)

    def published(self) -> list[Finding]:
        """Compare the runtime's wheels with those of the same names on the index."""
        return run_all([partial(self._published, wheel) for wheel in self.expected if wheel.tag])

    def _published(self, wheel: Expected) -> Finding:
        with self.board.step(f"{wheel.tag}: comparing with the index"):
            faults = index_faults(wheel)
        return Finding(f"as published: {wheel.tag}", tuple(faults))

    def installs(self) -> list[Finding]:
        """Install facade and runtime in every way, and run a real turn on each."""
        if host_platform() not in self.release.platforms:
            note = "not tried: there is no wheel for this machine"
            return [Finding(f"installed: {way}", note=note) for way in WAYS]
        installer = Installer(self.dist, self.release.version, self.scratch)
        with self.board.step("fetching what others wrote"):
            needed = {str(needed) for file in self._wheels() for needed in _needs(file, self.dist)}
            installer.gather(sorted(needed), self.release.root / "requirements-dev.txt")
        return run_all([partial(self._tried, installer, way) for way in WAYS])

    def _tried(self, installer: Installer, way: str) -> Finding:
        with self.board.step(f"installing: {way}"):
            try:
                installer.try_out(way)
            except ReleaseError as error:
                return Finding(f"installed: {way}", (str(error),))
        return Finding(f"installed: {way}", note="ran a real turn")

    def _pure(self) -> list[Expected]:
        staged = self.release.stage_pure(self.scratch / "staged")
        return [
            file
            for layer, folder in staged.items()
            for file in expected_pure(folder, layer, self.release.version)
        ]

    def _wheels(self) -> list[Expected]:
        return [expected for expected in self.expected if expected.is_wheel]

    def _file(self, expected: Expected) -> Finding:
        file = self.dist / expected.name
        if not file.is_file():
            return Finding(expected.name, ("is missing",))
        with self.board.step(f"{expected.name}: checking") as meter:
            faults = find_faults(file, expected, meter)
        return Finding(expected.name, tuple(faults), file.stat().st_size, _digest(file))

    def _with_twine(self, findings: list[Finding]) -> list[Finding]:
        """Have twine judge what is described to the index."""
        files = [str(self.dist / finding.subject) for finding in findings]
        try:
            run([sys.executable, "-m", "twine", "check", "--strict", *files])
        except ReleaseError as error:
            return [*findings, Finding("twine check --strict", (str(error),))]
        return [*findings, Finding("twine check --strict")]


def _is_bad(findings: Iterable[Finding]) -> bool:
    return any(finding.faults for finding in findings)


def _needs(wheel: Expected, dist: Path) -> list[Requirement]:
    """Return what a wheel needs of others, beside its extras."""
    ours = {canonicalize_name(name) for name in PROJECTS.values()}
    return [
        needed
        for needed in _requirements(wheel, dist)
        if canonicalize_name(needed.name) not in ours and "extra" not in str(needed.marker or "")
    ]


def _requirements(wheel: Expected, dist: Path) -> list[Requirement]:
    metadata = read_archive(dist / wheel.name).texts[wheel.metadata]
    return Metadata.from_email(metadata).requires_dist or []


def _remove_papers(dist: Path) -> None:
    # What they would speak for is not sure any more.
    for paper in [dist / SUMS, *dist.glob(f"*{SUFFIX}")]:
        paper.unlink(missing_ok=True)


def _write_papers(dist: Path, expected: Iterable[Expected]) -> None:
    files = [dist / file.name for file in expected]
    for wheel in expected:
        if wheel.is_wheel:
            bill = dist / f"{wheel.name}{SUFFIX}"
            digest = _digest(dist / wheel.name)
            text = bill_of_materials(wheel, digest, _requirements(wheel, dist))
            bill.write_text(f"{text}\n", encoding="utf-8")
            files.append(bill)
    lines = [f"{_digest(file)}  {file.name}\n" for file in sorted(files)]
    (dist / SUMS).write_text("".join(lines), encoding="utf-8")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        hashing = sha256()
        while chunk := content.read(1 << 20):
            hashing.update(chunk)
    return hashing.hexdigest()
