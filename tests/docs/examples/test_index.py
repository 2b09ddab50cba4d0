"""The page of the examples has all of them, and says of each what it says of itself."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.docs.examples.scene import EXAMPLES
from tests.docs.examples.scenes import ASYNC, SCENES

if TYPE_CHECKING:
    from pathlib import Path

INDEX = (EXAMPLES / "index.md").read_text(encoding="utf-8")
PROGRAMS = sorted(EXAMPLES.glob("*.py"))
ROW = re.compile(
    r"^\| \[(?P<title>.+?)\]\(#(?P<place>.+?)\) \| (?P<shows>.+) \| (?P<links>.+) \|$", re.M
)


def subject_of(program: Path) -> str:
    return program.stem.removeprefix("test_").removesuffix(ASYNC)


def rows() -> dict[str, re.Match[str]]:
    """Find the rows of the table, by subject."""
    return {links_of(row)[0].removesuffix(".py"): row for row in ROW.finditer(INDEX)}


def links_of(row: re.Match[str]) -> list[str]:
    links: list[tuple[str, str]] = re.findall(r"\[`(.+?)`\]\((.+?)\)", row["links"])
    assert all(shown == target for shown, target in links)
    return [target for _, target in links]


def test_every_example_has_a_row_and_every_row_its_examples() -> None:
    linked = [name for row in rows().values() for name in links_of(row)]

    assert sorted(linked) == [program.name for program in PROGRAMS]
    assert set(rows()) == {subject_of(program) for program in PROGRAMS}


def test_the_page_shows_every_example_once() -> None:
    shown: list[str] = re.findall(r'^    --8<-- "examples/(.+?)"$', INDEX, re.M)

    assert sorted(shown) == [program.name for program in PROGRAMS]


@pytest.mark.parametrize("subject", list(rows()))
def test_a_row_leads_to_the_section_of_its_title(subject: str) -> None:
    row = rows()[subject]
    section = INDEX.partition(f"\n### {row['title']}\n")[2].partition("\n## ")[0]

    assert re.sub(r"[^\w-]", "", row["title"].lower().replace(" ", "-")) == row["place"]
    assert f'--8<-- "examples/{subject}.py"' in section.partition("\n### ")[0]
    assert f'--8<-- "examples/{subject}{ASYNC}.py"' in section.partition("\n### ")[0]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_an_example_says_what_it_shows_and_how_to_run_it(program: Path) -> None:
    text = ast.get_docstring(ast.parse(program.read_text(encoding="utf-8"))) or ""
    shows, _, rest = inspect.cleandoc(text).partition("\n\n")

    assert f"docs/examples/{program.name}" in rest
    if not program.stem.startswith("test_"):
        first = rows()[subject_of(program)]["shows"].removesuffix(".")
        assert " ".join(shows.split()).startswith(first)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_an_example_is_of_a_size_to_be_read_and_hides_no_module(program: Path) -> None:
    lines = program.read_text(encoding="utf-8").count("\n")

    assert 15 <= lines <= 80
    assert program.stem not in sys.stdlib_module_names


def test_every_scene_has_its_example() -> None:
    assert set(SCENES) == {subject_of(program) for program in PROGRAMS}
