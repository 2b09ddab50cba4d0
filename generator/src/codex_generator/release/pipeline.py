"""Pipeline: all wheels and sdists of one release, two builds at a time.

What is there already and as it has to be is left alone, so that a run that was stopped goes on
where it was. A file gets its place in `dist/` only when it has been built, read back and found
without a fault.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from codex_generator.release.building import build
from codex_generator.release.checking.expected import Expected, expected_pure, expected_runtime
from codex_generator.release.checking.files import find_faults
from codex_generator.release.errors import ReleaseError
from codex_generator.release.meter import Meter
from codex_generator.release.outputs import failures_told, scratch_folder
from codex_generator.release.packages import read_package
from codex_generator.release.platforms import Platform
from codex_generator.release.progress import Board
from codex_generator.release.repository import tracked
from codex_generator.release.staging import CORE, stage_runtime, stage_sdk, stage_sdk_core
from codex_generator.render import PACKAGES

BUILDERS: Final = 2
"""Builds at the same time: each takes a processor and, for a runtime, some 600 MB of disk."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class RuntimeWheel:
    """A wheel of the runtime, before it is made."""

    tag: str
    """Its platform tag."""
    package: Path
    """The platform package with its programs."""
    expected: Expected


@dataclass(frozen=True)
class Release:
    """What is to be released, and from what."""

    root: Path
    """The repository."""
    version: str
    platforms: tuple[Platform, ...]
    package_of: Callable[[Platform, Meter], Path]
    """Gives a platform's package, fetched if need be."""

    def runtime_wheels(self, board: Board) -> list[RuntimeWheel]:
        """Fetch every platform package, and work out the wheels that are made of it."""
        jobs = [partial(self._wheels_of, platform, board) for platform in self.platforms]
        groups = run_all(jobs, board)
        return [wheel for group in groups for wheel in group]

    def stage_pure(self, folder: Path) -> dict[str, Path]:
        """Stage every layer without programs below a folder, and return where each is."""
        folder.mkdir(exist_ok=True)
        stage_sdk_core(folder / "core", self.root, self.version)
        stage_sdk(folder / "bundle", self.root, self.version, self.version)
        return {**{layer: folder / "core" / layer for layer in CORE}, "bundle": folder / "bundle"}

    def _wheels_of(self, platform: Platform, board: Board) -> list[RuntimeWheel]:
        with board.step(f"{platform.key}: fetching") as meter:
            package = self.package_of(platform, meter)
        with board.step(f"{platform.key}: reading") as meter:
            contents = read_package(package, platform, self.version, meter=meter)
        return [
            RuntimeWheel(tag, package, expected_runtime(self.root, self.version, tag, contents))
            for tag in platform.tags
        ]


def stage_release(release: Release, dist: Path, board: Board) -> list[str]:
    """Build everything of a release that is not there yet, or not as it has to be.

    Args:
        release: what to build.
        dist: the folder of the finished files.
        board: shows the progress.

    Returns:
        The names of the release's files, all of which are there.

    Raises:
        GeneratorError: Something is wrong; nothing half made is in the folder, and what was
            finished stays.
    """
    tracked(release.root, PACKAGES)  # what is wrong with ours is told before much is fetched
    with failures_told(dist):
        dist.mkdir(parents=True, exist_ok=True)
        # Beside what is finished, so that a finished file only has to be renamed.
        with scratch_folder(dist / "staging") as scratch:
            stager = _Stager(release, dist, scratch, board)
            wheels = release.runtime_wheels(board)
            builds: list[Callable[[], list[str]]] = [stager.pure]
            builds += [partial(stager.runtime, wheel) for wheel in wheels]
            return [name for names in run_all(builds, board) for name in names]


def run_all(jobs: Sequence[Callable[[], _Result]], board: Board) -> list[_Result]:
    """Run jobs beside each other; the first failure, or an interruption, stops the others.

    Args:
        jobs: what to do.
        board: what they show their progress on, and are stopped by.

    Returns:
        What each returned, in their order.
    """
    pool = ThreadPoolExecutor(BUILDERS)
    try:
        futures = [pool.submit(job) for job in jobs]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
        return [future.result() for future in futures]
    except BaseException:
        board.stop()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Stager:
    """Builds into a scratch folder, and moves what is good to its place."""

    release: Release
    dist: Path
    scratch: Path
    board: Board

    def runtime(self, wheel: RuntimeWheel) -> list[str]:
        """Build a wheel of the runtime, and return its name."""
        if self._is_there(wheel.expected):
            return [wheel.expected.name]
        staged = self.scratch / wheel.tag
        with self.board.step(f"{wheel.tag}: unpacking") as meter:
            meter.expect(wheel.expected.size)
            release = self.release
            stage_runtime(staged, wheel.package, release.root, release.version, wheel.tag, meter)
        self._build(wheel.expected, staged)
        shutil.rmtree(staged)
        return [wheel.expected.name]

    def pure(self) -> list[str]:
        """Build wheel and sdist of every layer without programs, and return their names."""
        names: list[str] = []
        staged = self.release.stage_pure(self.scratch / "pure")
        for layer, folder in staged.items():
            for file in expected_pure(folder, layer, self.release.version):
                if not self._is_there(file):
                    self._build(file, folder)
                names.append(file.name)
        return names

    def _is_there(self, expected: Expected) -> bool:
        file = self.dist / expected.name
        if not file.is_file() or self._faults(file, expected):
            return False
        self.board.say(f"is there   {expected.name}")
        return True

    def _build(self, expected: Expected, staged: Path) -> None:
        out = staged.with_name(f"{staged.name}-out")
        with self.board.step(f"{expected.label}: packing") as meter:
            made = build(staged, out, "wheel" if expected.is_wheel else "sdist", meter)
        if made.name != expected.name:
            raise ReleaseError(f"{made.name} was built, and not {expected.name}")
        faults = self._faults(made, expected)
        if faults:
            raise ReleaseError(f"{made.name}: {'; '.join(faults)}")
        made.replace(self.dist / made.name)
        self.board.say(f"built      {made.name}")

    def _faults(self, file: Path, expected: Expected) -> list[str]:
        with self.board.step(f"{expected.label}: checking") as meter:
            return find_faults(file, expected, meter)
