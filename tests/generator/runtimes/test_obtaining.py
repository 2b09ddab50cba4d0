"""A runtime comes from the index, else from npm, once; and what is not right leaves nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_generator.cli import main
from codex_generator.diagnostics import GeneratorError
from codex_generator.runtimes.errors import (
    NoNetworkError,
    NotTheRuntimeError,
    UnknownVersionError,
)
from codex_generator.runtimes.obtaining import obtain
from codex_generator.runtimes.store import Store

from tests.generator.runtimes.published import (
    HOST,
    package,
    program,
    script,
    take_for_index,
    wheel,
)
from tests.release.registry import Registry, asked_by_npm

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runtime here is a script")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of wheels that pip takes for the index in this test."""
    folder = tmp_path / "index"
    take_for_index(folder, monkeypatch)
    return folder


@pytest.fixture
def registry(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """The registry that npm asks in this test, which has two releases."""
    found = Registry({}, latest="0.200.0-alpha.3")
    for release in ("0.201.0", "0.200.0-alpha.3"):
        publish(registry=found, release=release, tarball=package(release, tmp_path / release))
    with asked_by_npm(found, tmp_path, monkeypatch):
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def publish(registry: Registry, release: str, tarball: Path) -> None:
    """Have a registry offer the package of a release, beside the one that starts it."""
    both = {release: tarball, f"{release}-{HOST.key}": tarball}
    registry.tarballs = {**registry.tarballs, **both}


def kept(store: Store) -> set[str]:
    return {path.name for path in store.folder.iterdir()} if store.folder.exists() else set()


def test_the_wheel_of_the_index_comes_first(registry: Registry, index: Path, store: Store) -> None:
    wheel("0.201.0", index)

    found = obtain("0.201.0", store)

    assert (found.version, found.origin) == ("0.201.0", "the Python index")
    assert found.program == store.folder / "runtime-0.201.0/codex_cli_bin/bin/codex"
    assert registry.asked == []


def test_what_the_index_has_not_comes_from_npm(registry: Registry, store: Store) -> None:
    found = obtain("latest", store)

    assert (found.version, found.origin) == ("0.200.0a3", "npm")
    assert kept(store) == {"runtime-0.200.0a3"}


def test_a_wheel_that_is_damaged_is_not_made_good_from_npm(
    registry: Registry, index: Path, store: Store
) -> None:
    wheel("0.201.0", index)
    (damaged,) = index.iterdir()
    damaged.write_bytes(damaged.read_bytes()[:100])

    with pytest.raises(GeneratorError, match=r"pip install: exit code 1: .*is invalid"):
        obtain("0.201.0", store)

    assert kept(store) == set()


def test_the_command_says_where_the_program_is(
    registry: Registry, index: Path, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel("0.201.0", index)

    assert main(["--runtimes", str(store.folder), "fetch", "rust-v0.201.0"]) == 0

    said = capsys.readouterr()
    assert said.out == f"{store.folder / 'runtime-0.201.0/codex_cli_bin/bin/codex'}\n"
    assert said.err.strip() == "runtime 0.201.0: looking for it on the Python index"


def test_what_is_kept_below_the_current_folder_is_found_from_elsewhere(
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wheel("0.201.0", index)
    monkeypatch.chdir(tmp_path)

    assert main(["--runtimes", "kept", "fetch", "0.201.0"]) == 0

    assert Path(capsys.readouterr().out.strip()) == Store(tmp_path / "kept").site_of(
        "0.201.0"
    ).joinpath("codex_cli_bin/bin/codex")


def test_a_program_is_taken_where_it_is(store: Store, tmp_path: Path) -> None:
    file = program(tmp_path, script("0.202.0"))

    found = obtain(str(file), store)

    assert (found.version, found.program, found.site) == ("0.202.0", file, None)
    assert kept(store) == set()


def test_what_is_nothing_at_all_is_told(store: Store) -> None:
    with pytest.raises(NotTheRuntimeError, match=r"^main: there is no such runtime: it is neither"):
        obtain("main", store)


def test_of_a_version_that_there_is_not_the_nearest_are_named(
    registry: Registry, store: Store
) -> None:
    with pytest.raises(UnknownVersionError) as caught:
        obtain("0.200.0", store)

    assert str(caught.value) == (
        f"there is no runtime 0.200.0 for {HOST.key}: the nearest are 0.201.0"
    )
    assert kept(store) == set()


@pytest.mark.parametrize("wanted", ["0.201.0", "latest"])
def test_without_a_network_it_says_so_and_nothing_else(
    index: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    with asked_by_npm(Registry({}), tmp_path, monkeypatch):
        pass  # whoever listened there listens no more

    with pytest.raises(NoNetworkError, match=r"^no network: npm's registry cannot be reached$"):
        obtain(wanted, store)

    assert kept(store) == set()


def test_what_fetches_is_missing_without_the_extra(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "codex_generator.runtimes.fetching", None)

    with pytest.raises(GeneratorError, match=r"an extra: pip install './generator\[release\]'$"):
        obtain("0.201.0", store)
