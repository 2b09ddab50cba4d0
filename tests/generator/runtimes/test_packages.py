"""npm's packages, of today's layout and of the one before, become what wheels unpack to."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from pathlib import Path

import pytest
from codex_generator.diagnostics import GeneratorError
from codex_generator.runtimes.packages import came_from_index, unpack_package

from tests.generator.runtimes.published import HOST, VENDOR, package, script
from tests.release.stand_ins import File, tarball

NAME = "codex.exe" if sys.platform == "win32" else "codex"


def unpacked(site: Path) -> set[str]:
    files = (path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix() for path in files}


@pytest.mark.parametrize("folder", ["bin", "codex"])
def test_the_program_and_its_neighbours_have_one_place(tmp_path: Path, folder: str) -> None:
    file = package("0.131.0", tmp_path / "package.tgz", program=f"{VENDOR}/{folder}/{NAME}")

    unpack_package(file, HOST, "0.131.0", tmp_path / "site")

    assert unpacked(tmp_path / "site") == {
        "codex_cli_bin/__init__.py",
        "codex_cli_bin/py.typed",
        f"codex_cli_bin/bin/{NAME}",
        "codex_cli_bin/codex-resources/bwrap",
        "openai_codex_cli_bin-0.131.0.dist-info/METADATA",
    }


def test_programs_for_the_path_have_the_place_of_today(tmp_path: Path) -> None:
    files = {f"{VENDOR}/codex/{NAME}": File(b"program"), f"{VENDOR}/path/rg": File(b"search")}

    unpack_package(tarball(files, tmp_path / "x.tgz"), HOST, "0.131.0", tmp_path / "site")

    assert "codex_cli_bin/codex-path/rg" in unpacked(tmp_path / "site")


def test_it_can_be_imported(tmp_path: Path) -> None:
    file = package("0.201.0", tmp_path / "package.tgz", program=f"{VENDOR}/bin/{NAME}")
    unpack_package(file, HOST, "0.201.0", tmp_path / "site")
    module = tmp_path / "site/codex_cli_bin/__init__.py"

    spec = importlib.util.spec_from_file_location("runtime_under_test", module)
    assert spec is not None
    assert spec.loader is not None
    imported = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(imported)

    assert imported.bundled_codex_path() == module.parent / "bin" / NAME
    [found] = importlib.metadata.distributions(path=[str(tmp_path / "site")])
    assert (found.metadata["Name"], found.version) == ("openai-codex-cli-bin", "0.201.0")


def test_what_may_be_run_may_be_run_afterwards(tmp_path: Path) -> None:
    files = {
        f"{VENDOR}/bin/{NAME}": File(b"program", 0o755),
        f"{VENDOR}/codex-package.json": File(b"{}", 0o644),
    }
    unpack_package(tarball(files, tmp_path / "x.tgz"), HOST, "0.201.0", tmp_path / "site")

    package = tmp_path / "site/codex_cli_bin"
    assert (package / "bin" / NAME).stat().st_mode & 0o777 in (0o755, 0o777)
    if sys.platform != "win32":
        assert (package / "codex-package.json").stat().st_mode & 0o777 == 0o644


def test_a_package_for_another_platform_is_refused(tmp_path: Path) -> None:
    files = {"package/vendor/riscv/bin/codex": File(script("0.201.0").encode())}

    with pytest.raises(GeneratorError, match=f"holds nothing for {HOST.target}"):
        unpack_package(tarball(files, tmp_path / "x.tgz"), HOST, "0.201.0", tmp_path / "site")


def test_a_package_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    files = {f"{VENDOR}/bin/../../../../../escaped": File(b"")}

    with pytest.raises(GeneratorError, match="leads out of the package"):
        unpack_package(tarball(files, tmp_path / "x.tgz"), HOST, "0.201.0", tmp_path / "site")

    assert not (tmp_path / "escaped").exists()


def test_a_package_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    file = package("0.201.0", tmp_path / "package.tgz")
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(GeneratorError, match="is damaged or cut off"):
        unpack_package(file, HOST, "0.201.0", tmp_path / "site")


def test_what_pip_has_installed_came_from_the_index(tmp_path: Path) -> None:
    file = package("0.201.0", tmp_path / "package.tgz", program=f"{VENDOR}/bin/{NAME}")
    site = tmp_path / "site"
    unpack_package(file, HOST, "0.201.0", site)
    assert not came_from_index(site)

    (site / "openai_codex_cli_bin-0.201.0.dist-info/RECORD").touch()
    assert came_from_index(site)
