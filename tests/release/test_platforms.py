"""One table says which wheels there are; everything else follows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from codex_generator.release.errors import ReleaseError
from codex_generator.release.platforms import (
    PLATFORMS,
    TAGS,
    host_platform,
    platform_named,
    platform_of,
)

ROOT = Path(__file__).parents[2]


def test_there_are_eight_wheels() -> None:
    assert sorted(TAGS) == [
        "macosx_10_9_x86_64",
        "macosx_11_0_arm64",
        "manylinux_2_17_aarch64",
        "manylinux_2_17_x86_64",
        "musllinux_1_1_aarch64",
        "musllinux_1_1_x86_64",
        "win_amd64",
        "win_arm64",
    ]


def test_the_keys_are_those_of_the_npm_packages() -> None:
    systems, machines = ("linux", "darwin", "win32"), ("x64", "arm64")
    expected = [f"{system}-{machine}" for system in systems for machine in machines]
    assert [platform.key for platform in PLATFORMS] == expected


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_leads_to_its_platform(tag: str) -> None:
    assert tag in platform_of(tag).tags


@pytest.mark.parametrize("tag", ["any", "", "linux_x86_64", "manylinux_2_17_x86_64 "])
def test_any_other_tag_is_refused(tag: str) -> None:
    with pytest.raises(ReleaseError, match=re.escape(f"the platform tag {tag!r}: expected many")):
        platform_of(tag)


def test_a_platform_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ReleaseError, match=r"no platform 'linux-x86': expected host, linux-x64,"):
        platform_named("linux-x86")


def test_the_host_is_the_platform_that_it_names() -> None:
    here = host_platform()
    assert here is not None
    assert platform_named("host") == here


def test_only_a_wheel_for_musl_leaves_out_what_needs_glibc() -> None:
    left_out = {tag: platform_of(tag).left_out(tag) for tag in TAGS}
    assert {tag: paths for tag, paths in left_out.items() if paths} == {
        "musllinux_1_1_aarch64": ("codex-path/rg",)
    }


@pytest.mark.parametrize("tag", TAGS)
def test_the_readme_of_the_runtime_tells_of_every_wheel(tag: str) -> None:
    text = (ROOT / "packages/runtime/README.md").read_text(encoding="utf-8")
    platform = platform_of(tag)
    assert (
        f"| `py3-none-{tag}` | `@openai/codex@RELEASE-{platform.key}` | `{platform.target}` |"
    ) in text
