"""The runtime goes out as platform wheels, and as nothing else."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
SKELETON = ROOT / "packages" / "runtime"
VERSION = json.loads((ROOT / "schema/manifest.json").read_text(encoding="utf-8"))["version"]
TAG = "manylinux_2_17_x86_64"


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A copy of the skeleton with a stand-in for the native program."""
    folder = tmp_path / "runtime"
    shutil.copytree(SKELETON, folder)
    package = folder / "src" / "codex_cli_bin"
    for name in ("bin/codex", "bin/codex.exe", "codex-path/rg"):
        program = package / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\necho the program\n", encoding="utf-8")
        program.chmod(0o755)
    (folder / "platform-tag.txt").write_text(f"{TAG}\n", encoding="utf-8")
    return folder


def build(folder: Path, kind: str = "--wheel") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", kind, "--no-isolation", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def built(folder: Path) -> Path:
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = (folder / "dist").glob("*.whl")
    return wheel


def test_the_wheel_is_for_its_platform_and_any_python_3(staged: Path) -> None:
    wheel = built(staged)

    assert wheel.name == f"openai_codex_cli_bin-{VERSION}-py3-none-{TAG}.whl"
    with ZipFile(wheel) as archive:
        facts = archive.read(f"openai_codex_cli_bin-{VERSION}.dist-info/WHEEL").decode()
    assert f"Tag: py3-none-{TAG}" in facts
    assert "Root-Is-Purelib: false" in facts


def test_the_program_keeps_its_run_bit(staged: Path) -> None:
    with ZipFile(built(staged)) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}

    for name in ("codex_cli_bin/bin/codex", "codex_cli_bin/codex-path/rg"):
        assert modes[name] & stat.S_IXUSR


def test_the_installed_package_tells_where_the_program_lies(staged: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with ZipFile(built(staged)) as archive:
        archive.extractall(site)
    program = "import codex_cli_bin as c; print(c.bundled_codex_path(), c.bundled_path_dir())"

    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    name = "codex.exe" if sys.platform == "win32" else "codex"
    package = site / "codex_cli_bin"
    assert printed == [str(package / "bin" / name), str(package / "codex-path")]


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
    assert str(SKELETON / "src" / "codex_cli_bin" / "bin") in done.stderr


def test_a_source_distribution_is_refused(staged: Path) -> None:
    done = build(staged, "--sdist")

    assert done.returncode != 0
    assert "platform wheels only" in done.stdout + done.stderr
    assert not list(staged.glob("dist/*.tar.gz"))


def without_a_program(folder: Path) -> None:
    shutil.rmtree(folder / "src/codex_cli_bin/bin")


def without_a_tag(folder: Path) -> None:
    (folder / "platform-tag.txt").unlink()


def for_any_platform(folder: Path) -> None:
    (folder / "platform-tag.txt").write_text("any", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (without_a_program, "no program to pack"),
        (without_a_tag, "platform-tag.txt is missing"),
        (for_any_platform, "no platform tag"),
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
