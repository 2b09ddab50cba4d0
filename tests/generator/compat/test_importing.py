"""Importing everything finds what cannot be imported, is not there, or comes from elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from codex_generator.compat.importing import main

LAZY = """\
__all__ = ["here", "gone"]

def __getattr__(name):
    if name == "here":
        return 1
    raise AttributeError(name)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that can be imported, with a module, a package below, and a program."""
    folder = tmp_path / "copy" / "some_package"
    for name in ("__init__.py", "module.py", "below/__init__.py", "below/deep.py"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (folder / "__main__.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.setattr("sys.path", [str(folder.parent), *sys.path])
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
        del sys.modules[name]


def faults(package: Path, root: Path | None = None) -> list[str]:
    """Import it, and return what is told in the end."""
    with pytest.raises(SystemExit) as ended:
        main(root or package.parent, [package.name])
    return str(ended.value.code).splitlines()


def test_every_module_is_imported_but_programs(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(package.parent, [package.name])

    assert capsys.readouterr().out == "4 modules\n"


def test_a_module_that_cannot_be_imported_is_told_and_the_others_are_still_looked_at(
    package: Path,
) -> None:
    (package / "below/__init__.py").write_text("import no_such_module\n", encoding="utf-8")
    (package / "module.py").write_text("1 / 0\n", encoding="utf-8")

    assert faults(package) == [
        "some_package.below: ModuleNotFoundError: No module named 'no_such_module'",
        "some_package.module: ZeroDivisionError: division by zero",
    ]


def test_a_package_that_cannot_be_imported_is_told(package: Path) -> None:
    (package / "__init__.py").write_text("import no_such_module\n", encoding="utf-8")

    assert faults(package) == [
        "some_package: ModuleNotFoundError: No module named 'no_such_module'"
    ]


def test_a_name_that_is_loaded_when_touched_has_to_be_there(package: Path) -> None:
    (package / "__init__.py").write_text(LAZY, encoding="utf-8")

    assert faults(package) == ["some_package: gone: AttributeError: gone"]


def test_what_comes_from_elsewhere_is_told(package: Path, tmp_path: Path) -> None:
    [first, *_] = faults(package, tmp_path / "other")

    assert first == f"some_package: comes from {package / '__init__.py'}"
