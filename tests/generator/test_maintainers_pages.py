"""What the maintainers' pages list is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from codex_generator.diagnostics import Kind

REPOSITORY = Path(__file__).parents[2]
PAGES = REPOSITORY / "docs/maintainers"


def section(page: str, heading: str) -> str:
    """Return the text of one section of a page."""
    text = (PAGES / page).read_text(encoding="utf-8")
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def test_the_diagnostics_that_are_told_are_those_that_there_are() -> None:
    told = re.findall(
        r"^\| `([a-z-]+)` \|", section("regenerating.md", "Diagnostics"), re.MULTILINE
    )
    assert told == [kind.value for kind in Kind]


def test_the_templates_that_are_told_are_those_that_there_are() -> None:
    templates = REPOSITORY / "generator/src/codex_generator/templates"
    rows = re.findall(r"^\| (`.*?) \|", section("regenerating.md", "How it works"), re.MULTILINE)
    told = re.findall(r"`(\w+)/`", " ".join(rows))
    assert sorted(told) == sorted(folder.name for folder in templates.iterdir())


def test_every_file_that_the_map_of_changes_names_is_there() -> None:
    rows = re.findall(
        r"^\| .* \|$", section("architecture.md", "Where to look when changing …"), re.M
    )
    names = re.findall(r"`([\w./…*-]+)`", " ".join(rows))
    assert len(names) > 30
    for name in names:
        assert found(name), name


def found(name: str) -> bool:
    """Tell whether a file or folder is there, wherever the page may mean it."""
    rpc, sdk = "packages/rpc/src/codex_app_server_rpc", "packages/sdk/src/openai_codex"
    path = name.replace("sdk/…", "sdk/src/openai_codex").rstrip("/")
    folders = ("", rpc, sdk, f"{sdk}/tools", "tests/rpc", "generator/src/codex_generator")
    return any(any((REPOSITORY / folder).glob(path)) for folder in folders)
