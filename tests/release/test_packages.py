"""A platform package is read whole, or refused with one sentence that says why."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from codex_generator.release.errors import ReleaseError
from codex_generator.release.packages import read_package
from codex_generator.release.platforms import PLATFORMS, Platform

from tests.release.stand_ins import (
    LINUX,
    MAC,
    RELEASE,
    WINDOWS,
    File,
    Package,
    folder,
    package,
    program,
    tarball,
)

VENDOR = f"package/vendor/{LINUX.target}"
Writer = Callable[[Package, Path], Path]


def ids(platform: Platform) -> str:
    return platform.key


def in_tarball(files: Package, place: Path) -> Path:
    return tarball(files, place / "codex.tgz")


def in_folder(files: Package, place: Path) -> Path:
    return folder(files, place / "unpacked")


def in_package_folder(files: Package, place: Path) -> Path:
    return folder(files, place / "unpacked") / "package"


def in_target_folder(files: Package, place: Path) -> Path:
    target = next(name for name in files if name.endswith("codex-package.json"))
    return folder(files, place / "unpacked") / Path(target).parent


WRITERS = [in_tarball, in_folder, in_package_folder, in_target_folder]


@pytest.mark.parametrize("platform", PLATFORMS, ids=ids)
@pytest.mark.parametrize("write", WRITERS)
def test_a_whole_package_is_read_from_wherever_it_is(
    tmp_path: Path, platform: Platform, write: Writer
) -> None:
    files = package(platform)
    into = tmp_path / "out"

    contents = read_package(write(files, tmp_path), platform, RELEASE, into)

    assert set(contents) == {"codex-package.json", *platform.programs}
    for path, content in contents.items():
        original = files[f"package/vendor/{platform.target}/{path}"]
        assert (into / path).read_bytes() == original.content
        assert content.sha256 == sha256(original.content).hexdigest()
        assert content.size == len(original.content)
        assert content.executable is bool(original.mode & 0o100)
        assert ((into / path).stat().st_mode & 0o777) == (0o755 if content.executable else 0o644)


def test_voice_is_left_out(tmp_path: Path) -> None:
    read_package(in_tarball(package(LINUX), tmp_path), LINUX, RELEASE, tmp_path / "out")

    assert not (tmp_path / "out/codex-resources/voice").exists()


def test_a_program_alone_is_taken_for_the_runtime(tmp_path: Path) -> None:
    alone = tmp_path / "codex-x86_64-apple-darwin"
    alone.write_bytes(program(MAC))
    alone.chmod(0o755)

    assert set(read_package(alone, MAC, RELEASE)) == {"bin/codex"}


def refused(source: Path, platform: Platform = LINUX, version: str = RELEASE) -> str:
    """Return why a package is refused, without where it lies."""
    with pytest.raises(ReleaseError) as caught:
        read_package(source, platform, version)
    return str(caught.value).removeprefix(f"{source}: ")


@pytest.mark.parametrize("cut", [0, 10, 200, 500])
def test_a_tarball_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    source = in_tarball(package(LINUX), tmp_path)
    source.write_bytes(source.read_bytes()[:cut])

    assert refused(source).startswith("is damaged or cut off: ")


def test_a_tarball_that_was_unpacked_by_half_is_refused(tmp_path: Path) -> None:
    source = in_tarball(package(LINUX), tmp_path)
    content = gzip.decompress(source.read_bytes())
    source.write_bytes(gzip.compress(content[: len(content) // 3]))

    assert refused(source).startswith(("is damaged or cut off: ", "is not whole: "))


def test_a_tarball_with_a_wrong_byte_is_refused(tmp_path: Path) -> None:
    source = in_tarball(package(LINUX), tmp_path)
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 0xFF
    source.write_bytes(content)

    assert refused(source)


def test_what_is_no_tarball_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "codex.tgz"
    source.write_text("<html>not found</html>", encoding="utf-8")

    assert refused(source).startswith("is damaged or cut off: ")


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("path", ["codex-resources/bwrap", "codex-path/rg", "bin/codex"])
def test_a_package_without_one_of_its_programs_is_refused(
    tmp_path: Path, write: Writer, path: str
) -> None:
    files = package(LINUX)
    del files[f"{VENDOR}/{path}"]

    assert refused(write(files, tmp_path)) == f"is not whole: {path} is missing"


@pytest.mark.parametrize("write", [in_tarball, in_target_folder])
def test_a_program_for_another_processor_is_refused(tmp_path: Path, write: Writer) -> None:
    files = package(LINUX)
    files[f"{VENDOR}/codex-path/rg"] = File(program(WINDOWS))

    assert refused(write(files, tmp_path)) == (
        "codex-path/rg: expected a program for linux on x86_64, and its header says win32 on x86_64"
    )


def test_a_further_program_has_to_be_for_the_platform_too(tmp_path: Path) -> None:
    files = package(LINUX)
    files[f"{VENDOR}/codex-resources/zsh/bin/zsh"] = File(program(MAC))

    assert "codex-resources/zsh/bin/zsh: expected a program for linux" in refused(
        in_tarball(files, tmp_path)
    )


@pytest.mark.parametrize("write", [in_tarball, in_target_folder])
@pytest.mark.parametrize("path", LINUX.programs)
def test_a_program_without_its_run_bit_is_refused(tmp_path: Path, write: Writer, path: str) -> None:
    files = package(LINUX)
    files[f"{VENDOR}/{path}"] = File(files[f"{VENDOR}/{path}"].content, 0o644)

    assert refused(write(files, tmp_path)) == f"{path} has no run bit"


def test_programs_for_windows_need_no_run_bit(tmp_path: Path) -> None:
    files = {name: File(file.content, 0o644) for name, file in package(WINDOWS).items()}

    assert "bin/codex.exe" in read_package(in_tarball(files, tmp_path), WINDOWS, RELEASE)


@pytest.mark.parametrize("platform", PLATFORMS, ids=ids)
@pytest.mark.parametrize("release", ["0.162.1", "0.163.0-alpha.3", "10.163.0"])
def test_a_program_of_another_release_is_refused(
    tmp_path: Path, platform: Platform, release: str
) -> None:
    files = package(platform)
    name = f"package/vendor/{platform.target}/{platform.entrypoint}"
    files[name] = File(program(platform, f"codex-cli {release}\n"))

    assert refused(in_tarball(files, tmp_path), platform) == (
        f"{platform.entrypoint} names release {RELEASE} nowhere"
    )


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("version", "0.162.1", "version '0.162.1', and not '0.163.0'"),
        ("target", MAC.target, f"target '{MAC.target}', and not '{LINUX.target}'"),
        ("layoutVersion", 2, "layoutVersion 2, and not 1"),
        ("entrypoint", "codex", "entrypoint 'codex', and not 'bin/codex'"),
        ("entrypoint", None, "entrypoint None, and not 'bin/codex'"),
    ],
)
def test_a_description_of_something_else_is_refused(
    tmp_path: Path, key: str, value: object, reason: str
) -> None:
    files = package(LINUX)
    description = json.loads(files[f"{VENDOR}/codex-package.json"].content)
    changed = json.dumps({**description, key: value}).encode()
    files[f"{VENDOR}/codex-package.json"] = File(changed, 0o644)

    assert refused(in_tarball(files, tmp_path)) == f"codex-package.json has {reason}"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_description_that_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    files = package(LINUX)
    files[f"{VENDOR}/codex-package.json"] = File(text, 0o644)

    assert refused(in_tarball(files, tmp_path)).startswith("codex-package.json ")


@pytest.mark.parametrize(
    "name",
    ["package/LICENSE", "package/vendor/extra", f"{VENDOR}/share/man.1", f"{VENDOR}/LICENSE"],
)
def test_content_that_nobody_has_decided_on_is_refused(tmp_path: Path, name: str) -> None:
    files = {name: File(b"new", 0o644), **package(LINUX)}

    assert "of which nobody has decided whether to ship it" in refused(in_tarball(files, tmp_path))


@pytest.mark.parametrize("name", ["/etc/passwd", f"{VENDOR}/bin/../../../../x", "codex"])
def test_a_path_out_of_the_package_is_refused(tmp_path: Path, name: str) -> None:
    files = {name: File(b"out"), **package(LINUX)}

    assert name.lstrip("/") in refused(in_tarball(files, tmp_path))


def test_a_file_that_comes_twice_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "codex.tgz"
    with tarfile.open(source, "w:gz") as archive:
        for _ in range(2):
            content = program(LINUX)
            member = tarfile.TarInfo(f"{VENDOR}/bin/codex")
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))

    assert refused(source) == "holds bin/codex twice"


def test_a_link_in_a_tarball_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "codex.tgz"
    with tarfile.open(source, "w:gz") as archive:
        member = tarfile.TarInfo(f"{VENDOR}/bin/codex")
        member.type, member.linkname = tarfile.SYMTYPE, "/bin/sh"
        archive.addfile(member)

    assert refused(source) == f"{VENDOR}/bin/codex is no plain file"


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    source = in_target_folder(package(LINUX), tmp_path)
    (source / "bin/also").symlink_to("codex")

    assert refused(source) == "bin/also is a link: expected files only"


def test_a_package_for_another_platform_is_refused(tmp_path: Path) -> None:
    files = package(MAC)

    assert refused(in_tarball(files, tmp_path)) == (
        f"is for {MAC.target}, and not for {LINUX.target}"
    )
    assert refused(in_folder(files, tmp_path)).startswith("is no package for linux-x64; looked for")


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    source = tmp_path / "nowhere"
    with pytest.raises(ReleaseError, match=re.escape(f"{source}: there is no such file or folder")):
        read_package(source, LINUX, RELEASE)
