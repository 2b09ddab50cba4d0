"""A whole release is built, again to the same bytes, and goes on where it was stopped."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.release.pipeline import Release, stage_release
from codex_generator.release.platforms import TAGS, Platform
from codex_generator.release.progress import Board
from rich.console import Console

from tests.release.stand_ins import LINUX, MAC, RELEASE, File, Package, Spoil, packages, program

PURE = ("types", "rpc", "sdk_core", "sdk")

pytestmark = pytest.mark.timeout(300)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def stage(release: Release, folder: Path) -> list[str]:
    """Stage a release, and return the lines that were printed."""
    printed = io.StringIO()
    with Board(Console(file=printed, width=200)) as board:
        stage_release(release, folder, board)
    return [
        " ".join(line.split())
        for line in printed.getvalue().splitlines()
        if line.startswith(("built ", "is there "))
    ]


@pytest.fixture
def begun(dist: Path, tmp_path: Path) -> Path:
    """A folder in which everything is finished, to be changed."""
    return Path(shutil.copytree(dist, tmp_path / "dist"))


@pytest.fixture
def elsewhere(release: Release, tmp_path: Path) -> Release:
    """The same release of a copy of the tree."""
    root = tmp_path / "a copy of the tree"
    root.mkdir()
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(release.root / name, root / name)
    shutil.copytree(release.root / "packages", root / "packages")
    for arguments in (["init", "--quiet"], ["add", "--force", "."]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return replace(release, root=root)


def test_all_wheels_and_sdists_of_a_release_are_built(dist: Path) -> None:
    names_of_pure = [f"codex_app_server_{name}-{RELEASE}" for name in PURE]
    assert names(dist) == {
        *(f"openai_codex_cli_bin-{RELEASE}-py3-none-{tag}.whl" for tag in TAGS),
        *(f"{name}-py3-none-any.whl" for name in names_of_pure),
        *(f"{name}.tar.gz" for name in names_of_pure),
    }


def test_two_builds_in_two_places_give_the_same_bytes(
    dist: Path, elsewhere: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    # As if it lay in somebody's repository that ignores all of it.
    (tmp_path / ".gitignore").write_text("*\n", encoding="utf-8")
    before = os.umask(0o077)
    try:
        stage(elsewhere, tmp_path / "elsewhere")
    finally:
        os.umask(before)

    assert names(tmp_path / "elsewhere") == names(dist)
    for name in sorted(names(dist)):
        assert (tmp_path / "elsewhere" / name).read_bytes() == (dist / name).read_bytes(), name


def test_what_is_there_and_whole_is_not_built_again(begun: Path, release: Release) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in begun.iterdir()}

    printed = stage(release, begun)

    assert sorted(printed) == sorted(f"is there {name}" for name in before)
    assert {path.name: path.stat().st_mtime_ns for path in begun.iterdir()} == before


def test_what_is_missing_or_damaged_is_built_again(
    begun: Path, dist: Path, release: Release
) -> None:
    missing, cut, changed = sorted(names(dist))[-3:]
    (begun / missing).unlink()
    (begun / cut).write_bytes((dist / cut).read_bytes()[:-10])
    (begun / changed).write_bytes((dist / missing).read_bytes())

    printed = stage(release, begun)

    built = {line.split()[1] for line in printed if line.startswith("built ")}
    assert built == {missing, cut, changed}
    for name in built:
        assert (begun / name).read_bytes() == (dist / name).read_bytes()


def test_what_was_built_from_another_tree_is_built_again(begun: Path, elsewhere: Release) -> None:
    module = elsewhere.root / "packages/types/src/codex_app_server_types/_unset.py"
    module.write_text(f"{module.read_text(encoding='utf-8')}\nMORE = 1\n", encoding="utf-8")

    printed = stage(elsewhere, begun)

    assert {line for line in printed if line.startswith("built ")} == {
        f"built codex_app_server_types-{RELEASE}-py3-none-any.whl",
        f"built codex_app_server_types-{RELEASE}.tar.gz",
    }


def test_one_platform_can_be_staged_alone(tmp_path: Path, release: Release) -> None:
    stage(replace(release, platforms=(MAC,)), tmp_path / "dist")

    wheels = [name for name in names(tmp_path / "dist") if name.startswith("openai_codex_cli_bin")]
    assert wheels == [f"openai_codex_cli_bin-{RELEASE}-py3-none-macosx_11_0_arm64.whl"]


def of_another_processor(platform: Platform, files: Package) -> None:
    if platform == LINUX:
        files[f"package/vendor/{LINUX.target}/codex-path/rg"] = File(program(MAC))


def of_another_release(platform: Platform, files: Package) -> None:
    if platform == LINUX:
        other = File(program(LINUX, "codex-cli 0.1.0\n"))
        files[f"package/vendor/{LINUX.target}/bin/codex"] = other


@pytest.mark.parametrize("spoil", [of_another_processor, of_another_release])
def test_a_bad_package_stops_the_release_and_leaves_nothing_half_made(
    begun: Path, release: Release, tmp_path: Path, spoil: Spoil
) -> None:
    kept = {name for name in names(begun) if "x86_64" not in name}
    for name in names(begun) - kept:
        (begun / name).unlink()
    spoiled = replace(release, package_of=packages(tmp_path / "packages", spoil))

    with pytest.raises(GeneratorError):
        stage(spoiled, begun)

    assert kept <= names(begun)
    assert not [name for name in names(begun) if "manylinux_2_17_x86_64" in name]
    assert not [name for name in names(begun) if name.startswith(".")]

    stage(release, begun)
    assert len(names(begun)) == len(TAGS) + 2 * len(PURE)
