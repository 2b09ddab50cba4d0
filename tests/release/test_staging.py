"""Staging makes whole package folders, and nothing where anything is wrong."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.load import read_version
from codex_generator.release.building import build
from codex_generator.release.platforms import TAGS, platform_of
from codex_generator.release.staging import CORE, stage_runtime, stage_sdk, stage_sdk_core
from codex_generator.tree import SCHEMA

from tests.release.stand_ins import (
    LINUX,
    LINUX_ARM,
    MAC,
    RELEASE,
    File,
    Package,
    package,
    program,
    tarball,
)

ROOT = Path(__file__).parents[2]
TAG = "manylinux_2_17_x86_64"

PINS = {
    "types": [],
    "rpc": ["codex-app-server-types"],
    "sdk": ["codex-app-server-rpc", "codex-app-server-types"],
}


def project(folder: Path) -> str:
    return (folder / "pyproject.toml").read_text(encoding="utf-8")


def pins(folder: Path) -> list[str]:
    """Return what is pinned without an extra."""
    return re.findall(r'"((?:codex-app-server|openai-codex)[\w-]*==[^"]+)"', project(folder))


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def source(folder: Path, of: Package | None = None) -> Path:
    """Write a package for this test's tag."""
    return tarball(package(LINUX) if of is None else of, folder / "codex.tgz")


def test_the_core_is_staged_with_one_version_and_exact_pins(tmp_path: Path) -> None:
    out = tmp_path / "core"
    stage_sdk_core(out, ROOT, "0.116.0a1")

    assert {path.name for path in out.iterdir()} == set(CORE)
    for layer in CORE:
        assert '\nversion = "0.116.0a1"\n' in project(out / layer)
        assert sorted(pins(out / layer)) == [f"{name}==0.116.0a1" for name in PINS[layer]]
        assert {"LICENSE", "NOTICE", "README.md", "pyproject.toml"} < files(out / layer)
    version = (out / "sdk/src/openai_codex/_version.py").read_text(encoding="utf-8")
    assert '__version__: Final = "0.116.0a1"' in version


@pytest.mark.parametrize("layer", CORE)
def test_the_core_is_the_code_of_the_tree(tmp_path: Path, layer: str) -> None:
    stage_sdk_core(tmp_path / "core", ROOT, read_version(ROOT / SCHEMA))

    tracked = subprocess.run(
        ["git", "ls-files", "."],
        cwd=ROOT / "packages" / layer,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    staged = tmp_path / "core" / layer
    assert files(staged) == {*tracked, "LICENSE", "NOTICE", ".gitignore"}
    for path in tracked:
        assert (staged / path).read_bytes() == (ROOT / "packages" / layer / path).read_bytes()


def test_a_wheel_of_a_staged_sdist_is_the_wheel_of_the_staged_folder(tmp_path: Path) -> None:
    stage_sdk_core(tmp_path / "core", ROOT, RELEASE)
    staged = tmp_path / "core/types"
    wheel = build(staged, tmp_path / "wheel", "wheel")
    sdist = build(staged, tmp_path / "sdist", "sdist")
    subprocess.run(["tar", "xzf", str(sdist), "-C", str(tmp_path)], check=True)

    again = build(tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "again", "wheel")

    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_bundle_pins_facade_and_runtime(tmp_path: Path) -> None:
    stage_sdk(tmp_path / "bundle", ROOT, "1.2.3", "1.2.3.post1")

    assert sorted(pins(tmp_path / "bundle")) == [
        "codex-app-server-sdk-core==1.2.3",
        "openai-codex-cli-bin==1.2.3.post1",
    ]
    assert files(tmp_path / "bundle") == {
        *("LICENSE", "NOTICE", "README.md", "pyproject.toml", ".gitignore")
    }


@pytest.mark.parametrize("tag", TAGS)
def test_a_runtime_is_staged_with_its_programs_and_their_licences(tmp_path: Path, tag: str) -> None:
    platform = platform_of(tag)
    out = tmp_path / "runtime"
    stage_runtime(out, source(tmp_path, package(platform)), ROOT, RELEASE, tag)

    carried = {*platform.programs} - {*platform.left_out(tag)}
    below = "src/codex_cli_bin"
    assert files(out / below) == {*carried, "codex-package.json", "__init__.py", "py.typed"}
    assert (out / "platform-tag.txt").read_text(encoding="utf-8") == f"{tag}\n"
    for path in carried:
        assert os.access(out / below / path, os.X_OK)
    ripgrep = any("codex-path/rg" in path for path in carried)
    assert (out / "LICENSE-ripgrep.txt").exists() is ripgrep
    assert ("MIT OR Unlicense" in project(out)) is ripgrep
    bubblewrap = platform.system == "linux"
    assert (out / "LICENSE-LGPL-2.0.txt").exists() is bubblewrap
    assert ("LGPL-2.0-or-later" in project(out)) is bubblewrap
    notice = (out / "NOTICE").read_text(encoding="utf-8")
    assert all(path in notice for path in carried)


def test_the_runtime_for_musl_has_no_path_of_its_own_where_ripgrep_needs_glibc(
    tmp_path: Path,
) -> None:
    out = tmp_path / "runtime"
    stage_runtime(out, source(tmp_path, package(LINUX_ARM)), ROOT, RELEASE, "musllinux_1_1_aarch64")

    assert not (out / "src/codex_cli_bin/codex-path").exists()


def test_a_program_alone_is_staged_around(tmp_path: Path) -> None:
    alone = tmp_path / "codex"
    alone.write_bytes(program(MAC, "codex-cli 0.116.0-alpha.1\n"))
    alone.chmod(0o755)
    out = tmp_path / "runtime"

    stage_runtime(out, alone, ROOT, "0.116.0a1", "macosx_11_0_arm64")

    assert files(out / "src/codex_cli_bin") == {"__init__.py", "py.typed", "bin/codex"}
    assert 'license = "Apache-2.0"' in project(out)


def without_run_bit(files: Package) -> None:
    name = f"package/vendor/{LINUX.target}/bin/codex"
    files[name] = File(files[name].content, 0o644)


def for_another_processor(files: Package) -> None:
    files[f"package/vendor/{LINUX.target}/bin/codex"] = File(program(LINUX_ARM))


def of_another_release(files: Package) -> None:
    files[f"package/vendor/{LINUX.target}/bin/codex"] = File(program(LINUX, "codex-cli 0.1.0\n"))


def that_says_something_else(files: Package) -> None:
    text = "codex-cli 0.1.0\nAnd 0.163.0 somewhere."
    codex = program(LINUX, text).replace(struct.pack("<I", len(text)), struct.pack("<I", 16))
    files[f"package/vendor/{LINUX.target}/bin/codex"] = File(codex)


def with_somebodys_program(files: Package) -> None:
    files[f"package/vendor/{LINUX.target}/codex-resources/zsh"] = File(program(LINUX))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (without_run_bit, "bin/codex has no run bit"),
        (for_another_processor, "its header says linux on aarch64"),
        (of_another_release, "bin/codex names release 0.163.0 nowhere"),
        (that_says_something_else, "and the program says it is 0.1.0"),
        (with_somebodys_program, "codex-resources/zsh: nobody has noted whose program this is"),
    ],
)
def test_a_runtime_that_is_not_right_leaves_nothing_behind(
    tmp_path: Path, spoil: Callable[[Package], None], reason: str
) -> None:
    files = package(LINUX)
    spoil(files)
    tgz = source(tmp_path, files)

    with pytest.raises(GeneratorError, match=re.escape(reason)):
        stage_runtime(tmp_path / "out", tgz, ROOT, RELEASE, TAG)

    assert [path.name for path in tmp_path.iterdir()] == [tgz.name]


@pytest.mark.parametrize("tag", ["any", "none", "linux_x86_64", "macosx_12_0_arm64"])
def test_a_tag_that_no_wheel_has_is_refused(tmp_path: Path, tag: str) -> None:
    with pytest.raises(GeneratorError, match=f"no runtime wheel has the platform tag '{tag}'"):
        stage_runtime(tmp_path / "out", source(tmp_path), ROOT, RELEASE, tag)

    assert not (tmp_path / "out").exists()


def as_folder(path: Path) -> None:
    path.mkdir()
    (path / "mine").write_text("mine", encoding="utf-8")


def as_file(path: Path) -> None:
    path.write_text("mine", encoding="utf-8")


def as_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


Staging = Callable[[Path, Path], None]


def staging_core(out: Path, tgz: Path) -> None:
    stage_sdk_core(out, ROOT, RELEASE)


def staging_bundle(out: Path, tgz: Path) -> None:
    stage_sdk(out, ROOT, RELEASE, RELEASE)


def staging_runtime(out: Path, tgz: Path) -> None:
    stage_runtime(out, tgz, ROOT, RELEASE, TAG)


STAGINGS = [staging_core, staging_bundle, staging_runtime]


@pytest.mark.parametrize("occupy", [as_folder, as_file, as_dangling_link])
@pytest.mark.parametrize("stage", STAGINGS)
def test_what_exists_is_not_touched(
    tmp_path: Path, occupy: Callable[[Path], None], stage: Staging
) -> None:
    tgz = source(tmp_path)
    out = tmp_path / "out"
    occupy(out)

    with pytest.raises(GeneratorError) as caught:
        stage(out, tgz)

    assert str(caught.value) == f"{out}: exists already; name a new folder, or remove it"
    assert {path.name for path in tmp_path.iterdir()} == {"out", tgz.name}
    if out.is_dir():
        assert files(out) == {"mine"}


@pytest.mark.parametrize("stage", STAGINGS)
def test_a_folder_to_stage_into_that_is_not_there_is_not_made(
    tmp_path: Path, stage: Staging
) -> None:
    tgz, out = source(tmp_path), tmp_path / "missing/out"

    with pytest.raises(GeneratorError, match=re.escape(f"{out.parent}: there is no such folder")):
        stage(out, tgz)

    assert [path.name for path in tmp_path.iterdir()] == [tgz.name]


LIMITED = """\
import resource, sys
from pathlib import Path
from tests.release import test_staging
resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))
getattr(test_staging, sys.argv[1])(Path(sys.argv[2]), Path(sys.argv[3]))
"""


@pytest.mark.parametrize("stage", STAGINGS)
def test_a_disk_that_takes_no_more_leaves_nothing_behind(tmp_path: Path, stage: Staging) -> None:
    tgz, out = source(tmp_path), tmp_path / "out"

    done = subprocess.run(
        [sys.executable, "-c", LIMITED, stage.__name__, str(out), str(tgz)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    reason = os.strerror(27)  # EFBIG: the limit of a file's size is the disk that is full here
    last = done.stderr.strip().splitlines()[-1]
    assert f"ReleaseError: {out}: cannot be made: {reason}" in last
    assert [path.name for path in tmp_path.iterdir()] == [tgz.name]
