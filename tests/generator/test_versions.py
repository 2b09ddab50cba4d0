"""A release's tag becomes the version of the packages, and what is no release is refused."""

from __future__ import annotations

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.versions import python_version, release_names
from packaging.version import Version

RELEASES = {
    "0.163.0": "0.163.0",
    "rust-v1.2.3": "1.2.3",
    "rust-v0.116.0-alpha.1": "0.116.0a1",
    "0.116.0-alpha.1": "0.116.0a1",
    "0.116.0-beta.2": "0.116.0b2",
    "0.116.0-rc.3": "0.116.0rc3",
    "1.2.3-alpha": "1.2.3a0",
    "1.2.3-alpha.1.2": "1.2.3a1.post2",
    "0.0.0-dev": "0.0.0.dev0",
    "0.0.0-dev.7": "0.0.0.dev7",
    "0.116.0a1": "0.116.0a1",
    "0.163.0.post1": "0.163.0.post1",
    "0.0.0.dev0": "0.0.0.dev0",
}

NO_RELEASES = [
    "",
    "latest",
    "main",
    "any",
    "1.2",
    "1.2.3.4",
    "v1.2.3",
    "rust-v1.2",
    "rust-v01.2.3",
    "rust-v1.2.3-gamma.1",
    "rust-v1.2.3-alpha.1.2.3",
    "rust-v1.2.3-alpha.x",
    "1.2.3-dev.4.5",
    "1.2.3a1.dev2",
    "1.2.3.post1.dev1",
    "1.2.3+local",
    "1!1.2.3",
    "1.2.3-1",
    "1.2.3a01",
    " 1.2.3",
    "1.2.3\n",
    "1.2.3; rm -rf /",
]


@pytest.mark.parametrize(("release", "version"), RELEASES.items())
def test_a_release_becomes_a_version_of_python(release: str, version: str) -> None:
    assert python_version(release) == version
    assert str(Version(version)) == version


@pytest.mark.parametrize("text", NO_RELEASES)
def test_what_is_no_release_is_refused_and_quoted(text: str) -> None:
    with pytest.raises(GeneratorError) as caught:
        python_version(text)

    assert str(caught.value).startswith(f"{text!r} is no release: ")


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("0.163.0", ("0.163.0",)),
        ("0.116.0a1", ("0.116.0-alpha.1",)),
        ("0.116.0b2", ("0.116.0-beta.2",)),
        ("0.116.0rc3", ("0.116.0-rc.3",)),
        ("0.163.0.post1", ("0.163.0",)),
        ("1.2.3a1.post2", ("1.2.3-alpha.1.2", "1.2.3-alpha.1")),
        ("0.0.0.dev0", ("0.0.0-dev.0", "0.0.0-dev", "0.0.0")),
        ("0.0.0.dev7", ("0.0.0-dev.7", "0.0.0")),
        ("0.116.0a0", ("0.116.0-alpha.0", "0.116.0-alpha")),
    ],
)
def test_a_version_names_the_release_that_its_program_reports(
    version: str, names: tuple[str, ...]
) -> None:
    assert release_names(version) == names


@pytest.mark.parametrize("release", [name for name in RELEASES if "-v" not in name and "-" in name])
def test_a_release_is_among_the_names_of_its_version(release: str) -> None:
    assert release in release_names(python_version(release))
