"""The programs on the pages for users: they are Python, and what they import is there."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
PROGRAMS = {
    f"{page.name}-{number}": program
    for page in PAGES
    for number, program in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
}
OURS = ("openai_codex", "codex_app_server_rpc", "codex_app_server_types")


def test_there_are_programs_on_the_pages() -> None:
    pages = {name.partition("-")[0] for name in PROGRAMS}
    assert {"README.md", "approvals.md", "questions.md", "structured", "tools.md"} <= pages


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_python_and_what_it_imports_of_ours_is_there(name: str) -> None:
    for node in ast.walk(ast.parse(PROGRAMS[name])):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            module = import_module(node.module or "")
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
