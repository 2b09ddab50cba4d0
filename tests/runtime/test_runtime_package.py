"""The runtime goes out as platform wheels and as nothing else, and says where its program is."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from codex_generator.release.platforms import TAGS, host_platform, platform_of
from codex_generator.release.staging import stage_runtime

from tests.release.stand_ins import RELEASE, package, tarball

ROOT = Path(__file__).parents[2]
SKELETON = ROOT / "packages" / "runtime"

HERE = host_platform()
assert HERE is not None
TAG = HERE.tags[0]
PROGRAM = HERE.entrypoint


def staged_for(tag: str, folder: Path) -> Path:
    """Stage the runtime with small programs."""
    source = tarball(package(platform_of(tag)), folder / "codex.tgz")
    stage_runtime(folder / "runtime", source, ROOT, RELEASE, tag)
    return folder / "runtime"


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """The runtime for this machine, with small programs."""
    return staged_for(TAG, tmp_path)


def build(folder: Path, kind: str = "--wheel") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", kind, "--no-isolation", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def built(folder: Path) -> Path:
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = (folder / "dist").glob("*.whl")
    return wheel


@pytest.mark.parametrize("tag", TAGS)
def test_a_wheel_is_for_its_platform_and_any_python_3(tmp_path: Path, tag: str) -> None:
    wheel = built(staged_for(tag, tmp_path))

    assert wheel.name == f"openai_codex_cli_bin-{RELEASE}-py3-none-{tag}.whl"
    with ZipFile(wheel) as archive:
        facts = archive.read(f"openai_codex_cli_bin-{RELEASE}.dist-info/WHEEL").decode()
    assert f"Tag: py3-none-{tag}\n" in facts
    assert facts.count("Tag: ") == 1
    assert "Root-Is-Purelib: false" in facts


def test_the_programs_keep_their_run_bits(staged: Path) -> None:
    with ZipFile(built(staged)) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}

    assert HERE is not None
    for path in HERE.programs:
        assert modes[f"codex_cli_bin/{path}"] & stat.S_IXUSR


def test_the_installed_package_tells_where_the_program_lies(staged: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with ZipFile(built(staged)) as archive:
        archive.extractall(site)
    program = (
        "import codex_cli_bin as c; print(c.PACKAGE_NAME, c.bundled_codex_path(), "
        "c.bundled_package_dir(), c.bundled_path_dir())"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    package = site / "codex_cli_bin"
    assert printed == [
        "openai-codex-cli-bin",
        str(package / PROGRAM),
        str(package),
        str(package / "codex-path"),
    ]


def test_a_package_without_its_program_lists_where_it_looked() -> None:
    program = "import codex_cli_bin as c; print(c.bundled_path_dir()); c.bundled_codex_path()"

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SKELETON / "src")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "None"
    assert "FileNotFoundError" in done.stderr
    assert str(SKELETON / "src" / "codex_cli_bin" / PROGRAM) in done.stderr


def test_a_source_distribution_is_refused(staged: Path) -> None:
    done = build(staged, "--sdist")

    assert done.returncode != 0
    assert "platform wheels only" in done.stdout + done.stderr
    assert not list(staged.glob("dist/*.tar.gz"))


def test_the_skeleton_cannot_be_built(tmp_path: Path) -> None:
    shutil.copytree(SKELETON, tmp_path / "skeleton")

    done = build(tmp_path / "skeleton")

    assert done.returncode != 0
    assert "build from a staged folder, not from the skeleton" in done.stdout + done.stderr


def without_a_tag(folder: Path) -> None:
    (folder / "platform-tag.txt").unlink()


def for_any_platform(folder: Path) -> None:
    (folder / "platform-tag.txt").write_text("any", encoding="utf-8")


def for_a_platform_of_nobody(folder: Path) -> None:
    (folder / "platform-tag.txt").write_text("manylinux_2_99_x86_64", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (without_a_tag, "platform-tag.txt is missing"),
        (for_any_platform, "holds 'any', which is none of manylinux_2_17_x86_64, "),
        (for_a_platform_of_nobody, "holds 'manylinux_2_99_x86_64', which is none of "),
    ],
)
def test_a_wheel_of_an_unfit_folder_is_refused(
    staged: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    spoil(staged)

    done = build(staged)

    assert done.returncode != 0
    assert reason in done.stdout + done.stderr
    assert not list(staged.glob("dist/*.whl"))
