"""Importing the package is cheap: a name is loaded when it is first touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import codex_app_server_types as types
import pytest

MODULES = sorted(
    path.stem for path in Path(str(types.__file__)).parent.glob("*.py") if path.stem != "__init__"
)


def run(program: str) -> str:
    """Run a program in an interpreter that has imported nothing yet."""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def loaded_after(statement: str) -> set[str]:
    """Return the modules that are loaded after a statement."""
    return set(run(f"import sys\n{statement}\nprint(*sys.modules)").split())


def of_package(modules: set[str]) -> set[str]:
    return {
        name.rpartition(".")[2] for name in modules if name.startswith("codex_app_server_types.")
    }


def test_importing_the_package_loads_neither_pydantic_nor_a_module_of_it() -> None:
    loaded = loaded_after("import codex_app_server_types")

    assert loaded.isdisjoint({"pydantic", "pydantic_core", "typing_extensions"})
    assert of_package(loaded) == set()


def test_touching_unset_does_not_load_pydantic() -> None:
    assert "pydantic" not in loaded_after("from codex_app_server_types import UNSET")


def test_touching_an_enum_does_not_load_other_domains() -> None:
    loaded = of_package(loaded_after("from codex_app_server_types import TurnStatus"))

    assert {name for name in loaded if not name.startswith("_")} <= {"items", "shared"}


@pytest.mark.parametrize(
    ("name", "domain"), [("FsRemoveParams", "fs"), ("SkillsListParams", "skills")]
)
def test_touching_a_type_loads_its_domain_and_no_other(name: str, domain: str) -> None:
    loaded = of_package(loaded_after(f"from codex_app_server_types import {name}"))

    assert domain in loaded
    assert {each for each in loaded if not each.startswith("_")} <= {"items", "shared", domain}


def test_touching_a_type_builds_no_validator() -> None:
    program = """
        from codex_app_server_types import ThreadStartParams, Turn
        print(ThreadStartParams.__pydantic_complete__, Turn.__pydantic_complete__)
    """

    assert run("\n".join(map(str.strip, program.splitlines()))).split() == ["False", "False"]


def test_dir_lists_every_name_before_any_is_loaded() -> None:
    listed = run("import codex_app_server_types as t; print(*dir(t))").split()

    assert set(types.__all__) <= set(listed)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="NoSuchType"):
        _ = types.NoSuchType  # type: ignore[attr-defined]  # what this test is about


def test_an_unknown_name_is_an_import_error() -> None:
    assert run(
        "try:\n    from codex_app_server_types import NoSuchType\n"
        "except ImportError as error:\n    print(error)"
    ).startswith("cannot import name 'NoSuchType'")


def test_a_star_import_brings_every_name() -> None:
    program = "from codex_app_server_types import *; print(*globals())"

    assert set(types.__all__) <= set(run(program).split())


def test_a_name_is_looked_up_once() -> None:
    assert types.TurnStatus is types.TurnStatus
    assert "TurnStatus" in vars(types)


def test_every_module_can_be_the_first_to_be_imported() -> None:
    program = f"""
import sys
from importlib import import_module
for name in {MODULES!r}:
    for loaded in [each for each in sys.modules if each.startswith("codex_app_server_types")]:
        del sys.modules[loaded]
    import_module(f"codex_app_server_types.{{name}}")
    print(name)
"""

    assert run(program).split() == MODULES
