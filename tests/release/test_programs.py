"""A program's own header says what it is for, and it says itself which release it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.release.errors import ReleaseError
from codex_generator.release.platforms import PLATFORMS, Platform, host_platform
from codex_generator.release.programs import (
    ReleaseSearch,
    check_own_version,
    check_program,
    read_program,
)

from tests.release.stand_ins import LINUX, LINUX_ARM, program

HERE = host_platform()


def ids(platform: Platform) -> str:
    return platform.key


@pytest.mark.parametrize("platform", PLATFORMS, ids=ids)
def test_a_header_names_system_and_processor(platform: Platform) -> None:
    found = read_program(program(platform))

    assert found is not None
    assert (found.system, found.machine) == (platform.system, platform.machine)


@pytest.mark.parametrize("platform", PLATFORMS, ids=ids)
@pytest.mark.parametrize("other", PLATFORMS, ids=ids)
def test_a_program_is_good_for_its_own_platform_only(platform: Platform, other: Platform) -> None:
    if platform == other:
        check_program("bin/codex", program(platform), platform, dynamic=False)
        return

    with pytest.raises(ReleaseError) as caught:
        check_program("bin/codex", program(platform), other, dynamic=False)

    assert str(caught.value) == (
        f"bin/codex: expected a program for {other.system} on {other.machine}, and its header says "
        f"{platform.system} on {platform.machine}"
    )


@pytest.mark.parametrize("head", [b"", b"MZ", b"#!/bin/sh\n", b"/etc/passwd", bytes(5000)])
def test_what_is_no_native_program_is_refused(head: bytes) -> None:
    assert read_program(head) is None
    with pytest.raises(ReleaseError, match=r"bin/codex: .* it is no native program"):
        check_program("bin/codex", head, LINUX, dynamic=False)


def test_another_processor_than_ours_is_refused() -> None:
    riscv = bytearray(program(LINUX))
    riscv[18] = 0xF3

    with pytest.raises(ReleaseError, match="its header says linux on another processor"):
        check_program("bin/codex", bytes(riscv), LINUX, dynamic=False)


@pytest.mark.parametrize(("static", "linked"), [(True, "statically"), (False, "dynamically")])
def test_a_linux_program_is_linked_as_the_table_says(static: bool, linked: str) -> None:
    head = program(LINUX_ARM, static=static)
    check_program("codex-path/rg", head, LINUX_ARM, dynamic=not static)

    with pytest.raises(ReleaseError, match=f"codex-path/rg: is linked {linked}"):
        check_program("codex-path/rg", head, LINUX_ARM, dynamic=static)


def written(folder: Path, platform: Platform, release: str) -> Path:
    """Write a program of a release."""
    file = folder / "codex"
    file.write_bytes(program(platform, f"codex-cli {release}\n"))
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("0.163.0", "0.163.0"),
        ("0.163.0", "0.163.0.post1"),
        ("0.116.0-alpha.1", "0.116.0a1"),
        ("0.116.0-alpha", "0.116.0a0"),
        ("1.2.3-alpha.1.2", "1.2.3a1.post2"),
        ("0.0.0", "0.0.0.dev0"),
    ],
)
def test_a_program_for_this_machine_of_the_right_release_is_taken(
    tmp_path: Path, release: str, version: str
) -> None:
    assert HERE is not None
    check_own_version(written(tmp_path, HERE, release), version)


def test_a_program_for_this_machine_is_asked(tmp_path: Path) -> None:
    assert HERE is not None
    with pytest.raises(ReleaseError) as caught:
        check_own_version(written(tmp_path, HERE, "0.162.1"), "0.163.0")

    assert str(caught.value) == (
        "codex: version 0.163.0 wants release 0.163.0, and the program says it is 0.162.1"
    )


def test_a_program_for_this_machine_that_fails_is_quoted(tmp_path: Path) -> None:
    file = tmp_path / "codex"
    file.write_text("#!/bin/sh\necho out of ink >&2\nexit 3\n", encoding="utf-8")
    file.chmod(0o755)

    with pytest.raises(GeneratorError, match="exit code 3: out of ink"):
        check_own_version(file, "0.163.0")


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("codex 0.163.0 here", ("0.163.0",), True),
        ("x86_64 0.163.0enroll", ("0.163.0",), True),
        ("codex/0.163.0.", ("0.163.0",), True),
        ("0.163.0-alpha.3", ("0.163.0",), False),
        ("0.163.0.1", ("0.163.0",), False),
        ("0.163.01", ("0.163.0",), False),
        ("10.163.0", ("0.163.0",), False),
        ("1.0.163.0", ("0.163.0",), False),
        ("0x163y0", ("0.163.0",), False),
        ("10.163.0 and 0.163.0", ("0.163.0",), True),
        ("0.116.0-alpha.1", ("0.116.0-alpha.1",), True),
        ("0.116.0-alpha.12", ("0.116.0-alpha.1",), False),
        ("0.116.0-alpha.1", ("0.116.0-alpha.1.2", "0.116.0-alpha.1"), True),
        ("", ("0.163.0",), False),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_release_is_found_in_a_program_only_under_its_own_name(
    text: str, names: tuple[str, ...], found: bool, size: int
) -> None:
    search = ReleaseSearch(names)
    content = text.encode() + b" and so on"
    for start in range(0, len(content), size):
        search.feed(content[start : start + size])

    assert search.found is found
