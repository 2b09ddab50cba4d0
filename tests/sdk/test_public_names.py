"""What can be imported, and what importing costs."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import codex_app_server_rpc
import openai_codex
import openai_codex.errors
import openai_codex.testing
import openai_codex.types
import pytest

PACKAGES = [openai_codex, openai_codex.testing, openai_codex.types, codex_app_server_rpc]


@pytest.mark.parametrize("module", PACKAGES, ids=lambda module: module.__name__)
def test_every_public_name_can_be_loaded(module: ModuleType) -> None:
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("module", PACKAGES, ids=lambda module: module.__name__)
def test_what_checkers_see_is_what_can_be_loaded(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    [checked] = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    imports = [node for node in checked.body if isinstance(node, ast.ImportFrom)]
    seen = {
        alias.name: node.module
        for node in imports
        for alias in node.names
        if node.module not in (None, "typing", module.__name__)
    }

    assert set(module.__all__) - {"__version__", "JsonObject"} == set(seen)
    for name, home in seen.items():
        assert getattr(import_module(home), name) is getattr(module, name)


def printed_by(program: str) -> str:
    """Run a program in a process of its own, and give what it prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_public_modules_can_be_reached_without_an_import_of_their_own() -> None:
    program = (
        "import openai_codex as package\n"
        "names = ['errors', 'testing', 'types']\n"
        "homes = [getattr(package, name).__name__ for name in names]\n"
        "print(homes, set(names) <= set(dir(package)))"
    )

    homes = ["openai_codex.errors", "openai_codex.testing", "openai_codex.types"]
    assert printed_by(program) == f"{homes} True"


@pytest.mark.parametrize("module", PACKAGES, ids=lambda module: module.__name__)
def test_an_unknown_name_is_an_attribute_error(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no attribute 'Codexx'"):
        _ = module.Codexx


def test_importing_builds_nothing() -> None:
    program = (
        "import sys, openai_codex\n"
        "heavy = {'pydantic', 'pydantic_core', 'asyncio', 'codex_app_server_rpc.client'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    assert printed_by(program) == "[]"


def test_the_version_is_that_of_the_runtime() -> None:
    manifest = Path(__file__).parents[2] / "schema" / "manifest.json"
    version = json.loads(manifest.read_text(encoding="utf-8"))["version"]

    assert openai_codex.__version__ == version
    assert openai_codex.CodexConfig().client_version == openai_codex.__version__


def drawn_tree(text: str) -> dict[str, str]:
    """Read the tree that is drawn in a text: class name -> name of its base."""
    bases: dict[str, str] = {}
    path: list[str] = []
    margin = 0
    for line in text.splitlines():
        words = line.replace("│", " ").replace("├──", "   ").replace("└──", "   ")
        name = words.split()[0] if words.split() else ""
        if not name.endswith("Error"):
            continue
        indent = len(words) - len(words.lstrip())
        margin = margin if bases else indent
        depth = (indent - margin) // 4
        path[depth:] = [name]
        bases[name] = path[depth - 1] if depth else "Exception"
    return bases


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    module = openai_codex.errors
    real = {name: getattr(module, name).__bases__[0].__name__ for name in module.__all__}

    page = Path(__file__).parents[2] / "docs" / "concepts" / "errors.md"
    assert drawn_tree(inspect.getdoc(module) or "") == real
    assert drawn_tree(page.read_text(encoding="utf-8")) == real
    assert {name for name in openai_codex.__all__ if name.endswith("Error")} == set(real)
