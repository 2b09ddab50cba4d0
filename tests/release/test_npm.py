"""Platform packages come by the real npm client, and are what was published or are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_generator.release.errors import ReleaseError
from codex_generator.release.npm import fetch, integrity
from codex_generator.release.packages import read_package

from tests.release.registry import Registry, asked_by_npm, serve
from tests.release.stand_ins import LINUX, MAC, RELEASE, File, package, tarball

SPEC = f"@openai/codex@{RELEASE}-linux-x64"
VERSION = f"{RELEASE}-linux-x64"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The tarball that the registry has."""
    return tarball(package(LINUX), tmp_path / "published.tgz")


@pytest.fixture
def registry(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Registry]:
    """A registry that npm asks in this test, with the package for Linux."""
    found = Registry({VERSION: published})
    with asked_by_npm(found, tmp_path, monkeypatch):
        yield found


class Counter:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.total = 0
        self.count = 0

    def expect(self, total: int) -> None:
        self.total = total

    def add(self, count: int) -> None:
        self.count += count


def downloads(registry: Registry) -> list[str]:
    return [path for path in registry.asked if path.startswith("/files/")]


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_package_is_fetched_as_it_was_published(
    registry: Registry, published: Path, tmp_path: Path
) -> None:
    meter = Counter()

    found = fetch(LINUX, [RELEASE], tmp_path / "packages", meter)

    assert found.name == f"openai-codex-{RELEASE}-linux-x64.tgz"
    assert found.read_bytes() == published.read_bytes()
    assert read_package(found, LINUX, RELEASE)
    assert left(found.parent) == {found.name}
    assert meter.total == 380


def test_a_registry_need_not_say_how_large_a_package_is(
    registry: Registry, published: Path, tmp_path: Path
) -> None:
    registry.sizes = False
    meter = Counter()

    assert (
        fetch(LINUX, [RELEASE], tmp_path / "packages", meter).read_bytes() == published.read_bytes()
    )
    assert meter.total == 0


def test_a_package_that_is_there_is_not_fetched_again(registry: Registry, tmp_path: Path) -> None:
    first = fetch(LINUX, [RELEASE], tmp_path / "packages")

    assert fetch(LINUX, [RELEASE], tmp_path / "packages") == first
    assert len(downloads(registry)) == 1


def test_a_package_that_was_published_anew_is_fetched_again(
    registry: Registry, published: Path, tmp_path: Path
) -> None:
    fetch(LINUX, [RELEASE], tmp_path / "packages")
    tarball({**package(LINUX), "package/more": File(b"")}, published)

    found = fetch(LINUX, [RELEASE], tmp_path / "packages")

    assert found.read_bytes() == published.read_bytes()
    assert len(downloads(registry)) == 2


def test_the_first_name_that_there_is_is_taken(registry: Registry, tmp_path: Path) -> None:
    found = fetch(LINUX, [f"{RELEASE}-alpha.1", RELEASE], tmp_path / "packages")

    assert found.name == f"openai-codex-{RELEASE}-linux-x64.tgz"


def test_a_package_that_was_damaged_since_is_fetched_again(
    registry: Registry, published: Path, tmp_path: Path
) -> None:
    found = fetch(LINUX, [RELEASE], tmp_path / "packages")
    found.write_bytes(found.read_bytes()[:-1])

    assert fetch(LINUX, [RELEASE], tmp_path / "packages").read_bytes() == published.read_bytes()
    assert len(downloads(registry)) == 2


def test_a_package_that_is_not_what_was_published_is_refused(
    registry: Registry, tmp_path: Path
) -> None:
    other = tarball(package(MAC), tmp_path / "other.tgz")
    registry.integrities[VERSION] = integrity(other)

    with pytest.raises(ReleaseError, match=rf"npm pack {SPEC}: .*EINTEGRITY"):
        fetch(LINUX, [RELEASE], tmp_path / "packages")

    assert left(tmp_path / "packages") == set()


def test_a_package_that_was_published_without_a_sha512_is_refused(
    registry: Registry, tmp_path: Path
) -> None:
    registry.integrities[VERSION] = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="

    with pytest.raises(ReleaseError, match=f"{SPEC}: was published without a SHA-512: sha1-"):
        fetch(LINUX, [RELEASE], tmp_path / "packages")

    assert downloads(registry) == []


def test_a_download_that_breaks_off_is_refused(registry: Registry, tmp_path: Path) -> None:
    registry.send = 100

    with pytest.raises(ReleaseError, match=f"npm pack {SPEC}: "):
        fetch(LINUX, [RELEASE], tmp_path / "packages")

    assert left(tmp_path / "packages") == set()


@pytest.mark.parametrize("release", ["0.163.99", "latest"])
def test_a_release_that_is_not_there_is_refused(
    registry: Registry, tmp_path: Path, release: str
) -> None:
    with pytest.raises(ReleaseError, match=f"npm has no version {release}-linux-x64"):
        fetch(LINUX, [release], tmp_path / "packages")

    assert left(tmp_path / "packages") == set()


def test_a_registry_that_is_out_of_reach_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serve(Registry({})) as address:
        pass
    monkeypatch.setenv("npm_config_registry", address)
    monkeypatch.setenv("npm_config_fetch_retries", "0")

    with pytest.raises(ReleaseError, match=f"npm view {SPEC}: .*ECONNREFUSED"):
        fetch(LINUX, [RELEASE], tmp_path / "packages")
