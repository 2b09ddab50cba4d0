"""A release gets its papers when all of it is as it has to be, and loses them when it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from codex_generator.projects import PROJECTS
from codex_generator.release.checking.bom import SUFFIX
from codex_generator.release.checking.papers import SUMS
from codex_generator.release.checking.verdict import Finding, check_release
from codex_generator.release.pipeline import Release
from codex_generator.release.platforms import host_platform
from codex_generator.release.progress import Board
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.release.conftest import REPOSITORY
from tests.release.stand_ins import LINUX_ARM, MAC, RELEASE

pytestmark = pytest.mark.timeout(300)

ELSEWHERE = MAC if host_platform() != MAC else LINUX_ARM
"""A platform that is not this machine's: no installation is tried."""

RUNTIME = f"openai_codex_cli_bin-{RELEASE}-py3-none-{ELSEWHERE.tags[0]}.whl"
TYPES = f"codex_app_server_types-{RELEASE}-py3-none-any.whl"


@pytest.fixture(scope="module")
def elsewhere(release: Release) -> Release:
    """Give the release for one platform that is not this machine's."""
    return replace(release, platforms=(ELSEWHERE,))


def copied(dist: Path, target: Path) -> Path:
    """Copy what belongs to the release for one platform."""
    target.mkdir()
    for file in dist.iterdir():
        if file.name.endswith(("-any.whl", ".tar.gz", *(f"{tag}.whl" for tag in ELSEWHERE.tags))):
            shutil.copyfile(file, target / file.name)
    return target


@dataclass(frozen=True)
class Checked:
    """A folder, and what was found when it was checked."""

    folder: Path
    findings: list[Finding]


@pytest.fixture(scope="module")
def good(
    dist: Path, elsewhere: Release, board: Board, tmp_path_factory: pytest.TempPathFactory
) -> Checked:
    """Give a folder that was checked and found good: change nothing in it."""
    folder = copied(dist, tmp_path_factory.mktemp("good") / "dist")
    return Checked(folder, check_release(elsewhere, folder, board))


def papers(folder: Path) -> list[str]:
    names = {file.name for file in folder.iterdir()}
    return sorted(name for name in names if name == SUMS or name.endswith(SUFFIX))


def faults_of(findings: list[Finding]) -> dict[str, tuple[str, ...]]:
    return {finding.subject: finding.faults for finding in findings if finding.faults}


def test_a_good_release_has_no_fault(good: Checked) -> None:
    assert faults_of(good.findings) == {}
    files = {found.subject: found for found in good.findings if found.size is not None}
    assert files.keys() == {file.name for file in good.folder.iterdir()} - {*papers(good.folder)}
    for name, found in files.items():
        content = (good.folder / name).read_bytes()
        assert (found.size, found.sha256) == (len(content), sha256(content).hexdigest())


def test_an_installation_that_is_not_tried_is_named(good: Checked) -> None:
    ways = ("a fresh environment", "--target", "--prefix")
    note = "cannot be tried: there is no wheel for this machine"
    assert good.findings[-3:] == [Finding(f"installed: {way}", note=note) for way in ways]


def test_a_good_release_gets_the_sums_of_all_its_files(good: Checked) -> None:
    lines = (good.folder / SUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert len(sums) == len(lines)
    assert [*sums] == sorted(sums)
    assert sums == {
        file.name: sha256(file.read_bytes()).hexdigest()
        for file in good.folder.iterdir()
        if file.name != SUMS
    }


def test_a_good_release_gets_a_valid_bill_for_each_wheel(good: Checked) -> None:
    wheels = sorted(good.folder.glob("*.whl"))
    assert len(wheels) == len(PROJECTS)
    assert papers(good.folder) == [SUMS, *(f"{wheel.name}{SUFFIX}" for wheel in wheels)]
    for wheel in wheels:
        bill = wheel.with_name(f"{wheel.name}{SUFFIX}").read_text(encoding="utf-8")
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
        assert sha256(wheel.read_bytes()).hexdigest() in bill


def test_a_bill_names_what_the_wheel_requires(good: Checked) -> None:
    bundle = f"codex_app_server_sdk-{RELEASE}-py3-none-any.whl"
    bill = (good.folder / f"{bundle}{SUFFIX}").read_text(encoding="utf-8")
    assert f'"pkg:pypi/openai-codex-cli-bin@{RELEASE}"' in bill
    assert f'"pkg:pypi/codex-app-server-sdk-core@{RELEASE}"' in bill


def test_a_second_check_says_and_writes_the_same(
    good: Checked, elsewhere: Release, board: Board, tmp_path: Path
) -> None:
    again = Path(shutil.copytree(good.folder, tmp_path / "dist"))
    assert check_release(elsewhere, again, board) == good.findings
    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        file.name: file.read_bytes() for file in good.folder.iterdir()
    }


def add_strangers(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    (folder / "more").mkdir()


def add_runtime_sdist(folder: Path) -> None:
    types = folder / f"codex_app_server_types-{RELEASE}.tar.gz"
    shutil.copyfile(types, folder / f"openai_codex_cli_bin-{RELEASE}.tar.gz")


def add_runtime_for_any(folder: Path) -> None:
    any_name = f"openai_codex_cli_bin-{RELEASE}-py3-none-any.whl"
    shutil.copyfile(folder / RUNTIME, folder / any_name)


def add_other_release(folder: Path) -> None:
    shutil.copyfile(folder / TYPES, folder / TYPES.replace(RELEASE, "0.162.0"))


def remove_runtime(folder: Path) -> None:
    (folder / RUNTIME).unlink()


STRANGER = ("should not be there",)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (add_strangers, {"more": STRANGER, "notes.txt": STRANGER}),
        (add_runtime_sdist, {f"openai_codex_cli_bin-{RELEASE}.tar.gz": STRANGER}),
        (add_runtime_for_any, {f"openai_codex_cli_bin-{RELEASE}-py3-none-any.whl": STRANGER}),
        (add_other_release, {TYPES.replace(RELEASE, "0.162.0"): STRANGER}),
        (remove_runtime, {RUNTIME: ("is missing",)}),
    ],
)
def test_a_folder_that_does_not_hold_exactly_the_release_loses_its_papers(
    good: Checked,
    elsewhere: Release,
    board: Board,
    tmp_path: Path,
    change: Callable[[Path], None],
    faults: dict[str, tuple[str, ...]],
) -> None:
    folder = Path(shutil.copytree(good.folder, tmp_path / "dist"))
    change(folder)
    assert faults_of(check_release(elsewhere, folder, board)) == faults
    assert papers(folder) == []


def test_a_file_with_faults_costs_the_release_its_papers(
    good: Checked, elsewhere: Release, board: Board, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(good.folder, tmp_path / "dist"))
    (folder / TYPES).write_bytes(b"<html></html>")
    [(subject, faults)] = faults_of(check_release(elsewhere, folder, board)).items()
    assert (subject, faults) == (TYPES, ("is damaged or cut off: File is not a zip file",))
    assert papers(folder) == []


def test_what_twine_refuses_gets_no_papers(dist: Path, tmp_path: Path) -> None:
    # A generator that renders no description for the bundle; all else is there already.
    sources = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "generator" / "src", tmp_path / "src", ignore=sources)
    readme = tmp_path / "src" / "codex_generator" / "templates" / "bundle" / "README.md.jinja"
    readme.write_text("", encoding="utf-8")
    folder = copied(dist, tmp_path / "dist")

    done = subprocess.run(
        [sys.executable, "-c", STAGE_AND_CHECK, str(folder), str(tmp_path / "packages")],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "twine check --strict: " in done.stdout
    assert "`long_description` missing" in done.stdout
    assert papers(folder) == []


STAGE_AND_CHECK = """if True:
    import sys
    from pathlib import Path
    from codex_generator.release.checking.verdict import check_release
    from codex_generator.release.pipeline import Release, stage_release
    from codex_generator.release.progress import Board
    from codex_generator.release.report import print_report
    from rich.console import Console
    from tests.release.stand_ins import RELEASE, packages
    from tests.release.test_checking_verdict import ELSEWHERE
    folder, console = Path(sys.argv[1]), Console(width=200)
    package_of = packages(Path(sys.argv[2]))
    release, board = Release(Path.cwd(), RELEASE, (ELSEWHERE,), package_of), Board(console)
    stage_release(release, folder, board)
    print_report(check_release(release, folder, board), console)
"""
